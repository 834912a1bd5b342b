/** How the launcher looks. The site's theme gives the custom properties, which the other modules use as well. */

export const css =
  ".launcher{position:fixed;bottom:16px;font:600 16px/1.4 var(--font,system-ui,sans-serif);min-height:44px;\
padding:8px 18px;border:1px solid #0000;border-radius:var(--radius,12px);cursor:pointer;\
background:var(--accent,#1f5fa8);color:var(--on_accent,#fff);box-shadow:0 4px 24px #0003}\
.bottom_end{inset-inline-end:16px}.bottom_start{inset-inline-start:16px}\
:focus-visible{outline:3px solid var(--accent,#1f5fa8);outline-offset:2px}\
@media print{*{display:none!important}}";

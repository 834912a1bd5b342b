/**
 * How the one element and the launcher look. What is important inside goes before all that a shop's page says, important or
 * not (CSS Cascading 5, 6.1). The server always gives all custom properties of the site's theme.
 */

export const css =
  ":host{all:initial!important;display:block!important;position:fixed!important;\
z-index:2147483647!important;color-scheme:inherit!important}\
.launcher{position:fixed;bottom:16px;font:600 16px/1.4 var(--font);min-height:44px;\
padding:8px 18px;border:1px solid #0000;border-radius:var(--radius);cursor:pointer;\
background:var(--accent);color:var(--on_accent);box-shadow:0 4px 24px #0003}\
.bottom_end{inset-inline-end:16px}.bottom_start{inset-inline-start:16px}\
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}\
@media print{*{display:none!important}}";

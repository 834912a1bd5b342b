/** How an invitation looks. The site's theme gives the custom properties. */

export const css = `
section {
  position: fixed;
  pointer-events: auto;
  box-sizing: border-box;
  display: flex;
  flex-direction: column;
  gap: 12px;
  inset-inline-end: 16px;
  width: min(22rem, 100vw - 32px);
  max-height: max(30vh, 9rem);
  padding: 16px;
  font: 16px/1.4 var(--font, system-ui, sans-serif);
  background: var(--background, #fff);
  color: var(--text, #1b2430);
  border: 1px solid var(--border, #7a8694);
  border-radius: var(--radius, 12px);
  box-shadow: 0 4px 24px #0003;
}
section.top { inset-inline: 16px; width: auto; }
p { margin: 0; overflow: auto; min-height: 1lh; }
div { display: flex; flex-wrap: wrap; gap: 8px; flex-shrink: 0; }
button {
  flex: auto;
  min-height: 44px;
  padding: 4px 18px;
  font: inherit;
  font-weight: 600;
  cursor: pointer;
  border: 1px solid transparent;
  border-radius: var(--radius, 12px);
  background: var(--accent, #1f5fa8);
  color: var(--on_accent, #fff);
}
button + button { background: none; color: inherit; border-color: var(--border, #7a8694); }
:focus-visible { outline: 3px solid var(--accent, #1f5fa8); outline-offset: 2px; }
@media (prefers-reduced-motion: no-preference) {
  section { animation: appear 0.2s; }
  @keyframes appear { from { opacity: 0; } }
}
@media print { section { display: none; } }
`;

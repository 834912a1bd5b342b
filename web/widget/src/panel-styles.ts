/** The panel's own look: a card in the corner, on a small screen the whole of it; and the ten themed colours mixed. */

import { css } from "lit";

export const panelStyles = css`
  :host {
    all: initial;
    --card: var(--ringback-background);
    --paper: var(--ringback-background);
    --sunk: var(--ringback-surface);
    --ink: var(--ringback-text);
    --ink-soft: var(--ringback-muted);
    --control: var(--ringback-border);
    --line: color-mix(in srgb, var(--ringback-border) 35%, var(--ringback-background));
    --brand: var(--ringback-accent);
    --call: var(--ringback-accent);
    --call-ink: var(--ringback-on-accent);
    --call-soft: color-mix(in srgb, var(--ringback-accent) 12%, var(--ringback-background));
    --stop: var(--ringback-danger);
    --stop-ink: var(--ringback-background);
    --stop-soft: color-mix(in srgb, var(--ringback-danger) 8%, var(--ringback-background));
    --amber: light-dark(#b06a00, #ffbf57);
    --amber-soft: color-mix(in srgb, var(--amber) 15%, var(--ringback-background));
    --sky: var(--ringback-accent);
    --focus: var(--ringback-accent);
    --radius: var(--ringback-radius);
    --font: var(--ringback-font);
    position: fixed;
    inset-block-end: max(1rem, env(safe-area-inset-bottom));
    inset-inline-end: max(1rem, env(safe-area-inset-right));
    z-index: 2147483647;
    display: grid;
    justify-items: end;
    gap: 0.75rem;
    width: min(25rem, calc(100vw - 2rem));
    max-height: calc(var(--ringback-height, 100dvh) - 2rem);
    pointer-events: none;
    color: var(--ink);
    font: 400 1rem / 1.5 var(--font);
    -webkit-text-size-adjust: 100%;
  }
  :host > * {
    pointer-events: auto;
  }
  .panel,
  ringback-push,
  ringback-shown {
    width: 100%;
    border-radius: calc(var(--radius) * 1.3);
    background: var(--card);
    box-shadow:
      0 0 0 1px var(--line),
      0 12px 48px rgb(0 0 0 / 0.28);
  }
  .panel {
    display: grid;
    grid-template-rows: auto minmax(0, 1fr);
    max-height: calc(var(--ringback-height, 100dvh) - 2rem);
    overflow: hidden;
    animation: rise 0.18s ease-out;
  }
  header {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 1rem;
    padding: 0.6rem 1.25rem;
    padding-inline-end: 0.6rem;
    border-block-end: 1px solid var(--line);
  }
  hgroup {
    min-width: 0;
  }
  hgroup p {
    color: var(--ink-soft);
    font-size: 0.875rem;
    line-height: 1.3;
  }
  h2 {
    font-size: 1.2rem;
    overflow-wrap: anywhere;
  }
  /* It has the focus where the panel opens, and is nothing to press. */
  h2:focus-visible {
    outline: none;
  }
  .close {
    flex: none;
    display: grid;
    place-items: center;
    width: 2.75rem;
    height: 2.75rem;
    border: 0;
    border-radius: 50%;
    background: transparent;
    cursor: pointer;
  }
  .close:hover {
    background: var(--sunk);
  }
  .close svg {
    width: 1.4rem;
    height: 1.4rem;
  }
  .body {
    display: grid;
    align-content: start;
    gap: 1rem;
    padding: 1rem 1.25rem 1.25rem;
    overflow-y: auto;
    overscroll-behavior: contain;
    scroll-padding: 1rem;
  }
  .body ringback-push,
  .body ringback-shown {
    box-shadow: none;
  }
  .lead {
    color: var(--ink-soft);
    text-wrap: pretty;
  }
  .notice {
    padding: 0.7rem 0.9rem;
    border-radius: var(--radius);
    background: var(--amber-soft);
  }
  fieldset {
    display: grid;
    grid-auto-flow: column;
    grid-auto-columns: auto;
    gap: 4px;
    min-width: 0;
    margin: 0;
    padding: 4px;
    border: 0;
    border-radius: 999px;
    background: var(--sunk);
  }
  .way {
    position: relative;
    display: flex;
    align-items: center;
    justify-content: center;
    gap: 0.5rem;
    min-height: 2.75rem;
    padding: 0 0.5rem;
    border-radius: 999px;
    font-weight: 650;
    line-height: 1.2;
    color: var(--ink-soft);
    cursor: pointer;
  }
  .way:has(:checked) {
    background: var(--card);
    color: var(--ink);
    box-shadow: 0 0 0 1.5px var(--control);
  }
  .way:has(:focus-visible) {
    outline: 3px solid var(--focus);
    outline-offset: 2px;
  }
  .way input {
    position: absolute;
    inset: 0;
    margin: 0;
    opacity: 0;
    cursor: pointer;
  }
  .way svg {
    flex: none;
    width: 1.25rem;
    height: 1.25rem;
  }
  .pill {
    max-width: 100%;
    line-height: 1.35;
    box-shadow: 0 8px 30px rgb(0 0 0 / 0.3);
    font-variant-numeric: tabular-nums;
  }
  @keyframes rise {
    from {
      transform: translateY(1rem);
      opacity: 0;
    }
  }
  @media (max-width: 30rem) {
    :host {
      width: calc(100vw - 1rem);
      inset-inline-end: 0.5rem;
      inset-block-end: max(0.5rem, env(safe-area-inset-bottom));
    }
    .panel {
      max-height: calc(var(--ringback-height, 100dvh) - 1rem);
    }
  }
  /* Wide letters in a narrow column, as at 400 % zoom. */
  @media (max-width: 22rem) {
    fieldset {
      grid-auto-flow: row;
      border-radius: calc(var(--radius) + 4px);
    }
    .body {
      padding-inline: 0.9rem;
    }
  }
  @media (forced-colors: active) {
    .panel,
    ringback-push,
    ringback-shown {
      border: 2px solid CanvasText;
    }
    .way:has(:checked) {
      outline: 2px solid Highlight;
    }
  }
  @media print {
    :host {
      display: none;
    }
  }
`;

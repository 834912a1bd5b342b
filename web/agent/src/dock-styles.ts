/** The look of a call's controls: in a row beside the caller's name, on a phone at its lower edge. */

import { css } from "lit";

export const dockStyles = css`
  .row {
    display: flex;
    justify-content: flex-end;
    gap: 0.5rem;
  }
  .control {
    display: grid;
    justify-items: center;
    align-content: center;
    gap: 0.25rem;
    min-width: 5rem;
    min-height: 4.1rem;
    padding: 0.5rem 0.4rem;
    border: 1.5px solid var(--line);
    border-radius: 15px;
    background: var(--sunk);
    font-size: 0.875rem;
    font-weight: 600;
    cursor: pointer;
    touch-action: manipulation;
  }
  .control:hover {
    border-color: var(--control);
  }
  .control[aria-disabled="true"] {
    opacity: 0.55;
    cursor: default;
  }
  .control svg {
    width: 1.5rem;
    height: 1.5rem;
  }
  .control[aria-pressed="true"],
  .control[aria-expanded="true"] {
    background: var(--ink);
    color: var(--card);
    border-color: var(--ink);
  }
  .control.held[aria-pressed="true"] {
    background: var(--amber);
    border-color: var(--amber);
  }
  .control.stop {
    background: var(--stop);
    border-color: var(--stop);
    color: var(--stop-ink);
  }
  .control.stop:hover {
    filter: brightness(1.08);
  }
  .row .button {
    min-height: 3.75rem;
    min-width: 9.5rem;
    font-size: 1.0625rem;
  }
  .drawer {
    margin-bottom: 0.9rem;
  }
  @media (min-width: 58.01rem) {
    .drawer {
      grid-column: 1 / -1;
      margin: 0;
    }
    /* What one opens lies over the page, so that nothing on it moves away. */
    .sheet {
      position: absolute;
      z-index: 3;
      top: 6.1rem;
      right: 1.5rem;
      width: 28rem;
      padding: 1.1rem;
      border: 1px solid var(--line);
      border-radius: var(--radius);
      background: var(--card);
      box-shadow: 0 12px 40px rgb(0 0 0 / 0.25);
    }
  }
  ringback-keys {
    max-width: 20rem;
    margin-inline: auto;
  }
  .wait {
    align-self: center;
    margin-right: 0.5rem;
    font-variant-numeric: tabular-nums;
  }
  .keys {
    margin-top: 0.6rem;
    text-align: right;
    font-size: 0.8438rem;
  }
  kbd {
    padding: 0.05rem 0.35rem;
    border: 1px solid var(--line);
    border-radius: 6px;
    background: var(--sunk);
    font: inherit;
  }
  @media (max-width: 58rem) {
    .row {
      justify-content: stretch;
    }
    .row > * {
      flex: 1 1 0;
      min-width: 0;
    }
    .row .button {
      min-width: 0;
      padding-inline: 0.5rem;
    }
    .row .wait {
      flex: 0 1 auto;
    }
  }
  @media (max-width: 30rem) {
    .row {
      gap: 0.35rem;
    }
    .control {
      padding-inline: 0.1rem;
      font-size: 0.7813rem;
      white-space: nowrap;
    }
  }
`;

/** What the parts of a shared view look like; the colours are the panel's. */

import { css } from "lit";

/** Cards that ask: the question, a suggestion, the code. */
export const cardStyles = css`
  .card {
    display: grid;
    gap: 0.75rem;
    max-height: calc(100dvh - 1rem);
    padding: 1.1rem 1.2rem 1.2rem;
    overflow-y: auto;
    overscroll-behavior: contain;
    border-radius: calc(var(--radius) * 1.3);
    background: var(--card);
    color: var(--ink);
    box-shadow:
      0 0 0 1px var(--line),
      0 12px 48px rgb(0 0 0 / 0.28);
    animation: drop 0.18s ease-out;
  }
  h2 {
    font-size: 1.15rem;
    overflow-wrap: anywhere;
  }
  .hint {
    color: var(--ink-soft);
    font-size: 0.9375rem;
  }
  .choices {
    display: grid;
    gap: 0.6rem;
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    gap: 0.6rem;
  }
  .row .button {
    flex: 1 1 8rem;
  }
  fieldset {
    display: grid;
    gap: 0.25rem;
    min-width: 0;
    margin: 0;
    padding: 0;
    border: 0;
  }
  legend {
    padding: 0;
    margin-block-end: 0.25rem;
    font-weight: 650;
  }
  label.tick {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: 0.15rem 0.75rem;
    align-items: start;
    min-height: 2.75rem;
    padding: 0.55rem 0.7rem;
    border-radius: var(--radius);
    cursor: pointer;
  }
  label.tick:hover {
    background: var(--sunk);
  }
  .tick input {
    width: 1.35rem;
    height: 1.35rem;
    margin: 0.1rem 0 0;
    accent-color: var(--call);
  }
  .tick b {
    display: block;
    font-weight: 650;
  }
  .tick .hint {
    display: block;
    line-height: 1.4;
  }
  @keyframes drop {
    from {
      transform: translateY(-1rem);
      opacity: 0;
    }
  }
  @media (forced-colors: active) {
    .card {
      border: 2px solid CanvasText;
    }
  }
`;

export const viewStyles = css`
  :host {
    position: fixed;
    inset: 0;
    pointer-events: none;
  }
  .frame {
    position: fixed;
    inset: 0;
    border: 3px solid var(--call);
  }
  .place {
    position: fixed;
    inset-block-start: max(0.5rem, env(safe-area-inset-top));
    inset-inline: 0;
    display: grid;
    justify-items: center;
    align-content: start;
    gap: 0.5rem;
    max-height: calc(100dvh - 1rem);
    padding-inline: 0.5rem;
  }
  .place.low {
    inset-block: auto max(0.5rem, env(safe-area-inset-bottom));
  }
  /** Below the bar. */
  .place.under {
    inset-block-start: 5rem;
  }
  .place > * {
    pointer-events: auto;
    width: min(26rem, 100%);
  }
  .place > ringback-view-bar {
    width: auto;
    max-width: min(34rem, 100%);
  }
  .note {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    width: auto;
    padding: 0.35rem 0.4rem 0.35rem 1rem;
    border-radius: calc(var(--radius) * 1.3);
    background: var(--card);
    color: var(--ink);
    box-shadow:
      0 0 0 1px var(--line),
      0 8px 30px rgb(0 0 0 / 0.25);
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
    width: 1.25rem;
    height: 1.25rem;
  }
`;

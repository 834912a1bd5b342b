/** The look of the chat's pane and of its parts, which take no room of their own. */

import { css } from "lit";

export const partStyles = css`
  :host {
    display: contents;
  }
  p {
    text-wrap: pretty;
  }
  .soft,
  small,
  .event {
    color: var(--ink-soft);
  }
  small,
  .event,
  .small {
    font-size: 0.875rem;
  }
  .standing {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 0.5rem;
  }
  .standing p {
    flex: 99 1 10rem;
  }
  /* Beside the words where there is room; else side by side, or each as wide as the other. */
  .calls {
    display: flex;
    flex: 1 1 auto;
    flex-wrap: wrap;
    gap: 0.5rem;
  }
  .calls .button {
    flex: 1 1 auto;
    padding-inline: 0.55rem;
    font-size: 0.9375rem;
  }
  .asked {
    padding: 0.7rem 0.9rem;
    border: 2px solid var(--call);
    border-radius: var(--radius);
  }
  .log {
    display: flex;
    flex-direction: column;
    gap: 0.5rem;
    min-height: 7rem;
    max-height: max(9rem, min(22rem, calc(var(--ringback-height, 100dvh) - 24rem)));
    overflow-y: auto;
    overscroll-behavior: contain;
    padding: 0.75rem;
    border-radius: var(--radius);
    background: var(--sunk);
  }
  .entry {
    align-self: flex-start;
    max-width: 88%;
    padding: 0.4rem 0.75rem 0.5rem;
    border: 1px solid var(--line);
    border-radius: 14px;
    border-end-start-radius: 4px;
    background: var(--card);
    overflow-wrap: anywhere;
  }
  .shopper {
    align-self: flex-end;
    border-radius: 14px;
    border-end-end-radius: 4px;
    background: var(--call-soft);
    border-color: transparent;
  }
  .shopper small {
    color: var(--ink);
  }
  .unsent {
    border: 1px dashed var(--control);
  }
  .failed {
    border-color: var(--stop);
  }
  .said {
    white-space: pre-wrap;
    text-wrap: wrap;
  }
  .why,
  .error {
    color: var(--stop);
    font-weight: 600;
  }
  .error {
    padding: 0.7rem 0.9rem;
    border-radius: var(--radius);
    background: var(--stop-soft);
  }
  .quiet {
    position: absolute;
  }
  .event {
    align-self: center;
    text-align: center;
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5rem;
  }
  .entry .row {
    margin-top: 0.4rem;
  }
  .row .button {
    max-width: 100%;
    overflow-wrap: anywhere;
  }
  .ask,
  ul,
  form {
    display: grid;
    gap: 0.6rem;
  }
  label span {
    display: block;
    margin-bottom: 0.25rem;
    font-weight: 600;
  }
  label span.soft {
    font-weight: 400;
  }
  input:not([type="radio"]),
  textarea {
    width: 100%;
    min-height: 2.75rem;
    padding: 0.55rem 0.8rem;
    border: 1.5px solid var(--control);
    border-radius: 10px;
    background: var(--card);
  }
  textarea {
    display: block;
    resize: vertical;
  }
  .composer {
    grid-template-columns: minmax(0, 1fr) auto;
    align-items: end;
  }
  fieldset {
    min-width: 0;
    margin: 0;
    padding: 0;
    border: 0;
  }
  legend {
    padding: 0;
    margin-bottom: 0.4rem;
    font-weight: 600;
  }
  .rating {
    display: inline-flex;
    align-items: center;
    gap: 0.3rem;
    min-width: 2.75rem;
    min-height: 2.75rem;
    cursor: pointer;
  }
  .rating input {
    width: 1.2rem;
    height: 1.2rem;
    accent-color: var(--call);
  }
  .more {
    align-items: start;
    justify-content: space-between;
  }
  details {
    min-width: 0;
  }
  summary {
    min-height: 2.75rem;
    padding: 0.6rem 0;
    cursor: pointer;
  }
  li {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 0.5rem;
    overflow-wrap: anywhere;
  }
`;

/** Rules of every component of Ringback's own pages: boxes, headings, focus, buttons. Colours are each page's own. */

import { css } from "lit";

export const plain = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  :host {
    display: block;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  h1,
  h2,
  h3,
  p,
  ol,
  ul,
  dl,
  dd,
  figure {
    margin: 0;
    padding: 0;
  }
  h1,
  h2,
  h3 {
    line-height: 1.2;
    letter-spacing: -0.015em;
    text-wrap: balance;
  }
  ol,
  ul {
    list-style: none;
  }
  a {
    color: var(--brand);
  }
  :focus-visible {
    outline: 3px solid var(--focus);
    outline-offset: 2px;
  }
  button,
  input,
  select,
  textarea {
    font: inherit;
    color: inherit;
  }
  svg {
    display: block;
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation: none !important;
      transition: none !important;
      scroll-behavior: auto !important;
    }
  }
`;

export const buttons = css`
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 0.6rem;
    min-height: 3rem;
    padding: 0.6rem 1.4rem;
    border: 2px solid transparent;
    border-radius: 999px;
    font-weight: 650;
    cursor: pointer;
    transition:
      filter 0.15s,
      transform 0.15s;
  }
  .button:hover {
    filter: brightness(1.08);
  }
  .button:active {
    transform: translateY(1px);
  }
  .button[aria-disabled="true"] {
    cursor: default;
    opacity: 0.6;
  }
  .button svg {
    width: 1.3rem;
    height: 1.3rem;
    flex: none;
  }
  .button.brand {
    background: var(--brand);
    color: var(--brand-ink);
  }
  .button.call {
    background: var(--call);
    color: var(--call-ink);
  }
  .button.stop {
    background: var(--stop);
    color: var(--stop-ink);
  }
  .button.ink {
    background: var(--ink);
    color: var(--paper);
  }
  .button.plain {
    background: transparent;
    border-color: var(--control);
  }
  .button.plain:hover {
    background: var(--sunk);
    filter: none;
  }
  .button.small {
    min-height: 2.75rem;
    padding: 0.35rem 1.1rem;
    font-size: 0.9375rem;
  }
  .button.wide {
    width: 100%;
  }
`;

/** Rules that every component of the shop shares: boxes, headings, buttons, fields, focus. */

import { css } from "lit";

export const base = css`
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
  select {
    font: inherit;
    color: inherit;
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
    cursor: progress;
    opacity: 0.75;
  }
  .button svg {
    width: 1.25rem;
    height: 1.25rem;
    flex: none;
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
  .button.wide {
    width: 100%;
  }
  .button.small {
    min-height: 2.75rem;
    padding: 0.35rem 1.1rem;
    font-size: 0.9375rem;
  }
`;

export const fields = css`
  label.name,
  legend {
    display: block;
    margin-bottom: 0.4rem;
    padding: 0;
    font-weight: 650;
  }
  input[type="tel"],
  select {
    width: 100%;
    min-height: 3rem;
    padding: 0 0.9rem;
    border: 1.5px solid var(--control);
    border-radius: 10px;
    background: var(--card);
  }
  input[type="tel"] {
    font-variant-numeric: tabular-nums;
    font-size: 1.0625rem;
  }
  [aria-invalid="true"] {
    border-color: var(--stop) !important;
    border-width: 2px !important;
  }
`;

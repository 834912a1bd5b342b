/** Rules that every component shares: boxes, headings, buttons, fields, focus. */

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
  dd {
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
  h1 {
    font-size: 1.6rem;
    outline: none;
  }
  h2 {
    font-size: 1.0625rem;
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
  h1:focus-visible {
    outline: none;
  }
  button,
  input,
  select {
    font: inherit;
    color: inherit;
  }
  svg {
    display: block;
  }
  .soft {
    color: var(--ink-soft);
  }
  .card {
    background: var(--card);
    border: 1px solid var(--line);
    border-radius: var(--radius);
    box-shadow: var(--shadow);
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
    width: 1.35rem;
    height: 1.35rem;
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
  .button.plain {
    background: transparent;
    border-color: var(--control);
  }
  .button.plain:hover {
    background: var(--sunk);
    filter: none;
  }
  .button.small {
    min-height: 2.6rem;
    padding: 0.35rem 1.1rem;
    font-size: 0.9375rem;
  }
  .button.wide {
    width: 100%;
  }
`;

export const fields = css`
  label.name {
    display: block;
    margin-bottom: 0.35rem;
    font-weight: 650;
  }
  input:is([type="text"], [type="password"]),
  select {
    width: 100%;
    min-height: 3rem;
    padding: 0 0.9rem;
    border: 1.5px solid var(--control);
    border-radius: 11px;
    background: var(--card);
  }
  [aria-invalid="true"] {
    border-color: var(--stop) !important;
    border-width: 2px !important;
  }
`;

export const notices = css`
  .notice {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    align-items: start;
    gap: 0.2rem 0.75rem;
    padding: 0.85rem 1rem;
    border-radius: 13px;
    background: var(--amber-soft);
    text-align: left;
  }
  .notice > svg {
    width: 1.4rem;
    height: 1.4rem;
    color: var(--amber);
    margin-top: 0.05rem;
  }
  .notice b {
    display: block;
  }
  .notice.bad {
    background: var(--stop-soft);
  }
  .notice.bad > svg {
    color: var(--stop);
  }
  .notice .button {
    grid-column: 2;
    justify-self: start;
    margin-top: 0.5rem;
  }
`;

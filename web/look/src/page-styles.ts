/** Rules that every component of the agents' page and the portal shares: boxes, headings, fields, notices. */

import { css } from "lit";
import { plain } from "./styles";

export { buttons } from "./styles";

export const base = [
  plain,
  css`
    h1 {
      font-size: 1.6rem;
      outline: none;
    }
    h1:focus-visible {
      outline: none;
    }
    h2 {
      font-size: 1.0625rem;
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
  `,
];

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

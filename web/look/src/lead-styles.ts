/** How the list of leads looks. */

import { css } from "lit";

export const leadStyles = css`
  :host {
    display: block;
  }
  .bar {
    display: flex;
    flex-wrap: wrap;
    gap: 0.6rem 1rem;
    align-items: center;
    margin-bottom: 0.75rem;
  }
  .views {
    display: flex;
    flex-wrap: wrap;
    gap: 0.4rem;
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .views [aria-pressed="true"] {
    border-color: var(--brand);
    background: var(--sunk);
  }
  .search {
    flex: 1 1 12rem;
    max-width: 22rem;
    margin-left: auto;
  }
  .search input {
    min-height: 2.75rem;
  }
  ol.leads {
    margin: 0;
    padding: 0;
    list-style: none;
    border-top: 1px solid var(--line);
  }
  ol.leads > li {
    border-bottom: 1px solid var(--line);
  }
  .row {
    display: grid;
    grid-template-columns: minmax(0, 1.3fr) minmax(0, 1.4fr) minmax(0, 1fr) auto;
    gap: 0.2rem 1rem;
    align-items: center;
    width: 100%;
    padding: 0.7rem 0.4rem;
    border: 0;
    background: transparent;
    color: inherit;
    font: inherit;
    text-align: start;
    cursor: pointer;
  }
  .row:hover {
    background: var(--sunk);
  }
  .row b,
  .row span,
  .detail dd {
    overflow-wrap: anywhere;
  }
  .late {
    color: var(--stop);
    font-weight: 650;
  }
  .due {
    font-variant-numeric: tabular-nums;
  }
  .due svg {
    display: inline;
    width: 1em;
    height: 1em;
    vertical-align: -0.12em;
  }
  .detail {
    padding: 0.2rem 0.4rem 1rem;
  }
  dl {
    display: grid;
    grid-template-columns: max-content minmax(0, 1fr);
    gap: 0.2rem 1rem;
    margin: 0 0 0.75rem;
  }
  dt {
    color: var(--ink-soft);
  }
  dd {
    margin: 0;
  }
  blockquote {
    margin: 0 0 0.75rem;
    padding-left: 0.75rem;
    border-left: 3px solid var(--line);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  .acts {
    display: flex;
    flex-wrap: wrap;
    gap: 0.6rem;
    align-items: end;
  }
  .acts label {
    font-size: 0.9rem;
  }
  .acts :is(select, input) {
    min-height: 2.75rem;
    min-width: 9rem;
  }
  .acts .note {
    flex: 1 1 14rem;
  }
  .empty {
    padding: 1.5rem 0.5rem;
    color: var(--ink-soft);
  }
  .more {
    margin-top: 0.75rem;
  }
  @media (max-width: 40rem) {
    .row {
      grid-template-columns: minmax(6rem, 1fr) auto;
    }
    .row .what {
      grid-column: 1 / -1;
    }
    .search {
      max-width: none;
      margin-left: 0;
    }
    dl {
      grid-template-columns: 1fr;
    }
    dt {
      margin-top: 0.4rem;
    }
  }
`;

/** Rules that every screen of the portal shares: its head, cards, tables, fields in a row. */

import { base, buttons, fields, notices } from "@ringback/look/page-styles";
import { css } from "lit";

export const screenStyles = [
  base,
  buttons,
  fields,
  notices,
  css`
    .head {
      display: flex;
      flex-wrap: wrap;
      align-items: end;
      gap: 0.75rem 1.5rem;
      margin-bottom: 1.25rem;
    }
    .card + .head {
      margin-top: 2rem;
    }
    .head h1 {
      margin-right: auto;
    }
    .card {
      padding: 1.25rem;
    }
    .scroll {
      overflow-x: auto;
      outline-offset: -3px;
    }
    table {
      width: 100%;
      border-collapse: collapse;
      font-variant-numeric: tabular-nums;
    }
    th,
    td {
      padding: 0.6rem 0.75rem;
      border-bottom: 1px solid var(--line);
      text-align: start;
      vertical-align: top;
    }
    tbody tr:last-child > * {
      border-bottom: 0;
    }
    thead th {
      color: var(--ink-soft);
      font-size: 0.875rem;
      font-weight: 600;
      white-space: nowrap;
    }
    .number {
      text-align: end;
    }
    caption {
      text-align: start;
    }
    .empty {
      padding: 2.5rem 1rem;
      color: var(--ink-soft);
      text-align: center;
    }
    .chip {
      display: inline-block;
      padding: 0.1rem 0.6rem;
      border-radius: 999px;
      background: var(--sunk);
      font-size: 0.875rem;
    }
    @media print {
      .card {
        border: 0;
        box-shadow: none;
        padding: 0;
      }
      .no-print {
        display: none !important;
      }
    }
  `,
];

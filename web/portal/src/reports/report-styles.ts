/** How a report is laid out. */

import { css } from "lit";

export const reportStyles = css`
  .tabs {
    display: flex;
    gap: 0.25rem;
    padding: 0.25rem;
    border-radius: 13px;
    background: var(--sunk);
  }
  .tabs a {
    padding: 0.45rem 1.1rem;
    border-radius: 10px;
    color: var(--ink-soft);
    font-weight: 600;
    text-decoration: none;
  }
  .tabs a[aria-current] {
    background: var(--card);
    color: var(--ink);
    box-shadow: var(--shadow);
  }
  .controls {
    display: flex;
    flex-wrap: wrap;
    align-items: end;
    gap: 0.75rem;
    margin-bottom: 1.25rem;
  }
  .controls label {
    display: grid;
    gap: 0.25rem;
    flex: 1 1 8.5rem;
    color: var(--ink-soft);
    font-size: 0.8125rem;
    font-weight: 600;
  }
  .controls :is(select, input) {
    width: 100%;
    min-width: 0;
    min-height: 2.75rem;
    padding: 0 0.7rem;
    border: 1.5px solid var(--control);
    border-radius: 11px;
    background: var(--card);
    color: var(--ink);
    font-size: 0.9375rem;
    font-weight: 500;
  }
  .stale {
    opacity: 0.65;
    transition: opacity 0.2s 0.15s;
  }
  .tiles {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(9.75rem, 1fr));
    gap: 0.75rem;
    margin-bottom: 1.25rem;
  }
  .tile {
    position: relative;
    border: 1.5px solid var(--line);
    border-radius: 14px;
    background: var(--card);
  }
  .tile.chosen {
    border-color: var(--brand);
    box-shadow: inset 0 0 0 1px var(--brand);
  }
  .tile button {
    display: grid;
    width: 100%;
    height: 100%;
    gap: 0.1rem;
    padding: 0.75rem 2rem 0.7rem 0.9rem;
    border: 0;
    border-radius: 13px;
    background: none;
    text-align: start;
    cursor: pointer;
  }
  .tile button:hover {
    background: var(--sunk);
  }
  .tile .label {
    color: var(--ink-soft);
    font-size: 0.8125rem;
    font-weight: 600;
  }
  .tile .value {
    font-size: 1.5rem;
    font-weight: 700;
    letter-spacing: -0.02em;
    font-variant-numeric: tabular-nums;
  }
  .change {
    min-height: 1.2rem;
    color: var(--ink-soft);
    font-size: 0.8125rem;
    white-space: nowrap;
  }
  .change.good {
    color: var(--call);
  }
  .change.bad {
    color: var(--stop);
  }
  .tile details {
    position: absolute;
    inset-block-start: 0.45rem;
    inset-inline-end: 0.45rem;
  }
  .tile summary {
    display: grid;
    place-items: center;
    width: 1.6rem;
    height: 1.6rem;
    border-radius: 50%;
    color: var(--ink-soft);
    font-size: 0.8125rem;
    font-weight: 700;
    list-style: none;
    cursor: help;
  }
  .tile summary::-webkit-details-marker {
    display: none;
  }
  .tile summary:hover,
  .tile [open] summary {
    background: var(--sunk);
  }
  .tile details > :not(summary) {
    position: relative;
  }
  .tile [open] {
    z-index: 2;
    inset-inline-start: 0.45rem;
    padding: 0 0.9rem 0.8rem;
    border: 1px solid var(--line);
    border-radius: 12px;
    background: var(--card);
    box-shadow: 0 8px 28px rgb(0 0 0 / 0.18);
    font-size: 0.875rem;
  }
  .tile [open] summary {
    margin: 0.2rem -0.6rem 0.2rem auto;
  }
  .tile [open] a {
    display: inline-block;
    padding: 0.4rem 0;
  }
  section.card {
    margin-bottom: 1.25rem;
    min-width: 0;
  }
  section.card h2 {
    margin-bottom: 0.75rem;
  }
  .kept {
    margin-bottom: 0.75rem;
  }
  .two {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 44rem), 1fr));
    gap: 1.25rem;
    align-items: start;
  }
  details.table summary {
    display: inline-flex;
    align-items: center;
    min-height: 2.25rem;
    color: var(--brand);
    font-size: 0.9375rem;
    cursor: pointer;
  }
  details.table {
    display: inline-block;
    margin-top: 0.5rem;
    max-width: 100%;
  }
  details.table[open] {
    display: block;
  }
  .scroll {
    max-height: 28rem;
    overflow: auto;
  }
  .scroll thead th {
    position: sticky;
    top: 0;
    background: var(--card);
  }
  .at-once,
  .meaning {
    margin: 0 0 0.5rem;
    color: var(--ink-soft);
  }
  .at-once strong {
    color: var(--ink);
    font-size: 1.75rem;
    letter-spacing: -0.02em;
    font-variant-numeric: tabular-nums;
  }
  .file {
    display: inline-block;
    padding: 0.4rem 0.6rem;
    font-size: 0.9375rem;
  }
  .groups th[scope="row"] {
    min-width: 8rem;
    max-width: 18rem;
    overflow-wrap: break-word;
    font-weight: 600;
  }
  .bar {
    width: 100%;
    min-width: 5rem;
    height: 6px;
    margin-top: 0.35rem;
  }
  .bar rect {
    fill: var(--brand);
  }
  .bar .rail {
    fill: var(--sunk);
  }
  .story {
    display: grid;
    gap: 0;
    padding: 0;
  }
  .story li {
    position: relative;
    display: grid;
    grid-template-columns: 7rem minmax(0, 1fr);
    gap: 1rem;
    padding: 0.55rem 0 0.55rem 1.4rem;
    border-inline-start: 2px solid var(--line);
  }
  .story li::before {
    content: "";
    position: absolute;
    inset-inline-start: -7px;
    inset-block-start: 1rem;
    width: 12px;
    height: 12px;
    border-radius: 50%;
    background: var(--brand);
  }
  .story li.bad::before {
    background: var(--stop);
  }
  .story li.good::before {
    background: var(--call);
  }
  .story audio {
    display: block;
    width: min(24rem, 100%);
    margin-top: 0.5rem;
  }
  .story time {
    color: var(--ink-soft);
    font-variant-numeric: tabular-nums;
  }
  dl.facts {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(10rem, 1fr));
    gap: 0.75rem 1.25rem;
    margin-bottom: 1.25rem;
  }
  dl.facts dt {
    color: var(--ink-soft);
    font-size: 0.8125rem;
    font-weight: 600;
  }
  dl.facts dd {
    overflow-wrap: anywhere;
  }
  @media (max-width: 30rem) {
    .story li {
      grid-template-columns: minmax(0, 1fr);
      gap: 0;
    }
    .tiles {
      grid-template-columns: repeat(2, minmax(0, 1fr));
    }
  }
`;

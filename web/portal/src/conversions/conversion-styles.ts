/** How conversions are laid out. */

import { css } from "lit";

export const conversionStyles = css`
  .experiment {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr));
    gap: 1.25rem 2.5rem;
  }
  .experiment h3,
  .experiment p {
    margin: 0 0 0.5rem;
  }
  .experiment h3 {
    font-size: 1rem;
  }
  .experiment aside {
    align-self: start;
    padding: 1rem 1.15rem;
    border-radius: 14px;
    background: var(--sunk);
  }
  .uplift .value {
    font-size: 2rem;
    font-weight: 700;
    letter-spacing: -0.02em;
    font-variant-numeric: tabular-nums;
  }
  .soft {
    color: var(--ink-soft);
  }
  .more {
    background: var(--call-soft);
    color: var(--call);
  }
  .less,
  .broken {
    background: var(--stop-soft);
    color: var(--stop);
  }
  .too_early {
    background: var(--amber-soft);
    color: var(--amber);
  }
  .title {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0.35rem 0.75rem;
    margin-bottom: 0.75rem;
  }
  .title h2 {
    margin: 0 !important;
    overflow-wrap: anywhere;
  }
  .interval {
    display: block;
    width: 100%;
    max-width: 28rem;
    margin: 0.25rem 0;
    color: var(--ink-soft);
  }
  .interval.good {
    color: var(--call);
  }
  .interval.bad {
    color: var(--stop);
  }
  .interval line {
    stroke: currentColor;
  }
  .interval .axis {
    stroke: var(--line);
  }
  .interval .zero {
    stroke: var(--control);
    stroke-dasharray: 4 3;
  }
  .interval .range {
    stroke-width: 3;
    stroke-linecap: round;
  }
  .interval circle {
    fill: currentColor;
  }
  dl {
    display: grid;
    grid-template-columns: auto 1fr;
    gap: 0.35rem 1rem;
    margin: 0;
    font-variant-numeric: tabular-nums;
  }
  dt {
    color: var(--ink-soft);
  }
  dd {
    margin: 0;
  }
  .experiment aside p {
    margin: 0.6rem 0 0;
  }
  code {
    overflow-wrap: anywhere;
  }
`;

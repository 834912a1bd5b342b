/** How the wallboard is laid out: large enough to be read across a room. */

import { css } from "lit";

export const boardStyles = css`
  .clock b {
    font-size: 1.5rem;
    font-variant-numeric: tabular-nums;
  }
  /* Old figures can still be read, and look like what they are. */
  .stale {
    padding: 0.75rem;
    border: 3px dashed var(--stop);
    border-radius: 1rem;
    filter: grayscale(0.9);
  }
  .notice {
    margin-bottom: 1rem;
  }
  section {
    margin-bottom: 1.5rem;
  }
  h2 {
    margin-bottom: 0.6rem;
  }
  .figures,
  .agents {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr));
    gap: 0.75rem;
  }
  .figures li {
    display: grid;
    padding: 0.8rem 1rem;
    align-content: start;
  }
  .figures b {
    font-size: 2.2rem;
    line-height: 1.1;
    font-variant-numeric: tabular-nums;
  }
  .queues {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr));
    gap: 0.75rem;
  }
  .queues h3 {
    margin-bottom: 0.6rem;
    font-size: 1.125rem;
    overflow-wrap: anywhere;
  }
  .queues dl {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(5.5rem, 1fr));
    gap: 0.6rem;
  }
  .queues dt {
    color: var(--ink-soft);
    font-size: 0.8125rem;
  }
  .queues dd {
    font-size: 1.5rem;
    font-weight: 700;
    font-variant-numeric: tabular-nums;
  }
  .wrong {
    border: 2px solid var(--stop);
    background: var(--stop-soft);
  }
  .wrong .queues dt,
  .wrong dt {
    color: var(--ink);
  }
  .breach {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    margin-top: 0.75rem;
    font-weight: 650;
  }
  .breach svg {
    width: 1.4rem;
    height: 1.4rem;
    flex: none;
    color: var(--stop);
  }
  .agents li {
    display: grid;
    padding: 0.7rem 0.9rem;
    border-inline-start: 5px solid var(--control);
    overflow-wrap: anywhere;
  }
  .agents .available {
    border-inline-start-color: var(--call);
  }
  .agents :is(.on_call, .ringing) {
    border-inline-start-color: var(--brand);
  }
  .agents .wrap_up {
    border-inline-start-color: var(--amber);
  }
  .links summary {
    min-height: 2.75rem;
    color: var(--brand);
    font-weight: 600;
    cursor: pointer;
  }
  .links form {
    display: flex;
    flex-wrap: wrap;
    align-items: end;
    gap: 0.75rem;
    margin: 1rem 0;
  }
  .links label {
    display: grid;
    gap: 0.25rem;
    flex: 1 1 12rem;
    font-weight: 600;
  }
  .links code {
    overflow-wrap: anywhere;
  }
  .links li {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 0.5rem 1rem;
    padding: 0.5rem 0;
    border-top: 1px solid var(--line);
  }
`;

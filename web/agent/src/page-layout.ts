/** How the agents' page is laid out: a header, notices, and what there is to do. */

import { css } from "lit";

export const pageLayout = css`
  header {
    display: flex;
    align-items: center;
    gap: 0.8rem;
    max-width: 76rem;
    margin: 0 auto;
    padding: 0.9rem clamp(0.9rem, 3vw, 1.5rem);
  }
  .mark {
    display: flex;
    align-items: center;
    gap: 0.6rem;
    margin-right: auto;
    font-weight: 700;
    letter-spacing: -0.01em;
  }
  .mark svg {
    width: 1.6rem;
    height: 1.6rem;
    padding: 0.2rem;
    border-radius: 8px;
    background: var(--brand);
    color: var(--brand-ink);
    box-sizing: content-box;
  }
  .who {
    font-weight: 600;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  header .button {
    flex: none;
  }
  header .button[aria-pressed="true"] {
    border-color: var(--amber);
    background: var(--amber-soft);
  }
  main {
    max-width: 76rem;
    margin: 0 auto;
    padding: 0 clamp(0.9rem, 3vw, 1.5rem) 3rem;
  }
  .notices {
    display: grid;
    gap: 0.75rem;
  }
  .notices > * {
    margin-bottom: 0.25rem;
  }
  .notices:has(> *) {
    margin-bottom: 1rem;
  }
  @media (min-width: 40rem) {
    .notices .notice {
      grid-template-columns: auto minmax(0, 1fr) auto;
    }
    .notices .notice .button {
      grid-column: 3;
      margin: 0;
      align-self: center;
    }
  }
  .desk {
    display: grid;
    grid-template-columns: minmax(0, 1fr) 21.5rem;
    gap: 1.25rem;
    align-items: start;
  }
  aside {
    display: grid;
    gap: 1.25rem;
  }
  .leads {
    grid-column: 1 / -1;
    min-width: 0;
    padding: 1.35rem 1.4rem;
  }
  .wide {
    grid-column: 1 / -1;
    min-width: 0;
  }
  .leads h2 {
    margin-bottom: 0.75rem;
  }
  /* Who talks on a phone of their own needs no microphone here. */
  .later {
    order: 1;
  }
  nav ul {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
    margin-bottom: 1rem;
  }
  nav .button[aria-current="true"] {
    border-color: var(--brand);
    background: var(--brand-soft);
  }
  nav .count {
    display: inline-grid;
    place-items: center;
    min-width: 1.5rem;
    padding: 0 0.35rem;
    border-radius: 999px;
    background: var(--brand);
    color: var(--brand-ink);
    font-size: 0.8125rem;
  }
  .centre {
    display: grid;
    justify-items: center;
    gap: 1rem;
    padding: 18vh 0;
    text-align: center;
  }
  .centre p {
    max-width: 26rem;
  }
  @media (max-width: 58rem) {
    .desk {
      grid-template-columns: minmax(0, 1fr);
    }
  }
  @media (max-width: 30rem) {
    .mark span,
    header .button span {
      position: absolute;
      clip-path: inset(50%);
    }
    header .button {
      padding: 0.35rem 0.7rem;
    }
  }
`;

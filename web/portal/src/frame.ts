/** How the portal's frame is laid out: a header with the navigation, and the screen below it. */

import { base, buttons, notices } from "@ringback/look/page-styles";
import { css } from "lit";

export const frame = [
  base,
  buttons,
  notices,
  css`
    header {
      display: flex;
      align-items: center;
      gap: 0.5rem 1rem;
      padding: 0.7rem clamp(0.9rem, 3vw, 1.75rem);
      background: var(--card);
      border-bottom: 1px solid var(--line);
    }
    .mark {
      display: flex;
      align-items: center;
      gap: 0.6rem;
      font-weight: 700;
      letter-spacing: -0.01em;
    }
    .mark svg {
      width: 1.3rem;
      height: 1.3rem;
      padding: 0.3rem;
      border-radius: 9px;
      background: var(--brand);
      color: var(--brand-ink);
      box-sizing: content-box;
    }
    nav {
      flex: 1;
      min-width: 0;
    }
    nav ul {
      display: flex;
      gap: 0.25rem;
      padding: 3px;
      overflow-x: auto;
      scrollbar-width: thin;
    }
    nav a {
      display: flex;
      align-items: center;
      gap: 0.5rem;
      min-height: 2.75rem;
      padding: 0 0.85rem;
      border-radius: 11px;
      color: var(--ink-soft);
      font-weight: 600;
      text-decoration: none;
      white-space: nowrap;
    }
    nav a:hover {
      background: var(--sunk);
      color: var(--ink);
    }
    nav a[aria-current="page"] {
      background: var(--brand-soft);
      color: var(--brand);
    }
    nav svg {
      width: 1.25rem;
      height: 1.25rem;
      flex: none;
    }
    .who {
      max-width: 12rem;
      font-weight: 600;
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
    }
    header .button {
      flex: none;
    }
    main {
      max-width: 90rem;
      margin: 0 auto;
      padding: 1.5rem clamp(0.9rem, 3vw, 1.75rem) 4rem;
    }
    /* It has the focus after a change of screens, for screen readers: nothing to type into. */
    main:focus-visible {
      outline: none;
    }
    .centre {
      display: grid;
      justify-items: center;
      gap: 1rem;
      padding: 16vh 0;
      text-align: center;
    }
    .centre p {
      max-width: 28rem;
    }
    .skip {
      position: absolute;
      z-index: 1;
      inset-inline-start: 0.5rem;
      inset-block-start: 0;
      padding: 0.6rem 1rem;
      border: 0;
      border-radius: 0 0 11px 11px;
      background: var(--brand);
      color: var(--brand-ink);
      translate: 0 -120%;
    }
    .skip:focus {
      translate: 0 0;
    }
    @media (max-width: 58rem) {
      header {
        flex-wrap: wrap;
      }
      .mark {
        margin-right: auto;
      }
      nav {
        order: 1;
        flex-basis: 100%;
      }
    }
    @media (max-width: 30rem) {
      header .button span {
        position: absolute;
        clip-path: inset(50%);
      }
      header .button {
        padding: 0.35rem 0.7rem;
      }
    }
    @media print {
      header,
      .skip {
        display: none !important;
      }
      main {
        max-width: none;
        padding: 0;
      }
    }
  `,
];

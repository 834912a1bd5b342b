/** How the document of a shared view is laid out. */

import { css } from "lit";

export const documentLayout = css`
  :host {
    display: grid;
    grid-template-rows: auto minmax(0, 1fr);
    height: 100%;
  }
  header {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    align-items: center;
    gap: 0.25rem 1rem;
    padding: 0.8rem 1rem;
    border-bottom: 1px solid var(--line);
    font-size: 0.9375rem;
  }
  .where {
    display: flex;
    flex-wrap: wrap;
    gap: 0 0.6rem;
    min-width: 0;
  }
  .where span {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .facts,
  .more,
  .agreed {
    display: flex;
    flex-wrap: wrap;
    gap: 0.4rem 0.9rem;
  }
  .facts,
  .more {
    justify-content: flex-end;
  }
  main {
    display: grid;
    grid-template-columns: minmax(0, 1fr) 20rem;
    min-height: 0;
  }
  .stage {
    position: relative;
    min-height: 0;
    overflow: hidden;
    background: var(--sunk);
  }
  .paper {
    position: absolute;
    transform: translateX(var(--left, 0)) scale(var(--scale, 1));
    transform-origin: 0 0;
    background: #fff;
    box-shadow: 0 0 0 1px var(--line);
    overflow: hidden;
  }
  /* The replay needs a box to scroll in, even before it is seen. */
  .empty {
    visibility: hidden;
  }
  .pictures,
  .over {
    position: absolute;
    inset: 0;
  }
  /* rrweb's own cursor says less than ours. */
  .pictures .replayer-mouse {
    display: none;
  }
  .pictures .replayer-wrapper {
    position: absolute;
    inset: 0;
  }
  .pictures iframe {
    border: 0;
    background: #fff;
    color-scheme: light;
  }
  .over {
    cursor: crosshair;
  }
  .frame {
    position: absolute;
    pointer-events: none;
    outline: calc(3px / var(--scale, 1)) solid #2b50d6;
    outline-offset: calc(2px / var(--scale, 1));
    box-shadow: 0 0 0 calc(7px / var(--scale, 1)) rgb(255 255 255 / 0.8);
    border-radius: 3px;
  }
  .dot {
    position: absolute;
    margin: -11px;
    border: 3px solid #fff;
    border-radius: 50%;
    background: #b3261e;
    box-shadow: 0 1px 4px rgb(0 0 0 / 0.5);
    pointer-events: none;
  }
  .notice {
    position: absolute;
    inset: 1rem 1rem auto;
    z-index: 1;
    max-width: 34rem;
    margin: 0 auto;
    box-shadow: 0 2px 12px rgb(0 0 0 / 0.18);
  }
  aside {
    display: grid;
    align-content: start;
    gap: 1.1rem;
    min-height: 0;
    padding: 1rem;
    overflow-y: auto;
    border-left: 1px solid var(--line);
  }
  .legend {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    font-size: 0.875rem;
  }
  .hatch {
    width: 1.6rem;
    height: 1rem;
    border: 1px dashed var(--control);
    border-radius: 4px;
    background: repeating-linear-gradient(135deg, rgb(120 120 120 / 0.4) 0 4px, transparent 4px 8px);
  }
  @media (max-width: 46rem) {
    :host {
      height: auto;
    }
    header,
    main {
      grid-template-columns: minmax(0, 1fr);
    }
    .facts,
    .more {
      justify-content: flex-start;
    }
    .stage {
      height: 45vh;
    }
    aside {
      border-left: 0;
      border-top: 1px solid var(--line);
    }
  }
`;

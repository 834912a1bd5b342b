/** Rules that every component of the panel shares. */

import { plain } from "@ringback/look/styles";
import { css } from "lit";

export { buttons } from "@ringback/look/styles";

/** Words of one language on a page of another direction: each text runs its own way, the layout the page's. */
const bidi = css`
  :is(p, h2, h3, label, legend, small, li, span, b, button) {
    unicode-bidi: plaintext;
  }
  :is(p, h2, h3, label, legend, li, span) {
    text-align: -webkit-match-parent;
    text-align: match-parent;
  }
`;

export const base = [plain, bidi];

export const fields = css`
  label.name,
  legend {
    display: block;
    margin-bottom: 0.4rem;
    padding: 0;
    font-weight: 650;
  }
  input[type="tel"],
  select {
    width: 100%;
    min-height: 3rem;
    padding: 0 0.9rem;
    border: 1.5px solid var(--control);
    border-radius: 10px;
    background: var(--card);
  }
  input[type="tel"] {
    font-variant-numeric: tabular-nums;
    font-size: 1.0625rem;
  }
  [aria-invalid="true"] {
    border-color: var(--stop) !important;
    border-width: 2px !important;
  }
`;

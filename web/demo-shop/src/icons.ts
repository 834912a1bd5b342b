/** The few pictures of the page's controls: 24 by 24, in the colour of their text. */

import { html, svg, type TemplateResult } from "lit";

const icon = (body: TemplateResult): TemplateResult =>
  html`<svg
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    stroke-width="2"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
    focusable="false"
  >
    ${body}
  </svg>`;

const HANDSET =
  "M21 16.4v2.9a1.9 1.9 0 0 1-2.1 1.9A18.8 18.8 0 0 1 2.8 5.1 1.9 1.9 0 0 1 4.7 3h2.9a1.9 1.9 0 0 1 1.9 1.6c.1.9.4 1.8.7 2.7a1.9 1.9 0 0 1-.4 2L8.5 10.500a15 15 0 0 0 5.5 5.500l1.2-1.200a1.9 1.9 0 0 1 2-.4c.9.3 1.8.6 2.7.7A1.9 1.9 0 0 1 21 16.400z";

export const phoneIcon = icon(svg`<path d=${HANDSET}></path>`);
export const hangUpIcon = icon(svg`<path transform="rotate(135 12 12)" d=${HANDSET}></path>`);
export const storeIcon = icon(svg`<path d="M4 10v10h16V10M2.5 10 5 4h14l2.5 6zM9.5 20v-6h5v6"></path>`);
export const closeIcon = icon(svg`<path d="M6 6l12 12M18 6 6 18"></path>`);
export const cartIcon = icon(
  svg`<circle cx="9.5" cy="20" r="1.3"></circle><circle cx="17.5" cy="20" r="1.3"></circle><path d="M2.5 3.500h3l2.7 12h9.800l2.5-8.500H6.4"></path>`,
);
export const personIcon = icon(
  svg`<circle cx="12" cy="8" r="4"></circle><path d="M4.5 21a7.5 7.5 0 0 1 15 0"></path>`,
);
export const letterIcon = icon(svg`<path d="M3 6h18v13H3zM3.500 7l8.500 6.500L20.500 7"></path>`);
export const clockIcon = icon(
  svg`<circle cx="12" cy="12" r="9"></circle><path d="M12 7v5.500l3.500 2"></path>`,
);

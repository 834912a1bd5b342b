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
export const headsetIcon = icon(
  svg`<path d="M4 16v-4a8 8 0 0 1 16 0v4"></path><rect x="2.500" y="13.500" width="4.500" height="6.500" rx="1.800"></rect><rect x="17" y="13.500" width="4.500" height="6.500" rx="1.800"></rect>`,
);
const MICROPHONE = svg`<rect x="8.500" y="2.500" width="7" height="12" rx="3.500"></rect><path d="M5 11.500a7 7 0 0 0 14 0M12 18.500v3"></path>`;
export const microphoneIcon = icon(MICROPHONE);
export const mutedIcon = icon(svg`${MICROPHONE}<path d="M3.500 3.500l17 17"></path>`);
export const speakerIcon = icon(
  svg`<path d="M3.500 9.500v5h3.500l5 4.500V5L7 9.500zM15.500 9a4.200 4.200 0 0 1 0 6M18.300 6.200a8.200 8.200 0 0 1 0 11.600"></path>`,
);
export const keypadIcon = icon(
  svg`${[5, 12, 19].flatMap((y) => [5, 12, 19].map((x) => svg`<circle cx=${x} cy=${y} r="1.400" fill="currentColor"></circle>`))}`,
);
export const warningIcon = icon(
  svg`<path d="M12 3.500 1.800 20.500h20.400zM12 10v4.500M12 17.600v.1"></path>`,
);

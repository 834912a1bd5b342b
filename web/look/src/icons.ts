/** Pictures of controls: 24 by 24, in the colour of their text. */

import { html, svg, type TemplateResult } from "lit";

/** A picture of lines; `body` is an `svg` template. */
export const icon = (body: TemplateResult): TemplateResult =>
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
  "M20.500 16.300v2.700a1.800 1.800 0 0 1-2 1.800A17.800 17.800 0 0 1 3.200 5.500a1.800 1.800 0 0 1 1.800-2h2.700a1.800 1.800 0 0 1 1.800 1.500c.1.900.3 1.700.6 2.500a1.800 1.800 0 0 1-.4 1.900l-1.100 1.200a14.300 14.300 0 0 0 5.300 5.300l1.200-1.100a1.800 1.800 0 0 1 1.900-.4c.8.3 1.600.5 2.500.6a1.800 1.800 0 0 1 1.500 1.800z";

export const phoneIcon = icon(svg`<path d=${HANDSET}></path>`);
export const hangUpIcon = icon(svg`<path transform="rotate(135 12 12)" d=${HANDSET}></path>`);
export const headsetIcon = icon(
  svg`<path d="M4 14v-2a8 8 0 0 1 16 0v2"></path><path d="M4 14h3v6H5.500A1.500 1.500 0 0 1 4 18.500zM20 14h-3v6h1.500a1.500 1.500 0 0 0 1.500-1.500z"></path>`,
);
export const microphoneIcon = icon(
  svg`<rect x="9" y="3" width="6" height="11" rx="3"></rect><path d="M5.500 11.500a6.500 6.500 0 0 0 13 0M12 18v3"></path>`,
);
export const mutedIcon = icon(
  svg`<path d="M15 10V6a3 3 0 0 0-5.800-1M9 9v2a3 3 0 0 0 4.700 2.500M5.500 11.500a6.500 6.500 0 0 0 10.600 5M18.500 11.500c0 .8-.1 1.500-.4 2.200M12 18v3M4 3l16 18"></path>`,
);
export const keypadIcon = icon(
  svg`${[5, 12, 19].map((y) => [5, 12, 19].map((x) => svg`<circle cx=${x} cy=${y} r="1.200" fill="currentColor"></circle>`))}`,
);
export const speakerIcon = icon(
  svg`<path d="M4 9.500v5h3.500L12 18.500v-13L7.500 9.500zM15.500 9a4.200 4.200 0 0 1 0 6M18 6.500a7.800 7.800 0 0 1 0 11"></path>`,
);
export const warningIcon = icon(svg`<path d="M12 4 2.800 19.500h18.400zM12 10v4.500M12 17.200v.1"></path>`);
export const personIcon = icon(
  svg`<circle cx="12" cy="8" r="4"></circle><path d="M4.500 20.500a7.500 7.500 0 0 1 15 0"></path>`,
);
export const clockIcon = icon(
  svg`<circle cx="12" cy="12" r="9"></circle><path d="M12 7v5.500l3.500 2"></path>`,
);
export const closeIcon = icon(svg`<path d="M6 6l12 12M18 6 6 18"></path>`);
export const backIcon = icon(svg`<path d="M9.500 6 3.500 12l6 6M4 12h16.500"></path>`);
export const pageIcon = icon(
  svg`<rect x="3" y="4.500" width="18" height="15" rx="2"></rect><path d="M3 9h18M6 6.800v.1M8.500 6.800v.1"></path>`,
);
export const leaveIcon = icon(svg`<path d="M14 4H5v16h9M10 12h11M17.500 8.500 21 12l-3.500 3.500"></path>`);
export const checkIcon = icon(svg`<path d="M4.500 12.500 10 18 19.500 6.500"></path>`);
export const shieldIcon = icon(
  svg`<path d="M12 2.800 4.500 5.500v6c0 4.700 3.200 8 7.500 9.700 4.300-1.700 7.500-5 7.500-9.700v-6zM8.500 11.800l2.500 2.500 4.500-5"></path>`,
);
export const unsureIcon = icon(
  svg`<circle cx="12" cy="12" r="9"></circle><path d="M9.300 9.500a2.800 2.800 0 1 1 4 2.500c-.9.5-1.300 1-1.300 2M12 17v.1"></path>`,
);
export const outIcon = icon(
  svg`<path d="M13.500 4.500h6v6M19.500 4.500 11 13M17 13.500v5.500H5V7h5.500"></path>`,
);
export const chartIcon = icon(svg`<path d="M4 4v16h16M8.500 16v-4M13 16V8M17.500 16v-6"></path>`);
export const cartIcon = icon(
  svg`<path d="M3 4h2.500l2 11h10.500l2-8H6.300"></path><circle cx="9" cy="19" r="1.300"></circle><circle cx="16.500" cy="19" r="1.300"></circle>`,
);
export const boardIcon = icon(
  svg`<rect x="3" y="4" width="18" height="12.500" rx="2"></rect><path d="M8 20.500h8M12 16.500v4M7.500 12V9.500M12 12V7.500M16.500 12v-1"></path>`,
);

/** The page's pictures; those of every telephone are shared. */

import { icon } from "@ringback/look/icons";
import { html, svg, type TemplateResult } from "lit";

export * from "@ringback/look/icons";

/** The caller waits, and the call goes on. */
export const holdIcon = icon(svg`<path d="M9 6v12M15 6v12"></path>`);
/** The agent is away: a cup on the table. */
export const awayIcon = icon(
  svg`<path d="M4.500 9h12v6.500a4 4 0 0 1-4 4h-4a4 4 0 0 1-4-4zM16.500 10.500h1.200a2.600 2.600 0 0 1 0 5.200h-1.200M8 3v2.500M12.500 3v2.500"></path>`,
);
export const bellIcon = icon(
  svg`<path d="M6 16v-5.500a6 6 0 0 1 12 0V16l1.500 2h-15zM10 20.500a2.200 2.200 0 0 0 4 0"></path>`,
);
export const tabsIcon = icon(svg`<path d="M8 8V4h12v12h-4M4 8h12v12H4z"></path>`);
export const transferIcon = icon(
  svg`<path d="M3.500 9.500V8a3 3 0 0 1 3-3H20M16 1.500 19.500 5 16 8.500M20.500 14.500V16a3 3 0 0 1-3 3H4M8 22.500 4.500 19 8 15.500"></path>`,
);
export const playIcon = icon(svg`<path d="M8 5.500v13l10.500-6.500z"></path>`);
export const lockIcon = icon(
  svg`<rect x="5" y="11" width="14" height="9.500" rx="2"></rect><path d="M8 11V7.500a4 4 0 0 1 8 0V11"></path>`,
);
export const deskPhoneIcon = icon(
  svg`<path d="M4 10.500a12 12 0 0 1 16 0l-1.200 2.700-3.300-1.200v-1.800a13 13 0 0 0-7 0V12l-3.300 1.200zM7.500 14.500h9l2.500 6H5z"></path>`,
);

/** Bars like those of a telephone: how many of three are lit. */
export const signalIcon = (lit: number): TemplateResult =>
  html`<svg viewBox="0 0 20 16" aria-hidden="true" focusable="false">
    ${[0, 1, 2].map(
      (bar) =>
        svg`<rect x=${bar * 7} y=${10 - bar * 5} width="5" height=${6 + bar * 5} rx="1.500" fill="currentColor" opacity=${bar < lit ? 1 : 0.25}></rect>`,
    )}
  </svg>`;

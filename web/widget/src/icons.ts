/** The panel's own pictures, beside those of every telephone. */

import { icon } from "@ringback/look/icons";
import { svg } from "lit";

export * from "@ringback/look/icons";

export const chatIcon = icon(svg`<path d="M4 4h16v12H10l-5 4v-4H4zM8 9h8M8 12.500h5"></path>`);
export const storeIcon = icon(svg`<path d="M4 10v10h16V10M2.5 10 5 4h14l2.5 6zM9.5 20v-6h5v6"></path>`);
export const letterIcon = icon(svg`<path d="M3 6h18v13H3zM3.500 7l8.500 6.500L20.500 7"></path>`);

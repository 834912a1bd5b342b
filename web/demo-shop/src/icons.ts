/** The shop's own pictures, beside those of every telephone. */

import { icon } from "@ringback/look/icons";
import { svg } from "lit";

export * from "@ringback/look/icons";

export const cartIcon = icon(
  svg`<circle cx="9.5" cy="20" r="1.3"></circle><circle cx="17.5" cy="20" r="1.3"></circle><path d="M2.5 3.500h3l2.7 12h9.800l2.5-8.500H6.4"></path>`,
);

/** Rules that every component of the shop shares. */

import { plain } from "@ringback/look/styles";

export { buttons } from "@ringback/look/styles";

export const base = plain;

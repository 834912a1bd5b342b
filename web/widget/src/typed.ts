/** What the shopper typed, or the shop's page knows of them. Pure. */

import type { PageOfClick } from "../../page/src/widget-seam";

/** What the shopper gave: asked for once, kept in every pane. */
export interface Typed {
  readonly number: string;
  readonly country: string;
}

/** The same with what the shop's page knows of its customer; `countries` are the site's, the first one is preset. */
export function filledIn(
  typed: Typed,
  { data }: Pick<PageOfClick, "data">,
  [first = ""]: readonly string[],
): Typed {
  const { "contact.number": number, "contact.country": country } = data;
  return {
    number: typeof number === "string" && number !== "" ? number : typed.number,
    country: typeof country === "string" && country !== "" ? country : typed.country || first,
  };
}

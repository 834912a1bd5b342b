/** Where one is in the portal, as the address tells it behind its #: `#/reports/calls?site=acme`. */

import { type Query, queryText } from "./portal-api";

export interface Place {
  /** The screen's id; empty for none. */
  readonly screen: string;
  /** What comes behind it. */
  readonly path: readonly string[];
  /** Filters, so that a link to a screen shows the same. */
  readonly query: URLSearchParams;
}

export function readPlace(hash: string): Place {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [screen = "", ...rest] = path.split("/").map(decoded);
  return { screen, path: rest.filter((step) => step !== ""), query: new URLSearchParams(query) };
}

export function placeText(screen: string, path: readonly string[] = [], query: Query = {}): string {
  const text = queryText(query);
  return `#/${[screen, ...path].map(encodeURIComponent).join("/")}${text ? `?${text}` : ""}`;
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step; // as somebody typed it
  }
}

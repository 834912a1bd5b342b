/** Pages that an agent wants to show the shopper; docs/desk.md, "The shopper's page". */

import { type Keep, parseJson, webAddress } from "@ringback/browser-leg";
import { isRecord } from "@ringback/browser-leg/shapes";
import type { TalkBy } from "./calls";
import type { OpenPage } from "./messages";

/** A page that the shopper is to see: `url` is one of the web, `title` not empty. A mode that is not known asks. */
export type PagePush = Omit<OpenPage, "type">;

/** What is to be shown; null for what is no page of the web. */
export function pageOf({ mode, push, title, url }: OpenPage): PagePush | null {
  const address = webAddress(url);
  return address && { push, url: address.href, title: title || address.host, mode };
}

/**
 * Where a pushed page opens: in this tab, unless the call is talked on in this very page and would not be found
 * again in the other one, which is of another origin.
 */
export function placeOf({ url }: PagePush, by: TalkBy, here: string): "here" | "new_tab" {
  return by === "pc" && new URL(url).origin !== new URL(here).origin ? "new_tab" : "here";
}

const KEY = "ringback.shown";

/** Remember where the shopper was, before the tab goes to a page that was pushed. */
export function rememberWay(to: string, from: string, keep: Keep | null = tabStorage()): void {
  try {
    keep?.setItem(KEY, JSON.stringify({ from, to }));
  } catch {
    // Full, or forbidden: the browser's own way back is there.
  }
}

/** Where the shopper was before this page was pushed to them; null where they came by themselves. */
export function wayBack(here: string, keep: Keep | null = tabStorage()): string | null {
  const way = parseJson(read(keep) ?? "");
  if (!isRecord(way) || typeof way["to"] !== "string" || typeof way["from"] !== "string") return null;
  const from = webAddress(way["from"]);
  return way["to"] === here && from !== null && from.href !== here ? from.href : null;
}

/** The shopper has gone back, or wants to stay. */
export function forgetWay(keep: Keep | null = tabStorage()): void {
  try {
    keep?.removeItem(KEY);
  } catch {
    // It was never kept.
  }
}

function read(keep: Keep | null): string | null {
  try {
    return keep?.getItem(KEY) ?? null;
  } catch {
    return null;
  }
}

function tabStorage(): Keep | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

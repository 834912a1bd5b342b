/** Remembers this tab's live call over a reload of the page, so that the page finds its way back into it. */

import { parseJson, ReloadMemory } from "@ringback/browser-leg";
import { isRecord } from "@ringback/browser-leg/shapes";
import type { CallTicket, TalkBy } from "./calls";

/** A call that was live when the page went. */
export interface RememberedCall {
  /** Of the Ringback server. */
  readonly origin: string;
  readonly ticket: CallTicket;
  readonly by: TalkBy;
}

const KEY = "ringback.call";

/**
 * The call that this tab had before it was reloaded, or null. From now on the one that `current` tells of when the
 * page goes is remembered, in the tab's sessionStorage; null tells of none.
 */
export function rememberCall(
  current: () => RememberedCall | null,
  page?: Pick<EventTarget, "addEventListener">,
  keep?: Pick<Storage, "getItem" | "setItem" | "removeItem">,
): RememberedCall | null {
  const text = () => {
    const call = current();
    return call && JSON.stringify(call);
  };
  const { leg: kept } = new ReloadMemory(KEY, text, page, keep);
  return kept === null ? null : parseCall(parseJson(kept));
}

/** A call as it was kept; null for what is none. */
export function parseCall(value: unknown): RememberedCall | null {
  if (!isRecord(value) || !isRecord(value["ticket"])) return null;
  const { origin, by } = value;
  const { id, token } = value["ticket"];
  if (typeof origin !== "string" || typeof id !== "string" || typeof token !== "string") return null;
  return by === "phone" || by === "pc" ? { origin, ticket: { id, token }, by } : null;
}

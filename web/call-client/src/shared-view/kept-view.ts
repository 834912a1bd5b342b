/** How a shared view goes on in the next page of its tab, and in other tabs of the site. Nothing of it is on a disk. */

import { type Keep, parseJson } from "@ringback/browser-leg";
import { isRecord } from "@ringback/browser-leg/shapes";
import type { ViewTicket } from "./live-view";
import type { Deed } from "./view-state";

export interface KeptView {
  /** The server: a view of another one is not taken up. */
  readonly base: string;
  readonly ticket: ViewTicket;
  /** What was done so far, for the list. */
  readonly deeds: readonly Deed[];
}

/** In the tab's sessionStorage, from one page to the next; the name of the channel and of the lock, too. */
export const VIEW_KEY = "ringback.view";
const MOST_DEEDS = 50;

/** Keeps the view while the tab goes to another page of the site, and tells it once. */
export class ViewMemory {
  constructor(private readonly keep: Keep) {}

  take(base: string): KeptView | null {
    const kept = readKept(parseJson(this.keep.getItem(VIEW_KEY) ?? ""));
    this.forget();
    return kept?.base === base ? kept : null;
  }

  remember(kept: KeptView): void {
    this.keep.setItem(VIEW_KEY, JSON.stringify({ ...kept, deeds: kept.deeds.slice(-MOST_DEEDS) }));
  }

  forget(): void {
    this.keep.removeItem(VIEW_KEY);
  }
}

/** What of a BroadcastChannel is used here. */
export interface Channel {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

export const openChannel = (): Channel | null =>
  typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(VIEW_KEY);

/** The tabs of the site tell each other of their view: browsers let no other site hear it. */
export class ViewTabs {
  /** `mine`: the view of this tab; `told`: another tab has one. */
  constructor(
    private readonly base: string,
    private readonly mine: () => KeptView | null,
    private readonly told: (kept: KeptView) => void,
    private readonly channel: Channel | null = openChannel(),
  ) {
    if (channel) channel.onmessage = ({ data }) => this.hear(data);
  }

  /** Ask the others whether they have one. */
  ask(): void {
    this.channel?.postMessage({ type: "who", base: this.base });
  }

  /** This tab has one now. */
  tell(): void {
    const kept = this.mine();
    if (kept) this.channel?.postMessage({ type: "view", ...kept });
  }

  close(): void {
    this.channel?.close();
  }

  private hear(data: unknown): void {
    if (!isRecord(data) || data["base"] !== this.base) return;
    if (data["type"] === "who") return this.tell();
    const kept = data["type"] === "view" ? readKept(data) : null;
    if (kept) this.told(kept);
  }
}

function readKept(value: unknown): KeptView | null {
  if (!isRecord(value) || !isRecord(value["ticket"])) return null;
  const { base, deeds } = value;
  const { view, token } = value["ticket"];
  if (typeof base !== "string" || typeof view !== "string" || typeof token !== "string") return null;
  return { base, ticket: { view, token }, deeds: Array.isArray(deeds) ? deeds.filter(isDeed) : [] };
}

const isDeed = (value: unknown): value is Deed =>
  isRecord(value) &&
  typeof value["at"] === "number" &&
  ["agent", "kind", "what", "result", "reason"].every((name) => typeof value[name] === "string");

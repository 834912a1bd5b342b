/** How the panel stood when this tab left the page: in sessionStorage, read once by the next page. */

import { parseJson, tabStorage, type Keep } from "@ringback/browser-leg";
import { isRecord } from "@ringback/browser-leg/shapes";
import type { TalkBy } from "@ringback/call-client";
import type { Typed } from "./typed";

export interface PanelState {
  readonly open: boolean;
  readonly by: TalkBy;
  /** Whether the chat is shown, rather than a call or its form. */
  readonly chatting: boolean;
  readonly typed: Typed;
}

const KEY = "ringback.panel";

export class PanelMemory {
  /** null: this tab had no panel. */
  readonly before: PanelState | null;

  constructor(
    current: () => PanelState | null,
    page: Pick<EventTarget, "addEventListener"> = window,
    private readonly keep: Keep = tabStorage(),
  ) {
    this.before = parseState(parseJson(keep.getItem(KEY) ?? ""));
    keep.removeItem(KEY);
    page.addEventListener("pagehide", () => {
      const state = current();
      if (state) this.keep.setItem(KEY, JSON.stringify(state));
    });
    // A page may come back as it was (back/forward cache).
    page.addEventListener("pageshow", () => this.keep.removeItem(KEY));
  }
}

function parseState(value: unknown): PanelState | null {
  if (!isRecord(value) || !isRecord(value["typed"])) return null;
  const { number, country } = value["typed"];
  if (typeof number !== "string" || typeof country !== "string") return null;
  return {
    open: value["open"] === true,
    chatting: value["chatting"] === true,
    by: value["by"] === "pc" ? "pc" : "phone",
    typed: { number, country },
  };
}

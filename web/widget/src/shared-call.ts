/** The shop's one running call, told to all its tabs: in localStorage, for as long as the call lives. */

import { parseJson } from "@ringback/browser-leg";
import { isRecord } from "@ringback/browser-leg/shapes";
import { type CallTicket, parseCall, type RememberedCall } from "@ringback/call-client";

const KEY = "ringback.call";

/** What of a storage is used here. */
type Keep = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export class SharedCall {
  constructor(
    private readonly keep: () => Keep = () => localStorage,
    private readonly page: Pick<EventTarget, "addEventListener" | "removeEventListener"> = window,
  ) {}

  /** The call that a tab of this shop has, or null. */
  get current(): RememberedCall | null {
    return parseCall(parseJson(this.attempt((keep) => keep.getItem(KEY)) ?? ""));
  }

  /** This tab has placed a call: the shopper has clicked, so it may be kept. */
  tell(call: RememberedCall): void {
    this.attempt((keep) => keep.setItem(KEY, JSON.stringify(call)));
  }

  /** The number of the last page that was shown to the shopper, and that a tab has answered; -1: none. */
  get answered(): number {
    const told = parseJson(this.attempt((keep) => keep.getItem(KEY)) ?? "");
    return isRecord(told) && typeof told["answered"] === "number" ? told["answered"] : -1;
  }

  /** This tab answers: the others ask no more. */
  answer(push: number): void {
    const { current } = this;
    if (current) this.attempt((keep) => keep.setItem(KEY, JSON.stringify({ ...current, answered: push })));
  }

  /** The call is over, or nobody knows it. */
  forget({ id }: CallTicket): void {
    if (this.current?.ticket.id === id) this.attempt((keep) => keep.removeItem(KEY));
  }

  /** Hear of a call that another tab has placed; returns how to stop. */
  watch(heard: () => void): () => void {
    const listen = (event: Event): void => {
      if ((event as StorageEvent).key === KEY) heard();
    };
    this.page.addEventListener("storage", listen);
    return () => this.page.removeEventListener("storage", listen);
  }

  /** Where the browser forbids storage, or it is full, each tab knows its own call alone. */
  private attempt<T>(what: (keep: Keep) => T): T | null {
    try {
      return what(this.keep());
    } catch {
      return null;
    }
  }
}

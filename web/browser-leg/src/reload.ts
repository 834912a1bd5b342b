/** Which leg this tab had before it was reloaded. */

/**
 * Remembers over a reload, and over nothing else: it is written when the page goes, and read once. So a
 * duplicate of the tab, which gets a copy of the tab's storage, does not take the call away.
 */
export class ReloadMemory {
  /** The leg that this tab had when it went, or null. */
  readonly leg: string | null;

  constructor(
    key: string,
    /** The leg that the page has when it goes, or null. */
    current: () => string | null,
    page: Pick<EventTarget, "addEventListener"> = window,
    keep: Pick<Storage, "getItem" | "setItem" | "removeItem"> = sessionStorage,
  ) {
    this.leg = keep.getItem(key);
    keep.removeItem(key);
    page.addEventListener("pagehide", () => {
      const leg = current();
      if (leg !== null) keep.setItem(key, leg);
    });
    // A page may come back as it was (back/forward cache).
    page.addEventListener("pageshow", () => keep.removeItem(key));
  }
}

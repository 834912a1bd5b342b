/** Which leg this tab had before it was reloaded. */

/** What of a storage is used here. */
export type Keep = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** The tab's sessionStorage; where the browser forbids it, or it is full, nothing is kept and nothing breaks. */
export function tabStorage(of: () => Keep = () => sessionStorage): Keep {
  const attempt = <T>(what: (keep: Keep) => T, otherwise: T): T => {
    try {
      return what(of());
    } catch {
      return otherwise;
    }
  };
  return {
    getItem: (key) => attempt((keep) => keep.getItem(key), null),
    setItem: (key, value) => attempt((keep) => keep.setItem(key, value), undefined),
    removeItem: (key) => attempt((keep) => keep.removeItem(key), undefined),
  };
}

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
    keep: Keep = tabStorage(),
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

/** Which pages in other systems were opened by themselves: each once, in whatever tab of this browser. */

import { isRecord } from "@ringback/browser-leg/shapes";

const KEY = "ringback.opened";
/** As many as are remembered. */
const MOST = 40;

export class OpenedLinks {
  private readonly here = new Set<string>();

  constructor(
    /** Open a page beside this one; false: the browser does not let us. */
    private readonly open: (url: string) => boolean = (url) => window.open(url, "_blank") !== null,
    private readonly keep: () => Pick<Storage, "getItem" | "setItem"> | null = storage,
  ) {}

  /** Open the page for this call, unless that was done; false where the browser keeps us from it. */
  openOnce(callId: string, url: string): boolean {
    const name = `${callId} ${url}`;
    const known = this.read();
    if (this.here.has(name) || known.includes(name)) return true;
    this.here.add(name);
    this.write([...known, name].slice(-MOST));
    return this.open(url);
  }

  private read(): readonly string[] {
    try {
      const kept: unknown = JSON.parse(this.keep()?.getItem(KEY) ?? "{}");
      const names = isRecord(kept) ? kept["names"] : null;
      return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
    } catch {
      return [];
    }
  }

  private write(names: readonly string[]): void {
    try {
      this.keep()?.setItem(KEY, JSON.stringify({ names }));
    } catch {
      // Full, or forbidden: then each tab opens its own.
    }
  }
}

function storage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

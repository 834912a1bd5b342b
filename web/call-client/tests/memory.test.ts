import { describe, expect, it } from "vitest";
import { type RememberedCall, rememberCall } from "../src";

const CALL: RememberedCall = {
  origin: "https://ringback.example",
  ticket: { id: "c1", token: "t1" },
  by: "pc",
};

/** A tab: what is kept survives its reloads. */
class Tab {
  readonly kept = new Map<string, string>();
  page = new EventTarget();

  /** Load the page, whose call is then `current`. */
  load(current: RememberedCall | null): RememberedCall | null {
    this.page = new EventTarget();
    return rememberCall(() => current, this.page, {
      getItem: (key) => this.kept.get(key) ?? null,
      setItem: (key, value) => void this.kept.set(key, value),
      removeItem: (key) => void this.kept.delete(key),
    });
  }

  leave(): void {
    this.page.dispatchEvent(new Event("pagehide"));
  }
}

describe("rememberCall", () => {
  it("tells a reloaded page of the call that was live when it went", () => {
    const tab = new Tab();
    expect(tab.load(CALL)).toBeNull();
    tab.leave();
    expect(tab.load(null)).toEqual(CALL);
    tab.leave();
    expect(tab.load(null)).toBeNull();
  });

  it("keeps nothing while the page is there: a copy of the tab takes no call away", () => {
    const tab = new Tab();
    tab.load(CALL);
    expect(tab.kept.size).toBe(0);
  });

  it.each(["", "{", "[]", '{"ticket": {"id": 1}}', '{"origin": "o", "by": "fax", "ticket": {"id": "i"}}'])(
    "does not believe %j",
    (text) => {
      const tab = new Tab();
      tab.load(CALL);
      tab.leave();
      for (const key of tab.kept.keys()) tab.kept.set(key, text);
      expect(tab.load(null)).toBeNull();
    },
  );
});

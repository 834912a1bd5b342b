import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Announcer } from "../src/announcer";
import { isHandheld } from "../src/device";
import { PanelMemory, type PanelState } from "../src/panel-memory";
import { SharedCall } from "../src/shared-call";
import { signedBy } from "../src/signing";
import { isDark } from "../src/theme";

/** A storage, as browsers have it. */
function storage(): Pick<Storage, "getItem" | "setItem" | "removeItem"> {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}

describe("Announcer", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("says the first news at once, then the newest, once in three seconds", () => {
    const said: string[] = [];
    const announcer = new Announcer((words) => said.push(words));
    for (const news of ["Calling you…", "Your phone is ringing.", "You answered.", "You answered.", ""]) {
      announcer.say(news);
    }
    expect(said).toEqual(["Calling you…"]);
    vi.advanceTimersByTime(3_000);
    expect(said).toEqual(["Calling you…", "You answered."]);
    announcer.say("You answered.");
    vi.advanceTimersByTime(9_000);
    expect(said.length).toBe(2);
    announcer.say("Connected.");
    expect(said.at(-1)).toBe("Connected.");
  });
});

describe("SharedCall", () => {
  const call = { origin: "https://calls.example", ticket: { id: "c1", token: "t" }, by: "phone" } as const;

  it("tells the other tabs of a call, until it is over", () => {
    const [keep, page] = [storage(), new EventTarget()];
    const [one, other] = [new SharedCall(() => keep, page), new SharedCall(() => keep, page)];
    const heard = vi.fn();
    const stop = other.watch(heard);
    one.tell(call);
    page.dispatchEvent(Object.assign(new Event("storage"), { key: "ringback.call" }));
    page.dispatchEvent(Object.assign(new Event("storage"), { key: "basket" }));
    expect(heard).toHaveBeenCalledTimes(1);
    expect(other.current).toEqual(call);
    expect(other.answered).toBe(-1);
    other.answer(2);
    expect([one.answered, one.current]).toEqual([2, call]);
    other.forget({ id: "another", token: "" });
    expect(one.current).toEqual(call);
    one.forget(call.ticket);
    expect(other.current).toBeNull();
    stop();
  });

  it("does without storage, and does not believe what is in it", () => {
    const forbidden = new SharedCall(() => {
      throw new Error("forbidden");
    }, new EventTarget());
    forbidden.tell(call);
    expect(forbidden.current).toBeNull();
    const keep = storage();
    const shared = new SharedCall(() => keep, new EventTarget());
    for (const odd of ["", "{", "[]", '{"ticket":{"id":1}}', JSON.stringify({ ...call, by: "mail" })]) {
      keep.setItem("ringback.call", odd);
      expect(shared.current).toBeNull();
    }
  });
});

describe("PanelMemory", () => {
  const state: PanelState = {
    open: true,
    by: "pc",
    chatting: true,
    typed: { number: "617 555", country: "US" },
  };

  it("has the panel as it stood, for the tab's next page alone", () => {
    const [keep, page] = [storage(), new EventTarget()];
    expect(new PanelMemory(() => state, page, keep).before).toBeNull();
    page.dispatchEvent(new Event("pagehide"));
    expect(new PanelMemory(() => null, new EventTarget(), keep).before).toEqual(state);
    expect(new PanelMemory(() => null, new EventTarget(), keep).before).toBeNull();
  });

  it("keeps nothing where the panel was never opened, or the page came back as it was", () => {
    const [keep, page] = [storage(), new EventTarget()];
    new PanelMemory(() => null, page, keep);
    page.dispatchEvent(new Event("pagehide"));
    expect(keep.getItem("ringback.panel")).toBeNull();
    const other = new EventTarget();
    new PanelMemory(() => state, other, keep);
    other.dispatchEvent(new Event("pagehide"));
    other.dispatchEvent(new Event("pageshow"));
    expect(keep.getItem("ringback.panel")).toBeNull();
  });
});

describe("signedBy", () => {
  it("takes the first answer that is signed", async () => {
    const odd = [
      undefined,
      5,
      { signed: 7 },
      Promise.reject(new Error("no")),
      Promise.resolve({ signed: "a.b.c" }),
    ];
    expect(await signedBy(odd)).toEqual({ signed: "a.b.c" });
    expect(await signedBy([])).toEqual({});
    expect(await signedBy([{ other: 1 }])).toEqual({});
  });

  it("does not wait for ever", async () => {
    expect(await signedBy([new Promise(() => {})], 5)).toEqual({});
  });
});

describe("isDark", () => {
  it.each([
    ["#ffffff", false],
    ["#14181d", true],
    ["#777777", false],
    ["#2f2f6d", true],
    ["teal", false],
  ])("%s: %s", (colour, dark) => {
    expect(isDark(colour)).toBe(dark);
  });
});

describe("isHandheld", () => {
  it.each([
    ["Mozilla/5.0 (X11; Linux x86_64)", 0, false],
    ["Mozilla/5.0 (Windows NT 10.0)", 10, false],
    ["Mozilla/5.0 (Macintosh; Intel Mac OS X)", 0, false],
    ["Mozilla/5.0 (Macintosh; Intel Mac OS X)", 5, true],
    ["Mozilla/5.0 (iPhone; CPU iPhone OS 18)", 5, true],
    ["Mozilla/5.0 (Linux; Android 15)", 5, true],
  ])("%s with %d touch points: %s", (userAgent, maxTouchPoints, handheld) => {
    expect(isHandheld({ userAgent, maxTouchPoints })).toBe(handheld);
  });
});

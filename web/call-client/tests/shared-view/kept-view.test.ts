import { describe, expect, it } from "vitest";
import { type Channel, type KeptView, VIEW_KEY, ViewMemory, ViewTabs } from "../../src/shared-view";

const BASE = "https://calls.example/";
const deed = { at: 1, agent: "Sandra", kind: "fill", what: "ZIP", result: "done", reason: "" } as const;
const kept: KeptView = { base: BASE, ticket: { view: "v_1", token: "t" }, deeds: [deed] };

function storage() {
  const items = new Map<string, string>();
  return {
    items,
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  };
}

describe("a view over pages", () => {
  it("is taken up once by the next page of the same server", () => {
    const keep = storage();
    const memory = new ViewMemory(keep);
    memory.remember(kept);
    expect(memory.take("https://other.example/")).toBeNull();
    memory.remember(kept);
    expect(memory.take(BASE)).toEqual(kept);
    expect(memory.take(BASE)).toBeNull();
  });

  it("keeps a list that does not grow for ever, and believes no strange one", () => {
    const keep = storage();
    const memory = new ViewMemory(keep);
    memory.remember({ ...kept, deeds: Array.from({ length: 500 }, () => deed) });
    expect(memory.take(BASE)!.deeds.length).toBe(50);
    for (const strange of [
      "",
      "{",
      "[]",
      '{"base":1}',
      JSON.stringify({ base: BASE, ticket: { view: 1 } }),
    ]) {
      keep.items.set(VIEW_KEY, strange);
      expect(memory.take(BASE)).toBeNull();
    }
    keep.items.set(VIEW_KEY, JSON.stringify({ ...kept, deeds: [{ at: "x" }, deed] }));
    expect(memory.take(BASE)!.deeds).toEqual([deed]);
  });
});

describe("a view over tabs", () => {
  /** Channels that hear each other, as in one browser. */
  const channels = () => {
    const all: Channel[] = [];
    return (): Channel => {
      const channel: Channel = {
        onmessage: null,
        postMessage: (data) => {
          for (const other of all) if (other !== channel) other.onmessage?.({ data } as MessageEvent);
        },
        close: () => {},
      };
      all.push(channel);
      return channel;
    };
  };

  it("is told to a new tab that asks, and by a tab that gets one", () => {
    const open = channels();
    let has: KeptView | null = null;
    const heard: KeptView[] = [];
    const one = new ViewTabs(
      BASE,
      () => has,
      () => {},
      open(),
    );
    const other = new ViewTabs(
      BASE,
      () => null,
      (told) => heard.push(told),
      open(),
    );
    other.ask();
    expect(heard).toEqual([]);
    has = kept;
    other.ask();
    one.tell();
    expect(heard).toEqual([kept, kept]);
  });

  it("is told to no panel of another server", () => {
    const open = channels();
    const heard: KeptView[] = [];
    new ViewTabs(
      BASE,
      () => kept,
      () => {},
      open(),
    );
    const stranger = new ViewTabs(
      "https://other.example/",
      () => null,
      (told) => heard.push(told),
      open(),
    );
    stranger.ask();
    expect(heard).toEqual([]);
  });
});

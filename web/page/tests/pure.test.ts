import "./browser";
import { describe, expect, it } from "vitest";
import { startClock, tick } from "../src/clock";
import { busyReasons, STILL_TYPING, type Signs } from "../src/follow/busy";
import { whereFrom } from "../src/where";

const { NOTHING, recall, turned, written } = await import("../src/memory");
const { toJson, randomId } = await import("../src/natives");

describe("the clock", () => {
  it("runs while the page is in sight, and stands still otherwise", () => {
    let clock = tick(startClock(0), 0, true);
    clock = tick(clock, 1_000, true);
    expect(clock.ms).toBe(1_000);
    clock = tick(clock, 2_000, false); // hidden from now on
    expect(clock.ms).toBe(2_000);
    clock = tick(clock, 900_000, true);
    expect(clock.ms).toBe(2_000);
    expect(tick(clock, 901_000, true).ms).toBe(3_000);
  });

  it("does not count a laptop's sleep, nor time that runs back", () => {
    const clock = tick(startClock(0), 0, true);
    expect(tick(clock, 3_600_000, true).ms).toBe(5_000);
    expect(tick({ ...clock, ms: 7, at: 500 }, 100, true).ms).toBe(7);
  });
});

describe("where the loader came from", () => {
  it.each([
    ["https://calls.shop.example/p/site-key-1.js", "https://calls.shop.example/", "site-key-1"],
    ["https://shop.example/ringback/p/site-key-1.js", "https://shop.example/ringback/", "site-key-1"],
    ["http://127.0.0.1:8080/p/abcdefgh.js?x=1#y", "http://127.0.0.1:8080/", "abcdefgh"],
    ["https://shop.example/p/p/abcdefgh.js", "https://shop.example/p/", "abcdefgh"],
  ])("%s", (address, base, site) => expect(whereFrom(address)).toEqual({ base, site }));

  it.each([
    "",
    "https://shop.example/loader.js",
    "https://shop.example/p/a.js",
    "blob:https://a/p/abcdefgh.js",
  ])("not from %j", (address) => expect(whereFrom(address)).toBeNull());
});

describe("busy", () => {
  const idle: Signs = {
    hidden: false,
    inField: false,
    sinceKey: null,
    dialog: false,
    inContact: false,
    optedOut: false,
  };
  it("is nobody who only looks", () => expect(busyReasons(idle)).toEqual([]));
  it("tells each reason by the server's word", () => {
    const all = { hidden: true, inField: true, sinceKey: 0, dialog: true, inContact: true, optedOut: true };
    expect(busyReasons(all)).toEqual(["hidden_tab", "typing", "dialog", "in_contact", "opted_out"]);
  });
  it("is typing for some seconds after a key in a field, and no longer", () => {
    const inField = { ...idle, inField: true };
    expect(busyReasons(inField)).toEqual([]); // a shop that focuses its search field
    expect(busyReasons({ ...inField, sinceKey: STILL_TYPING - 1 })).toEqual(["typing"]);
    expect(busyReasons({ ...inField, sinceKey: STILL_TYPING })).toEqual([]);
    expect(busyReasons({ ...idle, sinceKey: 0 })).toEqual([]); // left the field
  });
});

describe("what the browser keeps", () => {
  const kept = {
    ...NOTHING,
    id: "a".repeat(32),
    consent: true,
    visit: 2,
    pages: 3,
    ms: 5_000,
    at: 1_000_000,
  };
  it("comes back as it was written", () => {
    expect(recall(written(kept, 1_000_000))).toMatchObject(kept);
  });
  it("is nothing where there is nothing, or another version's", () => {
    for (const text of ["", "{", "null", "3", '"x"', '{"v":2,"id":"x"}', "{}"])
      expect(recall(text)).toBeNull();
  });
  it("goes on with the visit for half an hour, also where the clock was set back", () => {
    for (const at of [1_000_000, 1_000_000 + 29 * 60_000, 1_000_000 - 29 * 60_000])
      expect(turned(kept, at)).toMatchObject({ visit: 2, pages: 4, ms: 5_000 });
    for (const at of [1_000_000 + 30 * 60_000, 1_000_000 - 31 * 60_000])
      expect(turned({ ...kept, counts: { a: 1 } }, at)).toMatchObject({
        visit: 3,
        pages: 1,
        ms: 0,
        counts: {},
      });
  });
  it("is at most 2 KiB", () => {
    const counts = Object.fromEntries([...Array(200).keys()].map((each) => [`fact.number_${each}`, each]));
    expect(recall(written({ ...kept, counts }, 5))).toMatchObject({ id: kept.id, counts: {} });
    expect(written({ ...kept, counts }, 5).length).toBeLessThan(2_048);
  });
});

describe("JSON on a page with Prototype.js 1.6", () => {
  it("asks no toJSON of the page", () => {
    const prototype = Array.prototype as { toJSON?: () => string };
    prototype.toJSON = () => "broken";
    try {
      expect(toJson({ busy: ["typing"], n: 1, nothing: undefined })).toBe('{"busy":["typing"],"n":1}');
    } finally {
      delete prototype.toJSON;
    }
  });
  it("makes ids of 128 bits", () => {
    expect(randomId()).toMatch(/^[0-9a-f]{32}$/);
    expect(randomId()).not.toBe(randomId());
  });
});

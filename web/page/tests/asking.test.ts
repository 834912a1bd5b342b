import { describe, expect, it } from "vitest";
import { BURST, dueIn, refilled, waitFor, type Told } from "../src/follow/asking";
import type { AskAgain } from "../src/messages";

const nothing: AskAgain = { facts: [], seconds: null, busy: false };
const told = (more: Partial<Told> = {}): Told => ({ facts: {}, busy: [], at: 0, ...more });

describe("when the page asks again", () => {
  it("does not by itself", () => {
    expect(dueIn(nothing, told(), { "cart.value": 1, "time.on_page": 9 }, [], 1e6)).toBeNull();
  });

  it("asks at once when a fact has changed that the server waits for", () => {
    const again = { ...nothing, facts: ["cart.value"] };
    const before = told({ facts: { "cart.value": 10 } });
    expect(dueIn(again, before, { "cart.value": 10 }, [], 1)).toBeNull();
    expect(dueIn(again, before, { "cart.value": 11 }, [], 1)).toBe(0);
    expect(dueIn(again, before, {}, [], 1)).toBe(0); // it is not known any more
    expect(dueIn(again, before, { "cart.value": 10, "cart.count": 2 }, [], 1)).toBeNull();
  });

  it("asks after the seconds in sight that the server told, and not because time goes on", () => {
    const again = { facts: ["time.on_page", "time.on_site"], seconds: 40, busy: false };
    const before = told({ facts: { "time.on_page": 2, "time.on_site": 2 }, at: 2_000 });
    const now = { "time.on_page": 30, "time.on_site": 30 };
    expect(dueIn(again, before, now, [], 2_000)).toBe(40_000);
    expect(dueIn(again, before, now, [], 30_000)).toBe(12_000);
    expect(dueIn(again, before, now, [], 42_000)).toBe(0);
    expect(dueIn(again, before, now, [], 50_000)).toBe(0);
  });

  it("asks when the shopper is active again, if the server waits for that", () => {
    const again = { ...nothing, facts: ["time.idle"] };
    const before = told({ facts: { "time.idle": 30 } });
    expect(dueIn(again, before, { "time.idle": 31 }, [], 1)).toBeNull();
    expect(dueIn(again, before, { "time.idle": 0.1 }, [], 1)).toBe(0);
  });

  it("asks when a reason passes that kept invitations away, and not when one comes", () => {
    const again = { ...nothing, busy: true };
    expect(dueIn(again, told({ busy: ["typing"] }), {}, ["typing"], 1)).toBeNull();
    expect(dueIn(again, told({ busy: ["typing"] }), {}, [], 1)).toBe(0);
    expect(dueIn(again, told({ busy: ["typing"] }), {}, ["dialog"], 1)).toBe(0);
    expect(dueIn(again, told(), {}, ["dialog"], 1)).toBeNull();
    expect(dueIn(nothing, told({ busy: ["typing"] }), {}, [], 1)).toBeNull();
  });
});

describe("how often it may ask", () => {
  it("takes ten at once, then one every 1.25 seconds, whatever a shop's code does", () => {
    let allowance = { left: BURST, at: 0 };
    let asked = 0;
    for (let now = 0; now < 60_000; now += 10) {
      allowance = refilled(allowance, now);
      if (waitFor(allowance)) continue;
      allowance = { ...allowance, left: allowance.left - 1 };
      asked++;
    }
    expect(asked).toBeGreaterThanOrEqual(BURST + 46);
    expect(asked).toBeLessThanOrEqual(BURST + 48);
  });

  it("says how long to wait", () => {
    expect(waitFor({ left: 0.2, at: 0 })).toBe(1_000);
    expect(waitFor({ left: 1, at: 0 })).toBe(0);
  });
});

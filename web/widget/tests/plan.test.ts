import { describe, expect, it } from "vitest";
import { readPlan, withNow, withOffer } from "../src/plan";

const PLAN = {
  v: 1,
  site: {
    label: "Acme",
    theme: { accent: "#123456" },
    languages: ["en", "de"],
    ways: ["pc", "chat", "phone"],
    country: "US",
    countries: ["CA", "US"],
  },
  state: "open",
  ways: { phone: "open", pc: "later", chat: "open" },
  later: { ways: ["callback"], opens_at: 5_000, opens: "on Monday" },
};

describe("readPlan", () => {
  it("has the ways that the panel has a pane for, in the site's order", () => {
    const plan = readPlan(PLAN, true);
    expect(plan).toMatchObject({
      label: "Acme",
      ways: ["pc", "phone"],
      countries: ["US", "CA"],
      darkTheme: null,
    });
    expect(plan.states).toEqual({ phone: "open", pc: "later" });
    expect(plan.later).toEqual({ way: "callback", opensAt: 5_000 });
  });

  it("offers no talk by PC where the page may use no microphone", () => {
    expect(readPlan(PLAN, false).ways).toEqual(["phone"]);
  });

  it.each([
    null,
    undefined,
    5,
    [],
    {},
    { site: 1, ways: "x", later: [] },
    { ways: { phone: "of_a_newer_server" } },
  ])("takes %j for a plan that offers nothing", (plan) => {
    expect(readPlan(plan, true)).toMatchObject({ ways: [], later: { way: null, opensAt: null }, theme: {} });
  });
});

describe("the chat of a plan", () => {
  const chat = {
    fields: [{ key: "customer.name", label: "Name", required: true }, { key: 5 }],
    guided: true,
    escalate: ["pc", "phone", "fax"],
    longest: 500,
  };

  it("is a way beside the calls, in the site's order, with what the pane needs", () => {
    const plan = readPlan({ ...PLAN, site: { ...PLAN.site, chat } }, true);
    expect(plan.panes).toEqual(["pc", "chat", "phone"]);
    expect(plan.chat).toEqual({
      state: "open",
      fields: [{ key: "customer.name", label: "Name", required: true }],
      guided: true,
      escalate: ["phone", "pc"],
      longest: 500,
      transcript: true,
    });
  });

  it("is there with an older server, and without where it is hidden", () => {
    expect(readPlan(PLAN, false).chat).toMatchObject({
      fields: [],
      guided: false,
      escalate: [],
      longest: 2000,
    });
    const hidden = readPlan({ ...PLAN, ways: { ...PLAN.ways, chat: "hidden" } }, true);
    expect(hidden.panes).toEqual(["pc", "phone"]);
    expect(withOffer(hidden, "chat", "open")).toMatchObject({
      panes: ["chat", "pc", "phone"],
      ways: ["pc", "phone"],
      chat: { state: "open" },
    });
  });
});

describe("withNow", () => {
  it("has how it stands at the click", () => {
    const now = { state: "later", ways: { phone: "later", pc: "hidden", chat: "hidden" }, later: null };
    expect(readPlan(withNow(PLAN, now), true)).toMatchObject({
      ways: ["phone"],
      label: "Acme",
      later: { way: null },
    });
    expect(withNow(PLAN, null)).toBe(PLAN);
  });

  it("leaves hidden what rules hide from this shopper", () => {
    const hidden = { ...PLAN, ways: { phone: "hidden", pc: "open" } };
    const now = { state: "open", ways: { phone: "open", pc: "open" }, later: null };
    expect(readPlan(withNow(hidden, now), true).ways).toEqual(["pc"]);
  });
});

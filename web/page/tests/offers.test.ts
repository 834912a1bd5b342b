import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Invitation } from "../src/follow/invitation";
import { Offers, type OfferWorld } from "../src/follow/offers";
import type { PageOffer, PagePlan } from "../src/messages";

const offer: PageOffer = {
  id: "o1",
  kind: "invitation",
  arm: "shown",
  way: "phone",
  text: "Trouble with a code?",
  place: "corner",
};

/** A page on paper: what it told, what it showed, and what it answers. */
class Paper {
  told: { what: string; offer?: string | null; reason?: string }[] = [];
  shown: Invitation | null = null;
  offer: PageOffer | null = offer;
  buttons: object[] = [];
  stands: unknown = { offer: "open", why: null };
  busy: string[] = [];
  room = true;
  ms = 0;
  waitsFor: string[] = [];
  accepted: string[] = [];
  heard: string[] = [];

  world: OfferWorld = {
    page: {
      plan: () =>
        ({ offer: this.offer, site: { label: "Acme" }, buttons: this.buttons }) as unknown as PagePlan,
      ms: () => this.ms,
      tell: async (event) => void this.told.push(event as (typeof this.told)[0]),
      emit: (name) => (this.heard.push(name), []),
      word: (name) => name,
    },
    whoIsThere: async () => this.stands,
    lock: "ringback.offer.site",
    busy: () => this.busy,
    waitUntilNot: (reason) => void this.waitsFor.push(reason),
    show: (what) => {
      if (this.room) this.shown = what;
      return this.room;
    },
    hide: () => void (this.shown = null),
    accepted: ({ id }) => void this.accepted.push(id),
  };
  whats = () => this.told.map((each) => each.what);
}

let page: Paper;
let offers: Offers;
let locks: Set<string>;

beforeEach(() => {
  page = new Paper();
  offers = new Offers(page.world);
  locks = new Set();
  vi.stubGlobal("navigator", {
    locks: {
      async request(name: string, _: object, use: (lock: object | null) => unknown) {
        const free = !locks.has(name);
        if (free) locks.add(name);
        await use(free ? {} : null);
        if (free) locks.delete(name);
      },
    },
  });
});

const free = () => vi.waitFor(() => expect(locks.size).toBe(0));

describe("an invitation", () => {
  it("is shown after one more look at who is free, and told at once", async () => {
    await offers.consider();
    expect(page.shown?.text).toBe("Trouble with a code?");
    expect(page.told).toEqual([{ what: "exposed", offer: "o1" }]);
    expect(page.heard).toEqual(["invited"]);
  });

  it("is shown once, however often the server says it", async () => {
    await Promise.all([offers.consider(), offers.consider()]);
    await offers.consider();
    page.shown!.decline();
    await offers.consider();
    expect(page.shown).toBeNull();
    expect(page.whats()).toEqual(["exposed", "declined"]);
  });

  it("is told in the control group by the same path, and shows nothing", async () => {
    page.offer = { ...offer, arm: "control" };
    await offers.consider();
    expect(page.shown).toBeNull();
    expect(page.told).toEqual([{ what: "exposed", offer: "o1" }]);
    await free();
  });

  it.each(["shown", "control"] as const)("is held in the arm %s where the page is busy", async (arm) => {
    page.offer = { ...offer, arm };
    page.busy = ["typing"];
    await offers.consider();
    expect(page.told).toEqual([{ what: "held", offer: "o1", reason: "typing" }]);
    expect(page.waitsFor).toEqual(["typing"]);
    page.busy = [];
    await free();
    await offers.consider();
    expect(page.whats()).toEqual(["held", "exposed"]);
  });

  it("is held where nobody is free any more, or the server does not answer", async () => {
    page.stands = { offer: "callback", why: "queue" };
    await offers.consider();
    page.stands = null;
    await free();
    await offers.consider();
    expect(page.told.map((each) => each.reason)).toEqual(["queue", "agents"]);
    expect(page.shown).toBeNull();
  });

  it("waits where there is no room for it", async () => {
    page.room = false;
    await offers.consider();
    expect(page.told).toEqual([{ what: "held", offer: "o1", reason: "dialog" }]);
  });

  it("is in one tab at a time", async () => {
    const other = new Paper();
    await offers.consider();
    await new Offers(other.world).consider();
    expect([!!page.shown, !!other.shown]).toEqual([true, false]);
    expect(other.told).toEqual([]);
    page.shown!.decline();
    await free();
    await new Offers(other.world).consider();
    expect(!!other.shown).toBe(true);
  });

  it("opens the panel when accepted, once however often it is clicked", async () => {
    await offers.consider();
    const { accept } = page.shown!;
    for (let click = 0; click < 20; click++) accept();
    expect(page.accepted).toEqual(["o1"]);
    expect(page.whats()).toEqual(["exposed", "accepted"]);
  });

  it("was seen after ten seconds in sight", async () => {
    await offers.consider();
    page.ms = 9_999;
    offers.look();
    expect(page.whats()).toEqual(["exposed"]);
    page.ms = 10_000;
    offers.look();
    offers.look();
    expect(page.whats()).toEqual(["exposed", "seen"]);
  });

  it("goes without a word where the page goes on, and leaves the other tabs their turn", async () => {
    await offers.consider();
    offers.close();
    expect(page.shown).toBeNull();
    expect(page.whats()).toEqual(["exposed"]);
    await free();
  });

  it.each(["in_contact", "opted_out"])("goes away when the shopper is %s", async (reason) => {
    await offers.consider();
    page.busy = [reason];
    offers.look();
    expect(page.shown).toBeNull();
  });
});

describe("a button that a rule shows", () => {
  it("has the offer of its rule, unless it is in the control group", () => {
    page.buttons = [
      { way: "pc", offer: "c", arm: "control" },
      { way: "phone", offer: null, arm: "shown" },
      { way: "phone", offer: "b", arm: "shown" },
    ];
    expect([offers.ofButton("pc"), offers.ofButton("phone"), offers.ofButton(undefined)]).toEqual([
      undefined,
      "b",
      undefined,
    ]);
  });
});

import {
  BrowserLeg,
  Microphone,
  type PageLegMessage,
  type ReloadMemory,
  type Socket,
} from "@ringback/browser-leg";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AgentApi } from "../src/agent-api";
import { AgentLine } from "../src/agent-line";
import { type Alert, Alerts } from "../src/alerts";
import { Attention } from "../src/attention";
import { Desk } from "../src/desk";
import type { AgentRing } from "../src/messages";
import { type Some, told } from "./told";
import { type Locks, Turn } from "../src/turn";

/** Web Locks of one browser, of which all its tabs have the same. */
function browser(): Locks {
  const locks = new Map<string, Locks>();
  return {
    request(name, ...more) {
      const named = locks.get(name) ?? lock();
      locks.set(name, named);
      return named.request(name, ...more);
    },
  };
}

/** The one lock of a name. */
function lock(): Locks {
  type Wish = {
    held: () => Promise<void>;
    granted: (lock: Promise<void>) => void;
    refused: (e: Error) => void;
  };
  let holding: Wish | null = null;
  const queue: Wish[] = [];
  const next = (): void => {
    const wish = queue.shift();
    holding = wish ?? null;
    if (!wish) return;
    const lock = wish.held();
    void lock.then(() => {
      if (holding === wish) next();
    });
    wish.granted(lock);
  };
  return {
    async request(_name, { signal, steal }, held) {
      await new Promise<void>((granted, refused) => {
        const wish: Wish = { held, granted: (lock) => void lock.then(granted), refused };
        if (steal) {
          holding?.refused(new DOMException("stolen", "AbortError"));
          queue.unshift(wish);
          next();
          return;
        }
        signal?.addEventListener("abort", () => {
          if (queue.includes(wish)) queue.splice(queue.indexOf(wish), 1);
          refused(new DOMException("aborted", "AbortError"));
        });
        queue.push(wish);
        if (!holding) next();
      });
    },
  };
}

/** A leg whose connection the test plays. */
class Leg extends BrowserLeg {
  constructor(ring: AgentRing, microphone: Microphone, send: (message: PageLegMessage) => boolean) {
    super({ leg: ring.leg, iceServers: [], microphone, send }, {
      speaker: () => ({ play: async () => true, stop: () => undefined, volume: 1 }),
      now: () => Date.now(),
    } as never);
  }
  override async connect(): Promise<void> {
    this.state = "connecting";
    this.emit("state", "connecting");
  }
}

/** A tab of Alice's page, and what it draws attention with. */
async function tab(locks: Locks | null = browser(), maySound = true) {
  const drawn = { rings: 0, sounding: false, notices: [] as string[], noticed: "", title: "" };
  const wires: Socket[] = [];
  const desk = new Desk(
    new AgentApi(new URL("https://ringback.example/"), async () =>
      Response.json({ agent: "alice", label: "Alice", state: "available" }),
    ),
    new Microphone({ secure: true, devices: undefined, meter: () => ({ stop: () => undefined }) }),
    (api) =>
      new AgentLine(api, () => {
        const wire: Socket = {
          onopen: null,
          onmessage: null,
          onclose: null,
          readyState: 1,
          send: () => undefined,
          close: () => undefined,
        };
        wires.push(wire);
        return wire;
      }),
    (...all) => new Leg(...all),
    () => ({ leg: null }) as ReloadMemory,
  );
  const alerts = new Alerts({
    title: (text) => void (drawn.title = text),
    ring: () => {
      drawn.rings += 1;
      drawn.sounding = true;
      return () => void (drawn.sounding = false);
    },
    chime: () => undefined,
    vibrate: () => undefined,
    notify: ({ body, title }: Alert) => {
      drawn.noticed = `${title}. ${body}`;
      drawn.notices.push(drawn.noticed);
      return () => void (drawn.noticed = "");
    },
  });
  const attention = new Attention(desk, alerts, (changed, what) => new Turn(changed, what, locks, "/agent/"));
  attention.audible(maySound);
  desk.on("changed", () => attention.update());
  await desk.begin();
  wires[0]?.onopen?.();
  const hears = async (...messages: Some[]): Promise<void> => {
    for (const message of messages) wires.at(-1)?.onmessage?.({ data: JSON.stringify(told(message)) });
    await vi.advanceTimersByTimeAsync(0);
  };
  await hears({ type: "me", agent: "alice", label: "Alice", state: "available", choice: "available" });
  const closes = async (): Promise<void> => {
    wires.at(-1)?.onclose?.({ code: 1006 });
    await vi.advanceTimersByTimeAsync(0);
  };
  return { attention, closes, desk, drawn, hears };
}

const about = { site: "Acme Bikes", name: "Jo Rivera", number: "+1617•••••23" };
const pop = (state: string) => ({
  type: "pop",
  call_id: "c1",
  state,
  since: 1_800_000_000,
  pop: { call_id: "c1", by: "pc", ...about },
});
const ring = (more: object = about) => ({
  type: "ring",
  leg: "c1-b1",
  call_id: "c1",
  ice_servers: [],
  under_way: false,
  state: "ringing",
  ...more,
});
const gone = { type: "gone", leg: "c1-b1", cause: "cancelled" };
const phoneDesk = { type: "desk", own_phone: true };

beforeEach(() => void vi.useFakeTimers({ now: 1_800_000_000_000 }));
afterEach(() => void vi.useRealTimers());

describe("What the page draws attention with", () => {
  // What the server says, in its order, by screen_pop.when, for an agent who answers in the browser.
  it.each([
    ["offer", [pop("offered"), ring()]],
    ["answer", [ring({ site: "", name: "", number: "" })]],
    ["never", [ring({ site: "", name: "", number: "" })]],
  ])("rings once in the browser, screen_pop.when: %s", async (_, messages) => {
    const here = await tab();
    await here.hears(...messages);
    expect(here.drawn).toMatchObject({ rings: 1, sounding: true });
    expect(here.drawn.title).toContain("☎");
    expect(here.drawn.noticed).toContain("Click to answer in the page.");
    // What is told again, as when the history was looked up, changes nothing.
    await here.hears(...messages);
    expect(here.drawn.rings).toBe(1);
    await here.desk.legs.get("c1-b1")?.take();
    await here.hears(pop("answered"));
    expect(here.drawn).toMatchObject({ rings: 1, sounding: false, noticed: "" });
    expect(here.drawn.title).not.toContain("☎");
  });

  it.each([
    ["offer", [pop("offered")], "Your phone is ringing"],
    ["answer", [], ""],
    ["never", [], ""],
  ])("never sounds for a call on a phone of their own, screen_pop.when: %s", async (_, messages, words) => {
    const here = await tab();
    await here.hears(phoneDesk, ...messages);
    expect(here.drawn).toMatchObject({ rings: 0, sounding: false });
    expect(here.drawn.noticed).toContain(words);
    await here.hears(pop("answered"));
    expect(here.drawn).toMatchObject({ rings: 0, noticed: "" });
  });

  it("says who calls first", async () => {
    const here = await tab();
    await here.hears(pop("offered"), ring());
    expect(here.drawn.title).toBe("☎ Jo Rivera, for Acme Bikes, is calling");
    expect(here.drawn.noticed).toBe(
      "Jo Rivera, for Acme Bikes, is calling. From +1617•••••23. Click to answer in the page.",
    );
  });

  it("corrects what it told before the leg was there", async () => {
    const here = await tab();
    await here.hears(phoneDesk, pop("offered"));
    expect(here.drawn.noticed).toContain("Your phone is ringing");
    await here.hears(ring());
    expect(here.drawn.noticed).toContain("Click to answer in the page.");
    expect(here.drawn.rings).toBe(1);
    // The leg here is over, and the phone rings on.
    await here.hears(gone, pop("offered"));
    expect(here.drawn).toMatchObject({ rings: 1, sounding: false });
  });

  it("rings in the browser although another call rings on a phone", async () => {
    const here = await tab();
    const other = { ...pop("offered"), call_id: "c0", pop: { call_id: "c0", ...about } };
    await here.hears(phoneDesk, other, ring());
    expect(here.drawn).toMatchObject({ rings: 1, sounding: true });
  });

  it("rings again after a reload while it rings, and stops with the call", async () => {
    const reloaded = await tab();
    await reloaded.hears(pop("offered"), ring());
    expect(reloaded.drawn).toMatchObject({ rings: 1, sounding: true });
    await reloaded.hears(gone, pop("over"));
    expect(reloaded.drawn).toMatchObject({ rings: 1, sounding: false, noticed: "" });
  });

  it("sounds in one of two tabs, the one that was used last, and shows it in both", async () => {
    const locks = browser();
    const [first, second] = [await tab(locks), await tab(locks)];
    for (const each of [first, second]) await each.hears(pop("offered"), ring());
    expect([first.drawn.sounding, second.drawn.sounding]).toEqual([true, false]);
    expect([first.drawn.notices.length, second.drawn.notices.length]).toEqual([1, 0]);
    expect(second.drawn.title).toContain("☎");
    second.attention.used();
    await vi.advanceTimersByTimeAsync(0);
    expect([first.drawn.sounding, second.drawn.sounding]).toEqual([false, true]);
    // It goes, or its line does: the other one goes on.
    await second.closes();
    expect([first.drawn.sounding, second.drawn.sounding]).toEqual([true, false]);
    expect([first.drawn.rings, second.drawn.rings]).toEqual([2, 1]);
  });

  it("sounds in a tab that may, not in one that the browser keeps quiet, whichever was used", async () => {
    const locks = browser();
    const [quiet, loud] = [await tab(locks, false), await tab(locks)];
    quiet.attention.used();
    for (const each of [quiet, loud]) await each.hears(pop("offered"), ring());
    expect([quiet.drawn.sounding, loud.drawn.sounding]).toEqual([false, true]);
    // The notification is another matter.
    expect([quiet.drawn.notices.length, loud.drawn.notices.length]).toEqual([1, 0]);
    // A click lets it sound a moment later: it was used last.
    quiet.attention.audible(true);
    await vi.advanceTimersByTimeAsync(0);
    expect([quiet.drawn.sounding, loud.drawn.sounding]).toEqual([true, false]);
    quiet.attention.audible(false);
    await vi.advanceTimersByTimeAsync(0);
    expect([quiet.drawn.sounding, loud.drawn.sounding]).toEqual([false, true]);
    expect([quiet.drawn.rings, loud.drawn.rings]).toEqual([1, 2]);
  });

  it("goes on ringing where it rings when another tab's sound begins by itself", async () => {
    const locks = browser();
    const [first, second] = [await tab(locks), await tab(locks, false)];
    for (const each of [first, second]) await each.hears(pop("offered"), ring());
    second.attention.audible(true);
    await vi.advanceTimersByTimeAsync(0);
    expect([first.drawn.sounding, second.drawn.sounding]).toEqual([true, false]);
    expect([first.drawn.rings, second.drawn.rings]).toEqual([1, 0]);
  });

  it("sounds in each tab where the browser has no locks, or none for this page", async () => {
    const refusing: Locks = { request: async () => Promise.reject(new DOMException("", "SecurityError")) };
    for (const locks of [null, refusing]) {
      const here = await tab(locks);
      await here.hears(pop("offered"), ring());
      expect(here.drawn).toMatchObject({ rings: 1, sounding: true });
    }
  });
});

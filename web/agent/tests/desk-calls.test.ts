import { BrowserLeg, Events, type Microphone, readMessage } from "@ringback/browser-leg";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AgentLeg } from "../src/agent-leg";
import { DeskCalls } from "../src/desk-calls";
import type { DeskCall } from "../src/desk-call";
import { AGENT_MESSAGES, readAgentRing } from "../src/messages";
import { OpenedLinks } from "../src/opened-links";
import { type Some, told } from "./told";

const NOW = 1_800_000_010;

/** A leg whose connection the test plays. */
class Leg extends BrowserLeg {
  override async connect(): Promise<void> {
    this.become("connecting");
  }
  become(state: BrowserLeg["state"]): void {
    this.state = state;
    this.emit("state", state);
  }
}

function desk({ allowed = true, online = true } = {}) {
  const sent: Record<string, unknown>[] = [];
  const opened: string[] = [];
  const over: DeskCall[] = [];
  const kept = new Map<string, string>();
  const calls = new DeskCalls(
    (message) => {
      if (online) sent.push({ ...message });
      return online;
    },
    () => {},
    (call) => over.push(call),
    new OpenedLinks(
      (url) => {
        opened.push(url);
        return allowed;
      },
      () => ({
        getItem: (key) => kept.get(key) ?? null,
        setItem: (key, value) => void kept.set(key, value),
      }),
    ),
  );
  const hear = (message: Some): void => {
    const read = readMessage(AGENT_MESSAGES, told(message));
    if (!read) throw new Error(`not read: ${JSON.stringify(message)}`);
    calls.hear(read);
  };
  const pop = (state: string, pop: object = {}, more: object = {}): void =>
    hear({
      type: "pop",
      call_id: "c1",
      state,
      since: NOW,
      cause: null,
      ...more,
      pop: { call_id: "c1", site: "Acme Bikes", number: "+1617•••••23", ...pop },
    });
  const standing = (state: string, more: object = {}): void =>
    hear({
      type: "desk_call",
      call_id: "c1",
      site: "bikes",
      state,
      since: NOW,
      held: false,
      ...more,
    });
  const rings = (name = "c1-b1"): { leg: AgentLeg; wire: Leg } => {
    const microphone = new Events<object>() as unknown as Microphone;
    const ring = readAgentRing(told({ type: "ring", leg: name }));
    if (!ring) throw new Error("no ring");
    const make = () =>
      new Leg({ leg: name, iceServers: [], microphone, send: () => true }, {
        speaker: () => ({ play: async () => true, stop: () => undefined, volume: 1 }),
        now: () => Date.now(),
      } as never);
    const leg = new AgentLeg(ring, microphone, () => true, make);
    calls.legRang(leg);
    return { leg, wire: leg.leg as Leg };
  };
  return { calls, hear, opened, over, pop, rings, sent, standing };
}

beforeEach(() => void vi.useFakeTimers({ now: NOW * 1000 }));
afterEach(() => void vi.useRealTimers());

describe("A call at the desk", () => {
  it("on the agent's own phone rings, is talked on and is wrapped up, without any leg here", () => {
    const { calls, over, pop, sent, standing } = desk();
    pop("offered");
    expect(calls.current).toMatchObject({ phase: "ringing", here: false, site: "Acme Bikes" });
    pop("answered");
    expect(calls.current).toMatchObject({ phase: "joined", mine: false });
    standing("talking");
    expect(calls.current?.mine).toBe(true);
    calls.current?.hold();
    calls.current?.hangUp();
    expect(sent).toEqual([
      { type: "hold", call_id: "c1" },
      { type: "end_call", call_id: "c1" },
    ]);
    vi.setSystemTime((NOW + 75) * 1000);
    pop("over", {}, { cause: "normal" });
    expect(over).toMatchObject([{ cause: "normal", seconds: 75 }]);
    // What follows is not known yet: the page stays.
    expect(calls.current?.phase).toBe("ended");
    standing("wrap_up", { until: NOW + 105 });
    expect(calls.current?.phase).toBe("wrap_up");
    calls.current?.choose("sale");
    calls.current?.finish();
    expect(sent.at(-1)).toEqual({ type: "wrap_up", call_id: "c1", code: "sale" });
    standing("over", { code: "sale" });
    expect(calls.current).toBeNull();
    expect(sent).toHaveLength(3);
  });

  it("in this page has its leg's phases, and is gone with a leg that nobody took", () => {
    const { calls, pop, rings } = desk();
    const { leg, wire } = rings();
    pop("offered");
    expect(calls.current).toMatchObject({ phase: "ringing", here: true });
    void leg.take();
    expect(calls.current?.phase).toBe("connecting");
    wire.become("connected");
    leg.told({ state: "joined", since: NOW });
    expect(calls.current?.phase).toBe("joined");
    calls.legOver(leg, "normal", 3);
    expect(calls.current).toBeNull();
    const again = rings("c1-b2");
    expect(calls.current?.phase).toBe("ringing");
    calls.legOver(again.leg, "ring_timeout", 0);
    expect(calls.current).toBeNull();
  });

  it("is talked on while the shopper is on hold, also in a page that was reloaded then", () => {
    const { calls, rings, standing } = desk();
    const { leg, wire } = rings();
    void leg.take();
    wire.become("connected");
    expect(calls.current).toMatchObject({ phase: "answered", joinedAt: null });
    standing("talking", { held: true, since: NOW - 30 });
    expect(calls.current).toMatchObject({ phase: "joined", mine: true, joinedAt: (NOW - 30) * 1000 });
  });

  it("tells whether the caller is there for the moment", () => {
    const { calls, rings, standing } = desk();
    const { leg, wire } = rings();
    void leg.take();
    wire.become("connected");
    standing("talking");
    expect(calls.current?.state?.shopper).toBe("there");
    for (const shopper of ["lost", "on_hold", "there"]) {
      standing("talking", { shopper });
      expect(calls.current?.state?.shopper).toBe(shopper);
    }
  });

  it("that another page of the agent's took is none of this page's", () => {
    const { calls, pop, rings, standing } = desk();
    const { leg } = rings();
    pop("offered");
    calls.legOver(leg, "answered_elsewhere", 0);
    pop("answered");
    standing("talking");
    expect(calls.all).toEqual([]);
    // The note may be written in either.
    standing("wrap_up", { until: NOW + 30 });
    expect(calls.current?.phase).toBe("wrap_up");
  });

  it("is talked on before others ring, and the agent may look at either", () => {
    const { calls, hear, pop, standing } = desk();
    pop("answered");
    standing("talking");
    hear({ type: "pop", call_id: "c2", state: "offered", pop: { site: "Other" } });
    expect(calls.all.map(({ id }) => id)).toEqual(["c1", "c2"]);
    expect(calls.current?.id).toBe("c1");
    calls.choose("c2");
    expect(calls.current?.id).toBe("c2");
    hear({ type: "pop", call_id: "c2", state: "over", pop: { site: "Other" } });
    expect(calls.current?.id).toBe("c1");
  });

  it("is told what was refused, until the agent does something else", () => {
    const { calls, hear, pop, standing } = desk();
    pop("answered");
    standing("talking");
    calls.current?.transfer("agent:bob", "blind");
    hear({ type: "refused", request: "transfer", call_id: "c1", reason: "nobody_there" });
    expect(calls.current?.refused).toMatchObject({ request: "transfer", reason: "nobody_there" });
    calls.current?.note.write("x");
    vi.advanceTimersByTime(1_000);
    expect(calls.current?.refused).not.toBeNull();
    calls.current?.hold();
    expect(calls.current?.refused).toBeNull();
  });

  it("is refused by itself without a connection", () => {
    const { calls, pop, standing } = desk({ online: false });
    pop("answered");
    standing("talking");
    calls.current?.push("12", "Hours", "https://bikes.example/hours");
    expect(calls.current).toMatchObject({ refused: { reason: "offline" }, pushes: [] });
  });

  it("tells what became of pages, each of them once", () => {
    const { calls, hear, pop, standing } = desk();
    pop("answered");
    standing("talking");
    const url = "https://bikes.example/hours";
    const news = { type: "push_state", call_id: "c1", url, title: "Hours" };
    calls.current?.push("12", "Hours", url);
    hear({ ...news, state: "sent" });
    hear({ ...news, state: "declined" });
    expect(calls.current?.pushes).toEqual([{ url, title: "Hours", state: "declined" }]);
    // Pushed by keys, from another phone.
    hear({ ...news, url: "https://bikes.example/x", title: "X", state: "sent" });
    expect(calls.current?.pushes.map(({ state }) => state)).toEqual(["sent", "declined"]);
  });

  it("has its chosen code sent when the time is over before the agent", () => {
    const { calls, pop, sent, standing } = desk();
    pop("answered");
    standing("talking");
    pop("over");
    standing("wrap_up", { until: NOW + 30 });
    calls.current?.choose("sale");
    standing("over");
    expect(sent).toEqual([{ type: "wrap_up", call_id: "c1", code: "sale" }]);
  });

  it("stays until the agent is done where there are codes and no time for them, and calls ring meanwhile", () => {
    const { calls, hear, pop, rings, sent, standing } = desk();
    hear({ type: "desk", codes: [{ code: "sale", label: "Sale" }] });
    pop("answered");
    standing("talking");
    pop("over");
    standing("over");
    expect(calls.current).toMatchObject({ id: "c1", phase: "wrap_up" });
    hear({ type: "pop", call_id: "c2", state: "offered", pop: { site: "Other" } });
    expect(calls.current?.id).toBe("c2");
    hear({ type: "pop", call_id: "c2", state: "over", pop: { site: "Other" } });
    calls.current?.choose("sale");
    calls.current?.finish();
    expect(sent).toEqual([{ type: "wrap_up", call_id: "c1", code: "sale" }]);
    expect(calls.current).toBeNull();
    // What never was theirs asks nothing.
    calls.legOver(rings("c3-b1").leg, "ring_timeout", 0);
    expect(calls.current).toBeNull();
  });

  it("has a code that was chosen while they talked sent in the end", () => {
    const { calls, pop, sent, standing } = desk();
    pop("answered");
    standing("talking");
    calls.current?.choose("sale");
    pop("over");
    standing("over");
    expect(sent).toEqual([{ type: "wrap_up", call_id: "c1", code: "sale" }]);
    expect(calls.current).toBeNull();
  });

  it("is forgotten when a new connection tells nothing of it", () => {
    const { calls, pop, standing } = desk();
    pop("answered");
    standing("talking");
    calls.unconfirm();
    standing("talking");
    calls.confirm();
    expect(calls.current?.phase).toBe("joined");
    calls.unconfirm();
    calls.confirm();
    expect(calls.current).toBeNull();
  });
});

describe("A link into another system", () => {
  const links = [
    { label: "CRM", url: "https://crm.example/1", open: "answer" },
    { label: "Shop", url: "https://shop.example/1", open: "offer" },
    { label: "Map", url: "https://map.example/1", open: "never" },
    { label: "Evil", url: "javascript:alert(1)", open: "offer" },
  ];

  it("opens once, when it should", () => {
    const { calls, opened, pop } = desk();
    pop("offered", { links });
    expect(opened).toEqual(["https://shop.example/1"]);
    pop("offered", { links, history: [] });
    pop("answered", { links });
    expect(opened).toEqual(["https://shop.example/1", "https://crm.example/1"]);
    expect(calls.current?.pop?.links.map(({ label }) => label)).toEqual(["CRM", "Shop", "Map"]);
  });

  it("stays closed in a state that this page does not know", () => {
    const { opened, pop } = desk();
    pop("of_a_newer_server", { links });
    expect(opened).toEqual([]);
  });

  it("opens in the page that has the call, not in those where it rang", () => {
    const { opened, pop, rings } = desk();
    const { leg } = rings();
    pop("answered", { links: links.slice(0, 1) });
    expect(opened).toEqual([]);
    void leg.take();
    pop("answered", { links: links.slice(0, 1) });
    expect(opened).toEqual(["https://crm.example/1"]);
  });

  it("is told of when the browser does not let it open", () => {
    const { calls, pop } = desk({ allowed: false });
    pop("offered", { links });
    expect(calls.blocked.get("c1")?.map(({ label }) => label)).toEqual(["Shop"]);
    // Clicked, it is open: nobody has to read on that it is not.
    calls.opened("c1", "https://shop.example/1");
    expect(calls.blocked.get("c1")).toBeUndefined();
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  BrowserLeg,
  LegProblem,
  Microphone,
  type PageLegMessage,
  type ReloadMemory,
  type Socket,
} from "@ringback/browser-leg";
import { AgentApi } from "../src/agent-api";
import { AgentLine } from "../src/agent-line";
import { Desk } from "../src/desk";
import type { AgentRing } from "../src/messages";
import { type Some, told } from "./told";

const ring = {
  type: "ring",
  leg: "c1-b1",
  call_id: "c1",
  ice_servers: [],
  under_way: false,
  site: "Acme Bikes",
  page: "https://bikes.example/",
  number: "+1 617 ••• ••23",
  context: { cart: "120" },
  state: "ringing",
  since: 1_800_000_000,
};

/** A leg whose connection the test plays. */
class Leg extends BrowserLeg {
  failure: LegProblem | null = null;
  constructor(ring: AgentRing, microphone: Microphone, send: (message: PageLegMessage) => boolean) {
    super({ leg: ring.leg, iceServers: [], microphone, send }, {
      speaker: () => ({ play: async () => true, stop: () => undefined, volume: 1 }),
      now: () => Date.now(),
    } as never);
  }
  override async connect(): Promise<void> {
    if (this.failure) throw this.failure;
    this.become("connecting");
  }
  override async rejoin(): Promise<void> {
    await this.connect();
  }
  become(state: BrowserLeg["state"]): void {
    this.state = state;
    this.emit("state", state);
  }
}

async function open({ memory = null as string | null, answer = () => me("away") } = {}) {
  const wires: (Socket & { sent: Record<string, unknown>[] })[] = [];
  const legs: Leg[] = [];
  const closed = vi.fn();
  const microphone = new Microphone({
    secure: true,
    devices: undefined,
    meter: () => ({ stop: () => undefined }),
  });
  microphone.close = closed;
  const desk = new Desk(
    new AgentApi(new URL("https://ringback.example/"), async () => answer()),
    microphone,
    (api) =>
      new AgentLine(api, () => {
        const sent: Record<string, unknown>[] = [];
        const wire = {
          onopen: null,
          onmessage: null,
          onclose: null,
          readyState: 1,
          sent,
          send: (text: string) => void sent.push(JSON.parse(text) as Record<string, unknown>),
          close: () => undefined,
        };
        wires.push(wire);
        return wire;
      }),
    (...all) => {
      const leg = new Leg(...all);
      legs.push(leg);
      return leg;
    },
    () => ({ leg: memory }) as ReloadMemory,
  );
  await desk.begin();
  wires[0]?.onopen?.();
  const hears = (message: Some): void => wires.at(-1)?.onmessage?.({ data: JSON.stringify(told(message)) });
  return { desk, wires, legs, hears, closed };
}

const me = (state: string) => Response.json({ agent: "alice", label: "Alice", state });
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_010_000 });
  vi.spyOn(Math, "random").mockReturnValue(0.5); // no wait is longer or shorter
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("Desk", () => {
  it("asks for a log-in where nobody is logged in, and says when the server is away", async () => {
    const out = await open({ answer: () => Response.json({ id: "not_logged_in" }, { status: 401 }) });
    expect(out.desk.stage).toBe("login");
    const away = await open({
      answer: () => {
        throw new TypeError("fetch failed");
      },
    });
    expect(away.desk.stage).toBe("unreachable");
  });

  it("sends what was written in a chat after a log-out by the server, and shows it to nobody else", async () => {
    let who = "alice";
    const answer = () => Response.json({ agent: who, label: who, state: "away" });
    const { desk, hears, wires } = await open({ answer });
    const state = { type: "chat_state", state: "talking", now: 1_800_000_010 };
    hears({
      type: "desk_chat",
      chat_id: "chat-1",
      site: "bikes",
      state: "talking",
      chat: state,
      asked_at: 1,
      pop: null,
    });
    const chat = desk.chats.get("chat-1");
    chat?.write("on its way");
    chat?.submit();
    chat?.write("half a sen");
    wires[0]?.onclose?.({ code: 4401 });
    expect(desk.stage).toBe("login");
    await desk.logIn("alice", "secret");
    wires[1]?.onopen?.();
    expect(desk.chats.get("chat-1")?.draft).toBe("half a sen");
    expect(wires[1]?.sent).toContainEqual(expect.objectContaining({ type: "desk_say", text: "on its way" }));
    wires[1]?.onclose?.({ code: 4401 });
    who = "ben";
    await desk.logIn("ben", "secret");
    expect(desk.chats.get("chat-1")).toBeNull();
    await desk.logOut();
    expect(desk.chats.all).toEqual([]);
  });

  it("keeps what was chosen, through a call and a lost line", async () => {
    const { desk, hears, wires } = await open();
    desk.choose("available");
    expect(wires[0]?.sent).toEqual([{ type: "choose_state", state: "available" }]);
    hears({ type: "me", agent: "alice", label: "Alice", state: "ringing" });
    expect(desk.choice).toBe("available");
    wires[0]?.onclose?.({ code: 1012 });
    await pass(250);
    wires[1]?.onopen?.();
    // The server was started again, and knows nothing of it.
    hears({ type: "me", agent: "alice", label: "Alice", state: "away", choice: null });
    expect(wires[1]?.sent).toEqual([{ type: "choose_state", state: "available" }]);
    expect(desk.choice).toBe("available");
  });

  it("claims nothing of a state that it does not know", async () => {
    const { desk, hears } = await open({ answer: () => me("of_a_newer_server") });
    hears({ type: "me", state: "of_a_newer_server" });
    expect(desk.me?.state).toBe("unknown");
    expect(desk.choice).toBeNull();
  });

  it("shows what was chosen on another page, also in a call, and does not undo it after a lost line", async () => {
    const { desk, hears, wires } = await open();
    const becomes = (state: string, choice: string | null) =>
      hears({ type: "me", agent: "alice", label: "Alice", state, choice });
    becomes("available", "available");
    becomes("on_call", "away");
    expect(desk.choice).toBe("away");
    becomes("on_call", "available");
    wires[0]?.onclose?.({ code: 1006 });
    await pass(250);
    wires[1]?.onopen?.();
    becomes("away", "away");
    expect(desk.choice).toBe("away");
    expect(wires[1]?.sent).toEqual([]);
  });

  it("tells what was chosen while nobody could be told", async () => {
    const { desk, hears, wires } = await open();
    hears({ type: "me", agent: "alice", label: "Alice", state: "available", choice: "available" });
    wires[0]?.onclose?.({ code: 1006 });
    await pass(0);
    desk.choose("away");
    await pass(250);
    wires[1]?.onopen?.();
    hears({ type: "me", agent: "alice", label: "Alice", state: "available", choice: "available" });
    expect(wires[1]?.sent).toEqual([{ type: "choose_state", state: "away" }]);
    expect(desk.choice).toBe("away");
  });

  it("lists the calls that the server tells of, the same as every other page", async () => {
    const { desk, hears } = await open();
    const call = {
      call_id: "c0",
      at: 1_799_999_000,
      site: "Acme",
      name: "Jo Rivera",
      name_signed: false,
      number: "+1617•••••23",
    };
    hears({ type: "recent_calls", calls: [{ ...call, cause: "normal", talked: true, seconds: 12.5 }] });
    hears(ring);
    desk.ringing?.decline();
    expect(desk.past).toMatchObject([
      { name: "Jo Rivera", talked: true, seconds: 12.5, at: 1_799_999_000_000 },
    ]);
  });

  it("says that the browser keeps no cookies, where a log-in does not last", async () => {
    let known = false;
    const { desk } = await open({
      answer: () => (known ? me("away") : Response.json({ id: "not_logged_in" }, { status: 401 })),
    });
    known = true;
    await desk.logIn("alice", "secret");
    expect(desk.stage).toBe("desk");
    (desk.line as unknown as { loggedOut(): void }).loggedOut();
    expect(desk.notice).toContain("cookies");
  });

  it("counts by the server's time, whatever this machine's clock says", async () => {
    const { desk, hears, legs } = await open();
    hears({ type: "me", agent: "alice", label: "Alice", state: "ringing", now: 1_700_000_000 });
    hears({ ...ring, since: 1_699_999_990, now: 1_700_000_000 });
    await desk.ringing?.take();
    legs[0]?.become("connected");
    hears({ type: "leg_state", leg: "c1-b1", state: "joined", since: 1_700_000_000 });
    await pass(7_000);
    vi.setSystemTime(42);
    expect(desk.calls.get("c1")?.talkSeconds).toBe(7);
  });

  it("answers, talks, and lets the microphone go", async () => {
    const { closed, desk, hears, legs } = await open();
    hears(ring);
    expect(desk.ringing?.ring.site).toBe("Acme Bikes");
    await desk.ringing?.take();
    expect(desk.talk?.phase).toBe("connecting");
    legs[0]?.become("connected");
    expect(desk.talk?.phase).toBe("answered");
    hears({ type: "leg_state", leg: "c1-b1", state: "joined", since: 1_800_000_010 });
    expect(desk.talk?.phase).toBe("joined");
    await pass(5_000);
    hears({ type: "gone", leg: "c1-b1", cause: "normal" });
    expect(desk.talk).toBeNull();
    expect(desk.past).toMatchObject([{ cause: "normal", talked: true, seconds: 5 }]);
    expect(closed).toHaveBeenCalled();
  });

  it("still rings when the microphone has a problem", async () => {
    const { desk, hears, legs } = await open();
    hears(ring);
    const [leg] = legs;
    if (leg) leg.failure = new LegProblem("no_microphone");
    await desk.ringing?.take();
    expect(desk.ringing?.problem?.kind).toBe("no_microphone");
    desk.ringing?.decline();
    expect(desk.ringing).toBeNull();
    expect(desk.past).toMatchObject([{ cause: "declined", talked: false }]);
  });

  it("takes back at once what it had before its reload, and asks before it takes anything else", async () => {
    const mine = await open({ memory: "c1-b1" });
    mine.hears({ ...ring, under_way: true, state: "joined" });
    mine.legs[0]?.become("connected");
    expect(mine.desk.talk?.phase).toBe("joined");
    expect(mine.desk.talk?.joinedAt).toBe(1_800_000_000_000);
    const other = await open();
    other.hears({ ...ring, under_way: true, state: "joined" });
    expect(other.desk.talk).toBeNull();
    expect(other.desk.elsewhere?.phase).toBe("elsewhere");
    other.hears({ type: "gone", leg: "c1-b1", cause: "answered_elsewhere" });
    expect(other.desk.elsewhere).toBeNull();
    expect(other.desk.past).toEqual([]);
  });

  it("forgets what the server tells of no more after a lost line", async () => {
    const { desk, hears, legs, wires } = await open();
    hears(ring);
    hears({ ...ring, leg: "c2-b1" });
    await desk.legs.get("c2-b1")?.take();
    legs[1]?.become("connected");
    wires[0]?.onclose?.({ code: 1012 });
    await pass(250);
    wires[1]?.onopen?.();
    await pass(1_500);
    expect(desk.ringing).toBeNull();
    expect(desk.past).toHaveLength(1);
    // What is talked on is asked about.
    expect(wires[1]?.sent.at(-1)).toEqual({ type: "reattach", leg: "c2-b1" });
    expect(desk.talk?.leg.leg).toBe("c2-b1");
  });

  it("is empty after the log-in has ended", async () => {
    const { desk, hears, wires } = await open();
    hears(ring);
    wires[0]?.onclose?.({ code: 4401 });
    expect(desk.stage).toBe("login");
    expect(desk.notice).toContain("log in again");
    expect(desk.legs.size).toBe(0);
    expect(desk.calls.all).toEqual([]);
  });
});

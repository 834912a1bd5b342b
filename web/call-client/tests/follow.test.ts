import type { ServerLegMessage, Socket } from "@ringback/browser-leg";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CallApi, CallFollower, type CallProblem, type ProgressLine } from "../src";
import { line } from "./lines";

class Wire implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  closed = false;
  readyState = 0;
  readonly sent: string[] = [];
  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {}
  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.closed = true;
    this.readyState = 3;
    this.onclose?.({ code: 1006 });
  }
  say(said: ProgressLine | ServerLegMessage): void {
    const times = { type: "progress", now: 1_000, started_at: null, bridged_at: null };
    this.onmessage?.({ data: JSON.stringify("type" in said ? said : { ...times, ...said }) });
  }
}

function follow(look: () => Response) {
  const wires: Wire[] = [];
  const heard = {
    lines: [] as number[],
    connections: [] as string[],
    gone: [] as CallProblem[],
    signals: [] as string[],
  };
  const api = new CallApi("https://ringback.example", async () => look());
  const follower = new CallFollower(
    api,
    { id: "c1", token: "t1" },
    {
      progressed: (progress) => heard.lines.push(progress.sequence),
      connection: (state) => heard.connections.push(state),
      gone: (problem) => heard.gone.push(problem),
      signalled: ({ type, leg }) => heard.signals.push(`${type} ${leg}`),
    },
    (url, protocols) => {
      const wire = new Wire(url, protocols);
      wires.push(wire);
      return wire;
    },
  );
  const wire = (index: number): Wire => {
    const found = wires[index];
    if (!found) throw new Error(`no socket ${index}`);
    return found;
  };
  return { follower, heard, wires, wire };
}

const settle = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.5); // no wait is longer or shorter
  vi.stubGlobal("window", new EventTarget());
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("CallFollower", () => {
  it("carries the token as a subprotocol and closes when the call ended", async () => {
    const { heard, wires, wire } = follow(() => Response.json({}));
    expect(wire(0).url).toBe("wss://ringback.example/v1/calls/c1/events");
    expect(wire(0).protocols).toEqual(["ringback.v2", "token.t1"]);
    wire(0).onopen?.();
    wire(0).say(line(1, { state: "calling_shopper" }));
    wire(0).say(line(2, { state: "ended" }));
    await settle(10_000);
    expect(heard).toMatchObject({ lines: [1, 2], connections: ["connecting", "live", "closed"], gone: [] });
    expect(wire(0).closed).toBe(true);
    expect(wires).toHaveLength(1);
  });

  it("looks over HTTP and reconnects, more slowly each time, when the socket is lost", async () => {
    const { heard, wires, wire } = follow(() => Response.json(line(5, { state: "bridged" })));
    wire(0).onopen?.();
    wire(0).onclose?.({ code: 1006 });
    await settle(249);
    expect(heard.lines).toEqual([5]);
    expect(wires).toHaveLength(1);
    await settle(1);
    expect(wires).toHaveLength(2);
    wire(1).onclose?.({ code: 1006 });
    await settle(499);
    expect(wires).toHaveLength(2);
    await settle(1);
    wire(2).onopen?.();
    expect(heard.connections.at(-1)).toBe("live");
  });

  it.each(["online", "pageshow"])("reconnects at once on %s, and only where it waits", async (event) => {
    const { follower, heard, wires, wire } = follow(() => Response.json(line(5, { state: "bridged" })));
    for (let failures = 0; failures < 4; failures += 1) {
      wires.at(-1)?.onclose?.({ code: 1006 });
      await settle(2_000);
    }
    expect(wires).toHaveLength(5);
    wires.at(-1)?.onclose?.({ code: 1006 });
    await settle(0);
    window.dispatchEvent(new Event(event));
    expect(wires).toHaveLength(6);
    window.dispatchEvent(new Event(event));
    wire(5).open();
    window.dispatchEvent(new Event(event));
    await settle(60_000);
    expect(wires).toHaveLength(6);
    expect(heard.connections.at(-1)).toBe("live");
    wire(5).onclose?.({ code: 1006 });
    await settle(0);
    follower.stop();
    window.dispatchEvent(new Event(event));
    expect(wires).toHaveLength(6);
  });

  it("needs no further socket when the call ended meanwhile", async () => {
    const { heard, wires, wire } = follow(() => Response.json(line(9, { state: "ended" })));
    wire(0).onclose?.({ code: 1006 });
    await settle(10_000);
    expect(heard.lines).toEqual([9]);
    expect(heard.connections.at(-1)).toBe("closed");
    expect(wires).toHaveLength(1);
  });

  it("says so when the server knows the call no more", async () => {
    const { heard, wires, wire } = follow(() =>
      Response.json({ id: "call_unknown", title: "Gone" }, { status: 404 }),
    );
    wire(0).onclose?.({ code: 1006 });
    await settle(10_000);
    expect(heard.gone.map((problem) => problem.id)).toEqual(["call_unknown"]);
    expect(wires).toHaveLength(1);
  });

  it("hears nothing more once stopped", async () => {
    const { follower, heard, wires, wire } = follow(() => Response.json({}));
    follower.stop();
    wire(0).say(line(1, {}));
    await settle(10_000);
    expect(heard.lines).toEqual([]);
    expect(wires).toHaveLength(1);
  });

  it("passes on what the server says of a leg, apart from the progress, and nothing that cannot be read", () => {
    const { heard, wire } = follow(() => Response.json({}));
    wire(0).open();
    wire(0).say({
      type: "ring",
      leg: "c1-s1",
      call_id: "c1",
      ice_servers: [],
      under_way: false,
      ice_lifetime: null,
      now: 1_000,
    });
    wire(0).say(line(1, {}));
    wire(0).onmessage?.({ data: '{"type": "surprise", "leg": "c1-s1"}' });
    wire(0).onmessage?.({ data: "no JSON" });
    expect(heard).toMatchObject({ lines: [1], signals: ["ring c1-s1"] });
  });

  it("says something about a leg while there is a socket, and tells when there is none", async () => {
    const { follower, wire } = follow(() => Response.json({}));
    const resume = { type: "reattach", leg: "c1-s1" } as const;
    expect(follower.say(resume)).toBe(false);
    wire(0).open();
    expect(follower.say(resume)).toBe(true);
    expect(wire(0).sent.map((text) => JSON.parse(text))).toEqual([resume]);
    wire(0).close();
    expect(follower.say(resume)).toBe(false);
    await settle(300);
    wire(1).open();
    expect(follower.say(resume)).toBe(true);
    follower.stop();
    expect(follower.say(resume)).toBe(false);
  });
});

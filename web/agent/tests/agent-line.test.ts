import type { Socket } from "@ringback/browser-leg";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AgentApi } from "../src/agent-api";
import { AgentLine } from "../src/agent-line";
import { told } from "./told";

class Wire implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readyState = 1;
  readonly sent: unknown[] = [];
  closed = false;
  constructor(readonly url: string) {}
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.closed = true;
  }
}

const root = new URL("https://ringback.example/base/");
const me = () => Response.json({ agent: "alice", label: "Alice", state: "away" });

function begin(answer: () => Response | Promise<Response> = me) {
  const wires: Wire[] = [];
  const states: string[] = [];
  const heard: unknown[] = [];
  const out = { times: 0 };
  const line = new AgentLine(new AgentApi(root, async () => answer()), (url) => {
    const wire = new Wire(url);
    wires.push(wire);
    return wire;
  });
  line.on("state", (state) => states.push(state));
  line.on("message", (message) => heard.push(message));
  line.on("logged_out", () => (out.times += 1));
  line.start();
  return { line, wires, states, heard, out };
}

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
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

describe("AgentLine", () => {
  it("is beside the page, hears, and says only when it is live", () => {
    const { heard, line, states, wires } = begin();
    expect(wires[0]?.url).toBe("wss://ringback.example/base/v1/agent/events");
    expect(line.say({ type: "choose_state", state: "away" })).toBe(false);
    wires[0]?.onopen?.();
    expect(line.say({ type: "choose_state", state: "away" })).toBe(true);
    wires[0]?.onmessage?.({ data: JSON.stringify(told({ type: "me" })) });
    wires[0]?.onmessage?.({ data: "nonsense" });
    wires[0]?.onmessage?.({ data: '{"type":"of_a_newer_server"}' });
    expect(heard).toEqual([told({ type: "me" })]);
    expect(states).toEqual(["live"]);
  });

  it("tries again, ever slower, and at once when somebody is impatient", async () => {
    const { line, states, wires } = begin();
    wires[0]?.onopen?.();
    for (const wait of [250, 500, 1_000]) {
      const before = wires.length;
      wires.at(-1)?.onclose?.({ code: 1006 });
      await pass(wait - 1);
      expect(wires).toHaveLength(before);
      await pass(1);
      expect(wires).toHaveLength(before + 1);
    }
    expect(states).toEqual(["live", "lost"]);
    wires.at(-1)?.onclose?.({ code: 1006 });
    await pass(0);
    const before = wires.length;
    line.tryNow();
    expect(wires).toHaveLength(before + 1);
    wires.at(-1)?.onopen?.();
    expect(states.at(-1)).toBe("live");
  });

  it("goes on trying while the server is away, and opens no socket until it answers", async () => {
    let away = true;
    const { states, wires } = begin(() => {
      if (away) throw new TypeError("fetch failed");
      return me();
    });
    wires[0]?.onclose?.({ code: 1006 });
    await pass(60_000);
    expect(wires).toHaveLength(1);
    away = false;
    await pass(20_000);
    expect(wires).toHaveLength(2);
    wires[1]?.onopen?.();
    expect(states.at(-1)).toBe("live");
  });

  it.each(["online", "pageshow"])("tries at once on %s, and only then", async (event) => {
    const { line, states, wires } = begin();
    wires[0]?.onopen?.();
    window.dispatchEvent(new Event(event));
    expect(wires, "it is live").toHaveLength(1);
    line.networkLost();
    await pass(60_000);
    expect(wires).toHaveLength(1);
    window.dispatchEvent(new Event(event));
    expect(wires).toHaveLength(2);
    window.dispatchEvent(new Event(event));
    expect(wires, "it is being connected").toHaveLength(2);
    expect(states).toEqual(["live", "offline", "connecting"]);
    line.stop();
    window.dispatchEvent(new Event(event));
    expect(wires).toHaveLength(2);
  });

  it("says that nobody is logged in, told by the socket or over HTTP", async () => {
    const told = begin();
    told.wires[0]?.onclose?.({ code: 4401 });
    expect(told.out.times).toBe(1);
    const asked = begin(() => Response.json({ id: "not_logged_in" }, { status: 401 }));
    asked.wires[0]?.onclose?.({ code: 1006 });
    await pass(250);
    expect(asked.out.times).toBe(1);
    await pass(60_000);
    expect(asked.wires).toHaveLength(1);
  });

  it("waits long when there are too many pages, and knows of a lost network", async () => {
    const { line, states, wires } = begin();
    wires[0]?.onclose?.({ code: 4429 });
    await pass(14_000);
    expect(wires).toHaveLength(1);
    await pass(1_000);
    expect(wires).toHaveLength(2);
    wires[1]?.onopen?.();
    line.networkLost();
    expect(wires[1]?.closed).toBe(true);
    await pass(60_000);
    expect(wires).toHaveLength(2);
    line.tryNow();
    expect(wires).toHaveLength(3);
    expect(states).toEqual(["too_many", "live", "offline", "connecting"]);
    line.stop();
  });
});

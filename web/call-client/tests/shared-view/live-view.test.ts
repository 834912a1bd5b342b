import type { Socket } from "@ringback/browser-leg";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type DoAction, LiveView, type Outcome, Pieces, type Question } from "../../src/shared-view";

class Line implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readyState = 0;
  bufferedAmount = 0;
  readonly said: { type: string; [field: string]: unknown }[] = [];
  send = (text: string): void => void this.said.push(JSON.parse(text));
  close = (): void => void (this.readyState = 3);
  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  tell(message: unknown): void {
    this.onmessage?.({ data: typeof message === "string" ? message : JSON.stringify(message) });
  }
  cut(code = 1006): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
  get types(): string[] {
    return this.said.map(({ type }) => type);
  }
}

const consent = { version: "1-en", language: "en", words: { see: "See.", point: "Point." }, note: "" };
const question: Question = { agent: "Sandra", scopes: ["see", "point"], consent, until: null };
const rules = { mask: [".m"], show: [], never_fill: [], never_click: [], private_by_default: false };
const welcome = (more: object = {}) => ({
  type: "welcome",
  state: "asked",
  agent: "Sandra",
  scopes: ["see", "point"],
  agreed: [],
  consent,
  ends_in: null,
  rules,
  ...more,
});
const state = (more: object = {}) => ({
  type: "state",
  state: "seeing",
  agent: "Sandra",
  agreed: ["see", "point"],
  agents: ["Sandra"],
  ends_in: 1800,
  ...more,
});
const action = {
  type: "action",
  action: "a1",
  kind: "point",
  node: 4,
  value: null,
  word: null,
  agent: "Sandra",
  ask: false,
};

describe("LiveView", () => {
  let lines: Line[], records: (number | null)[], acted: DoAction[], outcome: Outcome;
  beforeEach(() => {
    vi.useFakeTimers();
    [lines, records, acted, outcome] = [[], [], [], { result: "done", reason: "" }];
  });
  afterEach(() => void vi.useRealTimers());

  const snapshot = vi.fn();
  const begin = (how: { question?: Question; resumed?: boolean } = { question }): LiveView =>
    new LiveView(
      { view: "v_1", token: "secret" },
      {
        base: "https://calls.example/",
        tab: "tab",
        url: () => "https://shop.example/",
        title: () => "Shop",
        visible: () => true,
      },
      {
        changed: () => {},
        record: (page) => void records.push(page),
        snapshot,
        act: async (wished) => {
          acted.push(wished);
          return outcome;
        },
        pointed: () => {},
      },
      how,
      (url) => {
        expect(url).toBe("wss://calls.example/v1/views/v_1");
        const line = new Line();
        lines.push(line);
        return line;
      },
    );
  const agreed = (): [LiveView, Line] => {
    const view = begin();
    const [line] = lines as [Line];
    line.open();
    line.tell(welcome());
    view.consent(["see", "point"]);
    line.tell(state());
    return [view, line];
  };

  it("asks with what came over the call, and says what was agreed to, with its words' version", () => {
    const view = begin();
    expect(view.state).toMatchObject({ phase: "asked", agent: "Sandra", agreed: [] });
    view.consent(["see"]);
    const [line] = lines as [Line];
    expect(line.said).toEqual([]);
    line.open();
    line.tell(welcome());
    expect(line.types).toEqual(["hello", "consent"]);
    expect(line.said[0]).toMatchObject({ token: "secret", tab: "tab", visible: true, resumed: false });
    expect(line.said[1]).toMatchObject({ scopes: ["see"], version: "1-en" });
    expect(view.state).toMatchObject({ phase: "on", agreed: ["see"], rules });
  });

  it("records nothing before the server says so, and nothing after an end", () => {
    const [view, line] = agreed();
    expect(records.filter((page) => page !== null)).toEqual([]);
    line.tell({ type: "record", on: true, page: 3 });
    expect(records.at(-1)).toBe(3);
    expect(view.give(new Pieces(3).cut(["{}"])!)).toBe(true);
    view.end();
    expect(records.at(-1)).toBeNull();
    expect(line.types.at(-1)).toBe("end");
    expect(view.give(new Pieces(3).cut(["{}"])!)).toBe(false);
    line.tell({ type: "record", on: true, page: 4 });
    expect(records.at(-1)).toBeNull();
    expect(view.state).toMatchObject({ phase: "ended", reason: "shopper", agreed: [] });
  });

  it("ends at once where there is no connection, and tells the server with the next one", () => {
    const [view, line] = agreed();
    line.cut();
    expect(records.at(-1)).toBeNull();
    expect(view.state).toMatchObject({ phase: "on", connected: false });
    view.end();
    expect(view.over).toBe(true);
    vi.advanceTimersByTime(1_000);
    const [, next] = lines as [Line, Line];
    next.open();
    next.tell(welcome({ state: "seeing", agreed: ["see", "point"], consent: null }));
    next.tell({ type: "record", on: true, page: 9 });
    expect(next.types).toEqual(["hello", "end"]);
    expect(records.at(-1)).toBeNull();
    expect(view.over).toBe(true);
  });

  it("declines as easily as it agrees", () => {
    const view = begin();
    const [line] = lines as [Line];
    line.open();
    line.tell(welcome());
    view.consent([]);
    expect(line.types.at(-1)).toBe("decline");
    expect(view.state).toMatchObject({ phase: "ended", reason: "declined" });
  });

  it("goes on as it was where more is declined", () => {
    const [view, line] = agreed();
    line.tell({
      type: "ask",
      agent: "Sandra",
      scopes: ["fill"],
      consent: { ...consent, words: { fill: "Fill." } },
      expires_in: 60,
    });
    expect(view.state).toMatchObject({ phase: "on", question: { scopes: ["fill"] } });
    view.decline();
    expect(view.state).toMatchObject({ phase: "on", question: null, agreed: ["see", "point"] });
  });

  it("holds what was taken back at once, and ends without the one to see", () => {
    const [view, line] = agreed();
    view.revoke(["point"]);
    expect(line.said.at(-1)).toEqual({ type: "revoke", scopes: ["point"] });
    expect(view.state.agreed).toEqual(["see"]);
    view.revoke(["see"]);
    expect(line.types.at(-1)).toBe("end");
    expect(view.over).toBe(true);
  });

  it("does what is asked, and tells what became of it", async () => {
    const [, line] = agreed();
    outcome = { result: "refused", reason: "masked" };
    line.tell(action);
    await vi.waitFor(() => expect(line.types.at(-1)).toBe("done"));
    expect(acted).toMatchObject([{ kind: "point", node: 4 }]);
    expect(line.said.at(-1)).toEqual({ type: "done", action: "a1", result: "refused", reason: "masked" });
  });

  it("waits for who reads the code out, and is asked then", () => {
    const view = begin({});
    const [line] = lines as [Line];
    line.open();
    line.tell(welcome({ agent: "", scopes: [], consent: null }));
    expect(view.state.phase).toBe("waiting");
    line.tell({
      type: "ask",
      agent: "Ben",
      scopes: ["see"],
      consent: { ...consent, words: { see: "See." } },
      expires_in: 60,
    });
    expect(view.state).toMatchObject({ phase: "asked", question: { agent: "Ben", scopes: ["see"] } });
  });

  it("is asked once: what another tab answered is answered here, too", () => {
    const view = begin();
    const [line] = lines as [Line];
    line.open();
    line.tell(welcome());
    line.tell(state());
    expect(view.state).toMatchObject({ phase: "on", question: null });
  });

  it.each([
    [4404, "gone"],
    [4401, "gone"],
    [4409, "replaced"],
  ])("is over where the server closes with %d", (code, reason) => {
    const [view, line] = agreed();
    line.cut(code);
    expect(view.state).toMatchObject({ phase: "ended", reason });
    vi.advanceTimersByTime(60_000);
    expect(lines.length).toBe(1);
  });

  it("stops as the page goes, and comes back with a page that the browser kept", () => {
    const [view, line] = agreed();
    view.leavePage();
    expect(records.at(-1)).toBeNull();
    expect(line.readyState).toBe(3);
    line.onclose?.({ code: 1005 });
    vi.advanceTimersByTime(60_000);
    expect(lines.length).toBe(1);
    view.comeBack();
    lines[1]!.open();
    expect(lines[1]!.said[0]).toMatchObject({ type: "hello", resumed: true });
    lines[1]!.tell(welcome({ state: "seeing", agreed: ["see"], consent: null }));
    expect(view.state).toMatchObject({ phase: "on", agreed: ["see"], connected: true });
  });

  it("sends nothing into a line that is full", () => {
    const [view, line] = agreed();
    line.bufferedAmount = 10 * 1024 * 1024;
    expect(view.give(new Pieces(1).cut(["{}"])!)).toBe(false);
  });

  it("answers pings, asks for snapshots, and reads nothing that it does not know", () => {
    const [view, line] = agreed();
    line.tell({ type: "ping" });
    expect(line.types.at(-1)).toBe("pong");
    line.tell({ type: "snapshot" });
    expect(snapshot).toHaveBeenCalled();
    for (const strange of ["", "null", "[]", "{", "1", '{"type":"toString"}', '{"type":7}'])
      line.tell(strange);
    expect(view.state.phase).toBe("on");
    line.tell({ type: "ended", reason: "idle" });
    expect(view.state).toMatchObject({ phase: "ended", reason: "idle" });
  });
});

import { Retries } from "@ringback/browser-leg";
import { describe, expect, it } from "vitest";
import type { DeskView } from "../src/messages";
import { DeskViews } from "../src/shared-view/desk-views";
import type { ViewAgentMessage, ViewServerMessage } from "../src/shared-view/messages";
import type { Shown } from "../src/shared-view/picture";
import { readSeam } from "../src/shared-view/seam";
import { ShownView } from "../src/shared-view/shown-view";
import { ViewLine } from "../src/shared-view/view-line";
import { leftWords, resultWords, scopeList, stateWords } from "../src/shared-view/view-words";

const ALL = ["see", "point", "fill"] as const;
const SNAPSHOT = { type: 2, data: {} };
const CHANGE = { type: 3, data: {} };

function shown() {
  const said: ViewAgentMessage[] = [];
  const world = { online: true, outcome: "shown" as Shown, now: 1_000, shows: 0, clears: 0 };
  const view = new ShownView(
    (message) => {
      if (world.online) said.push(message);
      return world.online;
    },
    () => {
      world.shows += 1;
      return world.outcome;
    },
    () => (world.clears += 1),
    () => {},
    () => world.now,
    "me",
  );
  const hear = (type: ViewServerMessage["type"], more: object): void =>
    view.hear({ type, ...more } as ViewServerMessage);
  hear("welcome", {
    state: "seeing",
    scopes: ALL,
    agreed: ["see"],
    page: { n: 1, url: "u", title: "t" },
    ends_in: 60,
  });
  return { hear, said, view, world };
}

describe("a shared view in its document", () => {
  it("may what both the shopper and the shop allow, and asks for the rest", () => {
    const { hear, said, view } = shown();
    expect([view.may("see"), view.may("point"), view.more]).toEqual([true, false, ["point", "fill"]]);
    view.ask(["point"]);
    expect(said).toEqual([{ type: "ask", scopes: ["point"] }]);
    hear("agreed", { scopes: ["see"], declined: true });
    expect([view.declined, view.asking]).toEqual([true, []]);
    hear("agreed", { scopes: ALL, declined: false });
    expect([view.may("fill"), view.more]).toEqual([true, []]);
    hear("ended", { reason: "shopper" });
    expect([view.may("see"), view.ended]).toEqual([false, "shopper"]);
  });

  it("shows what is of this page alone, and begins anew with the next", () => {
    const { hear, view, world } = shown();
    hear("events", { page: 1, events: [SNAPSHOT] });
    hear("events", { page: 7, events: [SNAPSHOT] });
    hear("events", { page: 1, events: "none" });
    expect(world.shows).toBe(1);
    hear("paused", { why: "navigating" });
    hear("page", { n: 2, url: "v", title: "w" });
    expect([view.paused, view.page?.n, world.clears]).toEqual([null, 2, 2]);
  });

  it("asks for a new picture when it is lost, and shows nothing until that comes", () => {
    const { hear, said, world } = shown();
    world.outcome = "lost";
    hear("events", { page: 1, events: [CHANGE] });
    world.outcome = "shown";
    hear("events", { page: 1, events: [CHANGE] });
    expect([said, world.shows]).toEqual([[{ type: "again" }], 1]);
    hear("events", { page: 1, events: [SNAPSHOT, CHANGE] });
    hear("events", { page: 1, events: [CHANGE] });
    expect(world.shows).toBe(3);
    hear("ended", { reason: "agent" });
  });

  it("says so where a page cannot be shown, time after time", () => {
    const { hear, said, view, world } = shown();
    world.outcome = "lost";
    for (let time = 0; time < 6; time++) hear("events", { page: 1, events: [SNAPSHOT] });
    expect([view.broken, world.shows]).toEqual([true, 4]);
    said.length = 0;
    view.retry();
    expect(view.broken).toBe(false);
    hear("ended", { reason: "agent" });
  });

  it("tells what became of each thing that was done", () => {
    const { hear, said, view, world } = shown();
    view.act("fill", "ZIP code", { node: 4, value: "90210" });
    expect(said).toEqual([
      { type: "action", action: "me-1", kind: "fill", node: 4, value: "90210", word: null },
    ]);
    hear("result", { action: "me-1", result: "refused", reason: "never_fill", detail: "" });
    hear("result", { action: "other-1", result: "done", reason: "", detail: "" });
    world.online = false;
    view.act("click", "Next", { node: 5 });
    expect(view.done.map(({ kind, result }) => [kind, result && resultWords(result)])).toEqual([
      ["click", "not done: there is no connection at the moment"],
      [null, "done"],
      ["fill", "not done: only the shopper may fill it in"],
    ]);
  });

  it("points as often as is useful", () => {
    const { hear, said, view, world } = shown();
    hear("agreed", { scopes: ALL, declined: false });
    for (let ms = 0; ms < 1_000; ms += 10) {
      world.now = 2_000 + ms;
      view.point(3, 0.5, 0.5);
    }
    expect(said.length).toBeGreaterThan(9);
    expect(said.length).toBeLessThanOrEqual(15);
  });
});

describe("the document's line", () => {
  it("asks for a token, says it first, and asks again when it is cut off", () => {
    const opened: { sent: string[]; close: () => void; onclose?: (event: { code: number }) => void }[] = [];
    const heard: string[] = [];
    let wishes = 0;
    let again = (): void => {};
    const line = new ViewLine(
      (view) => `ws://x/${view}`,
      () => (wishes += 1),
      ({ type }) => heard.push(type),
      () => {},
      () => {
        const sent: string[] = [];
        const socket = {
          sent,
          onopen: null as (() => void) | null,
          onmessage: null as ((event: { data: unknown }) => void) | null,
          onclose: null as ((event: { code: number }) => void) | null,
          readyState: 1,
          send: (text: string) => void sent.push(text),
          close: () => {},
        };
        opened.push(socket as never);
        queueMicrotask(() => socket.onopen?.());
        return socket;
      },
      (retry) => {
        again = retry;
        return new Retries(() => {}, { page: null });
      },
    );
    line.begin();
    line.connect("v_1", "t1");
    line.connect("v_1", "t2"); // asked for twice
    expect([wishes, opened.length]).toEqual([1, 1]);
    const socket = opened[0] as never as {
      onopen: () => void;
      onmessage: (event: { data: unknown }) => void;
      onclose: (event: { code: number }) => void;
      sent: string[];
    };
    socket.onopen();
    for (const data of ['{"type":"welcome"}', '{"type":"ping"}', "nonsense", "[]", 5])
      socket.onmessage({ data });
    expect([heard, line.stands]).toEqual([["welcome"], "live"]);
    expect(socket.sent).toEqual(['{"type":"hello","token":"t1"}', '{"type":"pong"}']);
    socket.onclose({ code: 1006 });
    expect([line.stands, line.say({ type: "end" })]).toEqual(["lost", false]);
    again();
    expect(wishes).toBe(2);
    line.connect("v_1", "t3");
    const next = opened[1] as never as typeof socket;
    next.onclose({ code: 4409 });
    again();
    expect([line.stands, wishes]).toEqual(["elsewhere", 2]);
  });
});

describe("what desk and document tell one another", () => {
  const [frame, origin] = [{}, "https://desk.test"];
  const event = (data: unknown, more: object = {}) =>
    ({ data, origin, source: frame, ...more }) as MessageEvent;

  it("is read from the very window that is meant, of the same origin", () => {
    const token = { ringback: "token", view: "v", token: "t" };
    expect(readSeam(event(token), frame, origin)).toEqual(token);
    expect(readSeam(event({ ringback: "token_wanted", more: 1 }), frame, origin)).toEqual({
      ringback: "token_wanted",
    });
    expect(readSeam(event(token, { origin: "https://evil.test" }), frame, origin)).toBeNull();
    expect(readSeam(event(token, { source: {} }), frame, origin)).toBeNull();
    expect(readSeam(event(token, { source: null }), null, origin)).toBeNull();
    for (const other of [null, "token", { ringback: "token", view: 1, token: "t" }, { ringback: "else" }])
      expect(readSeam(event(other), frame, origin)).toBeNull();
  });
});

describe("shared views at the desk", () => {
  const VIEW: DeskView = {
    type: "view", view: "v_1", talk: "chat-1", state: "seeing", scopes: ["see"], agreed: ["see"],
    token: null, ends_in: 60, reason: null, refused: null, detail: "",
  }; // prettier-ignore

  function desk() {
    const sent: object[] = [];
    const world = { online: true };
    const views = new DeskViews(
      (message) => world.online && sent.push(message) > 0,
      () => {},
    );
    return { sent, views, world };
  }

  it("are asked for, refused in words, joined by a code, and ended", () => {
    const { sent, views, world } = desk();
    views.ask("chat-1", ["see", "point"]);
    views.hear({
      ...VIEW,
      view: "",
      state: "ended",
      refused: "not_here",
      detail: "The shopper has no page open.",
    });
    expect([views.of("chat-1"), views.refusal("chat-1")]).toEqual([null, "The shopper has no page open."]);
    views.join("chat-1", "407113", ["see"]);
    views.hear(VIEW);
    expect([views.of("chat-1")?.view, views.refusal("chat-1")]).toEqual(["v_1", ""]);
    views.end("chat-1");
    expect(sent.at(-1)).toEqual({ type: "end_view", view: "v_1" });
    world.online = false;
    views.ask("chat-2", ["see"]);
    expect(views.refusal("chat-2")).toContain("no connection");
  });

  it("give a token to the document that waits for one, once", () => {
    const { sent, views } = desk();
    const given: string[] = [];
    views.hear(VIEW);
    views.token("v_1", (token) => given.push(token));
    views.hear({ ...VIEW, token: "t1" });
    views.hear({ ...VIEW, token: "t2" });
    expect([sent, given]).toEqual([[{ type: "view_token", view: "v_1" }], ["t1"]]);
  });

  it("of others are watched by a supervisor, one at a time, until they are over", () => {
    const { sent, views } = desk();
    const given: string[] = [];
    const row = { view: "v_1", talk: "c1", site: "shop", state: "seeing", agent: "Ben", agents: [] } as const;
    views.hearRunning([row, { ...row, view: "v_2", talk: "c2" }]);
    views.watch("v_1");
    views.token("v_1", (token) => given.push(token));
    views.hear({ ...VIEW, talk: "c1", token: "t1" });
    expect([sent, given, views.of("c1")]).toEqual([[{ type: "view_token", view: "v_1" }], ["t1"], null]);
    views.hearRunning([{ ...row, view: "v_2", talk: "c2" }]);
    expect([views.watched, views.watchedOver]).toEqual([null, true]);
    views.watch("v_2");
    views.hear({ ...VIEW, view: "v_2", state: "ended", refused: "unknown", detail: "It is over." });
    expect([views.watched, views.watchedOver]).toEqual([null, true]);
  });

  it("are forgotten where the server tells nothing of them after a reconnect", () => {
    const { views } = desk();
    views.hear(VIEW);
    views.hear({ ...VIEW, talk: "chat-2", view: "v_2" });
    views.unconfirm();
    views.hear(VIEW);
    views.confirm();
    expect([views.of("chat-1")?.view, views.of("chat-2")]).toEqual(["v_1", null]);
  });

  it("are told in words", () => {
    expect(scopeList(ALL)).toBe("see the page, point and scroll and fill in and click");
    expect(stateWords({ ...VIEW, state: "ended", reason: "declined" })).toContain("rather not");
    expect([leftWords(1_700), leftWords(45.4), leftWords(-1)]).toEqual([
      "29 min left",
      "45 s left",
      "0 s left",
    ]);
    expect(resultWords({ result: "declined", reason: "", detail: "" })).toBe("the shopper said no");
  });
});

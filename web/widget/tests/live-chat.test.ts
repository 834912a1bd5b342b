import { createHash } from "node:crypto";
import type { Socket } from "@ringback/browser-leg";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ChatMemory } from "../src/chat/chat-memory";
import { type ChatPlace, LiveChat } from "../src/chat/live-chat";

class Keep {
  readonly kept = new Map<string, string>();
  getItem = (key: string): string | null => this.kept.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.kept.set(key, value);
  removeItem = (key: string): void => void this.kept.delete(key);
}

class Line implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readyState = 0;
  readonly said: { type: string; [field: string]: unknown }[] = [];
  send = (text: string): void => void this.said.push(JSON.parse(text));
  close = (): void => void (this.readyState = 3);
  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  tell(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
  cut(code = 1006): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
  of(type: string) {
    return this.said.filter((each) => each.type === type);
  }
}

const entry = (seq: number, more: object = {}) => ({
  seq,
  at: 1,
  by: "agent",
  kind: "text",
  text: "Hello",
  ...more,
});
const STATE = { type: "chat_state", now: 1 };

describe("LiveChat", () => {
  let lasting: Keep, tab: Keep, lines: Line[], page: EventTarget, asked: Record<string, unknown>[];
  let token: string | null, answer: () => Response;
  const place: ChatPlace = {
    base: "https://calls.example/",
    site: "key",
    page: () => "https://shop.example/",
    language: () => "de",
    context: () => ({ "cart.value": 5 }),
    visitor: () => "v".repeat(22),
    token: () => token,
    signed: async () => ({}),
    shared: () => {},
  };
  const chat = (): LiveChat =>
    new LiveChat(
      place,
      () => {},
      new ChatMemory(
        () => lasting,
        () => tab,
      ),
      () => {
        const line = new Line();
        lines.push(line);
        return line;
      },
      page,
    );
  const begun = async (): Promise<[LiveChat, Line]> => {
    const it = chat();
    it.submit("Hi");
    await vi.waitFor(() => expect(lines.length).toBe(1));
    lines[0]!.open();
    return [it, lines[0]!];
  };

  beforeEach(() => {
    [lasting, tab, lines, page, asked, token] = [new Keep(), new Keep(), [], new EventTarget(), [], null];
    answer = () => Response.json({ id: "th-1", token: "secret" }, { status: 201 });
    vi.stubGlobal("fetch", async (_: string, { body }: { body: string }) => {
      asked.push(JSON.parse(body));
      return answer();
    });
    vi.spyOn(Math, "random").mockReturnValue(0.5);
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  it("opens the chat with the first text, and sends it once connected", async () => {
    const [it, line] = await begun();
    expect(asked).toMatchObject([{ site_key: "key", context: { "cart.value": 5 } }]);
    expect(line.said.map(({ type }) => type)).toEqual(["chat_follow", "chat_say"]);
    const key = line.of("chat_say")[0]!["key"];
    line.tell({ type: "chat_entries", entries: [entry(1, { by: "shopper", key, text: "Hi" })] });
    expect(it.story.unsent).toEqual([]);
    expect(it.story.lines.map(({ text }) => text)).toEqual(["Hi"]);
    expect(it.live).toBe(true);
  });

  it("sends again with the same key what was not confirmed, and asks for what it missed", async () => {
    const [it, line] = await begun();
    line.tell({ type: "chat_entries", entries: [entry(1)] });
    const [first] = line.of("chat_say");
    line.cut();
    expect(it.connected).toBe(false);
    it.submit("Still there?");
    await vi.waitFor(() => expect(lines.length).toBe(2), 3_000);
    lines[1]!.open();
    expect(lines[1]!.of("chat_follow")).toEqual([{ type: "chat_follow", after: 1 }]);
    expect(lines[1]!.of("chat_say").map(({ text }) => text)).toEqual(["Hi", "Still there?"]);
    expect(lines[1]!.of("chat_say")[0]).toEqual(first);
  });

  it("asks again with the same key where the answer did not come", async () => {
    answer = () => {
      throw new TypeError("cut");
    };
    const it = chat();
    it.submit("Hi");
    await vi.waitFor(() => expect(it.problem?.id).toBe("server_unreachable"));
    expect(it.story.unsent[0]?.refused).toBe("server_unreachable");
    answer = () => Response.json({ id: "th-1", token: "secret" }, { status: 201 });
    it.again(it.story.unsent[0]!.key);
    await vi.waitFor(() => expect(it.ticket?.id).toBe("th-1"));
    expect(new Set(asked.map(({ key }) => key)).size).toBe(1);
    expect(it.problem).toBeNull();
  });

  it("solves a challenge where the site wants a proof of work for the chat", async () => {
    const salt = "0123456789abcdef?expires=2000000000&bits=16&";
    const digest = createHash("sha256").update(`${salt}7`).digest("hex");
    const challenge = { algorithm: "SHA-256", challenge: digest, maxnumber: 16, salt, signature: "s" };
    answer = () => {
      if (asked.length === 1) return Response.json({ id: "proof_missing", detail: "" }, { status: 403 });
      if (asked.length === 2) return Response.json({ challenge, expires_in: 300 });
      return Response.json({ id: "th-1", token: "secret" }, { status: 201 });
    };
    const it = chat();
    it.submit("Hi");
    await vi.waitFor(() => expect(it.ticket?.id).toBe("th-1"));
    expect(asked[1]).toEqual({ site_key: "key", what: "chat" });
    expect(JSON.parse(atob(String(asked[2]!["proof"])))).toMatchObject({ number: 7, salt });
    expect(asked[2]!["key"]).toBe(asked[0]!["key"]);
  });

  it("goes on after a reload with the draft and what was not sent", async () => {
    const [it, line] = await begun();
    it.write("half a sen");
    page.dispatchEvent(new Event("pagehide"));
    const again = chat();
    expect(again.ticket).toEqual({ id: "th-1", token: "secret" });
    expect([again.draft, again.rejoined]).toEqual(["half a sen", true]);
    lines[1]!.open();
    expect(lines[1]!.of("chat_say")).toEqual(line.of("chat_say"));
  });

  it("is hidden from another customer on the same device, and there again for the first", async () => {
    const claims = (sub: string) => `e30.${btoa(JSON.stringify({ sub, iat: Math.random() }))}.x`;
    token = claims("ann");
    const [it] = await begun();
    it.look();
    expect(it.ticket?.id).toBe("th-1");
    token = claims("ben");
    it.look();
    expect([it.ticket, it.story.lines, it.live]).toEqual([null, [], false]);
    token = claims("ann");
    it.look();
    expect(it.ticket?.id).toBe("th-1");
  });

  it("is followed by another tab, and over in both", async () => {
    const [it, line] = await begun();
    const other = chat();
    lines[1]!.open();
    line.tell({ ...STATE, state: "ended", cause: "agent", outcome: "answered", survey: true });
    expect(it.live).toBe(false);
    expect(chat().live).toBe(false);
    it.renew();
    page.dispatchEvent(Object.assign(new Event("storage"), { key: "ringback.chat" }));
    expect(other.ticket).toBeNull();
  });

  it("keeps what was written where the server knows the chat no more", async () => {
    const [it, line] = await begun();
    line.cut(4404);
    expect([it.ticket, it.draft]).toEqual([null, "Hi"]);
    expect(lasting.kept.size).toBe(0);
  });

  it("counts what the shopper has not seen, and forgets typing with the word itself", async () => {
    const [it, line] = await begun();
    line.tell({ type: "chat_entries", entries: [entry(1)] });
    line.tell({ type: "agent_typing" });
    expect(it.typing).toBe(true);
    line.tell({ type: "chat_entries", entries: [entry(2)] });
    expect([it.typing, it.unread]).toEqual([false, 1]);
    it.seen(true);
    line.tell({ type: "chat_entries", entries: [entry(3)] });
    expect(it.unread).toBe(0);
  });

  it("has questions with the answer that is being changed, and none once they are over", async () => {
    const [it, line] = await begun();
    const question = { key: "y", text: "Year?", kind: "year", choices: [], may_skip: false, consent: "" };
    line.tell({ type: "chat_flow", question: { ...question, value: "2009" }, ways: [], answers: [] });
    expect([it.flow?.question?.key, it.draft]).toEqual(["y", "2009"]);
    line.tell({ type: "chat_flow", question: null, ways: [], answers: [], over: true });
    expect(it.flow).toBeNull();
  });

  it("says that it is refused, and tells of typing every three seconds at most", async () => {
    const [it, line] = await begun();
    line.tell({ ...STATE, state: "waiting" });
    it.write("abc");
    it.write("abcd");
    expect(line.of("chat_typing").length).toBe(1);
    line.tell({ type: "refused", request: "chat_choose", reason: "number_refused" });
    expect(it.refused).toEqual({ request: "chat_choose", reason: "number_refused" });
  });
});

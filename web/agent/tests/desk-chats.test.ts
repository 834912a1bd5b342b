import { linked } from "@ringback/browser-leg";
import { readMessage, ServerClock } from "@ringback/browser-leg";
import { describe, expect, it } from "vitest";
import { alertOf } from "../src/alerts";
import { findReplies } from "../src/chat-composer";
import { overWords } from "../src/chat-words";
import { DeskChats, NONE } from "../src/desk-chats";
import { AGENT_MESSAGES, type ChatAtDesk } from "../src/messages";

const NOW = 1_800_000_010;
const CHAT = { type: "chat_state", state: "talking", now: NOW };

function desk() {
  const sent: Record<string, unknown>[] = [];
  const world = { online: true, hidden: false };
  const chats = new DeskChats(
    (message) => {
      if (world.online) sent.push({ ...message });
      return world.online;
    },
    () => {},
    new ServerClock(),
    () => world.hidden,
  );
  const hear = (message: object): void => {
    const read = readMessage(AGENT_MESSAGES, JSON.stringify(message));
    if (!read) throw new Error(`not read: ${JSON.stringify(message)}`);
    chats.hear(read);
  };
  const stands = (state: string, more: object = {}, id = "chat-1"): void =>
    hear({
      type: "desk_chat", chat_id: id, site: "shop", state, chat: CHAT, asked_at: NOW, pop: null, ...more,
    }); // prettier-ignore
  const says = (seq: number, text: string, more: object = {}, id = "chat-1"): void =>
    hear({
      type: "desk_entries",
      chat_id: id,
      entries: [{ seq, at: NOW + Math.abs(seq), by: "shopper", kind: "text", text, ...more }],
    });
  const texts = (id = "chat-1"): readonly string[] => chats.get(id)?.lines.map(({ text }) => text) ?? [];
  const last = (type: string): Record<string, unknown> | undefined =>
    sent.filter((message) => message["type"] === type).at(-1);
  return { chats, hear, last, says, sent, stands, texts, world };
}

describe("a chat at the desk", () => {
  it("is followed from the offer on, and looked at", () => {
    const { chats, last, stands } = desk();
    stands("offered", { until: NOW + 20 });
    expect(chats.current?.id).toBe("chat-1");
    expect(chats.offered).toHaveLength(1);
    expect(last("desk_follow")).toEqual({ type: "desk_follow", chat_id: "chat-1", after: null });
    chats.current?.accept();
    expect(last("chat_accept")).toEqual({ type: "chat_accept", chat_id: "chat-1" });
  });

  it("keeps the server's order, and notes where they were written", () => {
    const { says, stands, texts } = desk();
    stands("talking");
    says(1, "one");
    says(3, "three");
    says(2, "two");
    says(-2, "note", { by: "agent", kind: "note", at: NOW + 2.5 });
    says(2, "two");
    expect(texts()).toEqual(["one", "two", "note", "three"]);
  });

  it("asks again for what is missing", () => {
    const { last, says, sent, stands } = desk();
    stands("talking");
    says(1, "one");
    sent.length = 0;
    says(3, "three");
    expect(last("desk_follow")).toEqual({ type: "desk_follow", chat_id: "chat-1", after: 1 });
  });

  it("shows what is on its way until the server has it, and sends it again on a new line with the same key", () => {
    const { chats, last, says, sent, stands, world } = desk();
    stands("talking");
    const chat = chats.current;
    if (!chat) throw new Error("no chat");
    world.online = false;
    chat.write("hello");
    expect(chat.submit()).toBe(true);
    expect(chat.unsent.map(({ text }) => text)).toEqual(["hello"]);
    world.online = true;
    sent.length = 0;
    chats.unconfirm();
    const key = last("desk_say")?.["key"];
    expect(key).toBe(chat.unsent[0]?.key);
    says(1, "hello", { by: "agent", agent: "Alice", key });
    expect(chat.unsent).toEqual([]);
    expect(chat.lines).toHaveLength(1);
  });

  it("offers pages with one key over lost connections, and tells what became of them", () => {
    const { chats, hear, last, says, sent, stands, world } = desk();
    stands("talking");
    const chat = chats.current;
    if (!chat) throw new Error("no chat");
    world.online = false;
    chat.push("1", "Returns", "https://shop.example/returns");
    expect(chat.pushes).toMatchObject([{ title: "Returns", state: "asked" }]);
    world.online = true;
    sent.length = 0;
    chats.unconfirm();
    const key = last("chat_page")?.["key"];
    expect(last("chat_page")).toEqual({ type: "chat_page", chat_id: "chat-1", key, page: "1" });
    const card = { by: "agent", kind: "card", agent: "Alice" };
    says(1, "Returns\nhttps://shop.example/returns", { ...card, key });
    expect(chat.pushes).toEqual([{ title: "Returns", url: "https://shop.example/returns", state: "sent" }]);
    says(2, "page_declined", { by: "system", kind: "event" });
    says(3, "Sizes\nhttps://shop.example/sizes", card);
    says(4, "Cape\nhttps://shop.example/cape", card);
    says(5, "page_accepted", { by: "system", kind: "event" });
    expect(chat.pushes.map(({ state, title }) => [title, state])).toEqual([
      ["Cape", "accepted"],
      ["Sizes", "unknown"],
      ["Returns", "declined"],
    ]);
    chat.push("x", "x", "x");
    hear({ type: "refused", request: "chat_page", chat_id: "chat-1", key: null, reason: "page_refused" });
    expect(chat.refused?.reason).toBe("page_refused");
    expect(chat.pushes).toHaveLength(3);
  });

  it("tells why something was not sent, and gives it back", () => {
    const { chats, hear, stands } = desk();
    stands("talking");
    const chat = chats.current;
    chat?.write("again and again");
    chat?.submit();
    const key = chat?.unsent[0]?.key ?? "";
    hear({ type: "refused", request: "desk_say", chat_id: "chat-1", key, reason: "too_fast" });
    expect(chat?.unsent[0]?.refused).toBe("too_fast");
    chat?.takeBack(key);
    expect(chat?.unsent).toEqual([]);
    expect(chat?.draft).toBe("again and again");
  });

  it("sends no canned reply with a gap", () => {
    const { chats, hear, last, stands } = desk();
    stands("talking");
    const chat = chats.current;
    chat?.askReplies();
    hear({
      type: "chat_canned",
      chat_id: "chat-1",
      replies: [
        { name: "late", title: "Late", text: "Order ⟦Order number⟧ is late.", gaps: ["Order number"] },
      ],
    });
    const [reply] = chat?.replies ?? [];
    if (!chat || !reply) throw new Error("no reply");
    chat.pick(reply);
    expect(chat.submit()).toBe(false);
    expect(last("desk_say")).toBeUndefined();
    chat.write("Order 17 is late.");
    expect(chat.submit()).toBe(true);
    expect(last("desk_say")).toMatchObject({ text: "Order 17 is late.", canned: "late" });
  });

  it("becomes a call, once at a time", () => {
    const { chats, last, stands } = desk();
    stands("talking");
    expect(chats.current?.mayCall).toBe(true);
    chats.current?.call();
    expect(last("chat_call")).toEqual({ type: "chat_call", chat_id: "chat-1" });
    stands("talking", { chat: { ...CHAT, call: "asked" } });
    expect(chats.current?.mayCall).toBe(false);
    stands("talking", { chat: { ...CHAT, call: "over" } });
    expect(chats.current?.mayCall).toBe(true);
  });

  it("keeps notes from the shopper", () => {
    const { chats, last, stands } = desk();
    stands("talking");
    const chat = chats.current;
    if (!chat) throw new Error("no chat");
    chat.noting = true;
    chat.write("a note");
    chat.submit();
    expect(last("chat_whisper")).toMatchObject({ text: "a note" });
    expect(last("desk_say")).toBeUndefined();
    expect(last("desk_typing")).toBeUndefined();
  });

  it("counts what the agent has not seen, also in a tab that nobody looks at", () => {
    const { chats, says, stands, world } = desk();
    stands("talking");
    stands("talking", {}, "chat-2");
    chats.choose("chat-1");
    says(1, "first");
    says(1, "first", {}, "chat-2");
    says(2, "seen");
    says(2, "not seen", {}, "chat-2");
    expect(chats.unread).toBe(1);
    world.hidden = true;
    says(3, "nobody looks");
    expect(chats.unread).toBe(2);
    chats.looked();
    chats.choose("chat-2");
    expect(chats.unread).toBe(0);
  });

  it("stays to be wrapped up after its end, and goes when that is done", () => {
    const { chats, last, stands } = desk();
    stands("talking");
    const chat = chats.current;
    stands("over", { chat: { ...CHAT, state: "ended", cause: "shopper" } });
    expect(chats.all).toHaveLength(1);
    expect(overWords(chat?.state as ChatAtDesk)).toBe("The shopper ended it");
    chat?.choose("sale");
    expect(last("chat_wrap_up")).toMatchObject({ code: "sale" });
    chat?.finish();
    expect(chats.all).toHaveLength(0);
  });

  it("takes room while it is wrapped up, until the agent is done, also after a reload", () => {
    const { chats, last, stands } = desk();
    stands("over", {
      until: Date.now() / 1000 + 29.9,
      why: "over",
      chat: { ...CHAT, state: "ended", cause: "shopper" },
    });
    const chat = chats.get("chat-1");
    expect([chat?.had, chat?.wrapUpLeft]).toEqual([true, 30]);
    expect(last("desk_follow")).toEqual({ type: "desk_follow", chat_id: "chat-1", after: null });
    chat?.finish();
    expect(last("chat_done")).toEqual({ type: "chat_done", chat_id: "chat-1" });
    expect(chat?.done).toBe(true);
  });

  it("goes at once where the agent never had it", () => {
    const { chats, stands } = desk();
    stands("offered", { until: NOW + 20 });
    stands("over", { why: "taken", by: "Bob" });
    expect(chats.all).toHaveLength(0);
  });

  it("is shown again at the desk once it is offered", () => {
    const { chats, stands } = desk();
    stands("talking");
    chats.choose(NONE);
    expect(chats.current).toBeNull();
    stands("offered", { until: NOW + 20 }, "chat-2");
    expect(chats.current?.id).toBe("chat-2");
  });
});

describe("an offer", () => {
  it("rings, but not in a call, and comes after a call that rings", () => {
    const { chats, stands } = desk();
    stands("offered", { until: NOW + 20, pop: null });
    expect(alertOf([], false, false, chats.offered)).toMatchObject({ id: "chat-1", sounds: true });
    expect(alertOf([], true, false, chats.offered)).toMatchObject({ sounds: false });
    expect(alertOf([], false, false, [])).toBeNull();
  });
});

describe("texts", () => {
  it("have links for https alone, which lead where they say", () => {
    const hrefs = (text: string) => linked(text).filter(({ href }) => href !== null);
    expect(hrefs("see https://shop.example/a?b=1.")).toEqual([
      { text: "https://shop.example/a?b=1", href: "https://shop.example/a?b=1" },
    ]);
    for (const text of [
      "http://shop.example",
      "javascript:alert(1)",
      "https://shop.example@evil.example/",
      "https://localhost",
      "data:text/html,x",
      "<a href='https:x'>",
    ]) {
      // prettier-ignore
      expect(hrefs(text)).toEqual([]);
    }
    const text = "a <b>bold</b> https://shop.example, and more";
    expect(
      linked(text)
        .map((part) => part.text)
        .join(""),
    ).toBe(text);
  });

  it("find canned replies by words of their titles first", () => {
    const reply = (title: string, text: string) => ({ name: title, title, text, gaps: [] });
    const replies = [
      reply("Return", "how to send it back"),
      reply("Delivery", "no return before"),
      reply("Größen", "x"),
    ];
    expect(findReplies(replies, "/return").map(({ title }) => title)).toEqual(["Return", "Delivery"]);
    expect(findReplies(replies, "/grossen").map(({ title }) => title)).toEqual([]);
    expect(findReplies(replies, "/gro").map(({ title }) => title)).toEqual(["Größen"]);
    expect(findReplies(replies, "/").length).toBe(3);
  });
});

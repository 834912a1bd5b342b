import type { ChatLineTold } from "@ringback/call-client/chat";
import { describe, expect, it } from "vitest";
import { identity } from "../src/chat/chat-memory";
import { ChatStory, openCard, pageOfCard } from "../src/chat/chat-story";

const line = (seq: number, more: Partial<ChatLineTold> = {}): ChatLineTold => ({
  seq,
  at: 1_000 + seq,
  by: "agent",
  kind: "text",
  text: `text ${seq}`,
  agent: "Alice",
  key: null,
  canned: null,
  ...more,
});
const entries = (...lines: readonly ChatLineTold[]) =>
  ({ type: "chat_entries", entries: lines, earlier: false }) as const;
const told = (story: ChatStory): number[] => story.lines.map(({ seq }) => seq);

/** The same numbers each time: from 0 to 1. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

describe("ChatStory", () => {
  it("has the server's order whatever is cut, repeated and swapped on the way", () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const random = dice(seed);
      const story = new ChatStory();
      const server: ChatLineTold[] = [];
      const write = (): void => {
        const key = random() < 0.5 ? `key-${server.length + 1}` : null;
        if (key) story.write(key, "mine");
        server.push(line(server.length + 1, key ? { by: "shopper", key } : {}));
      };
      write();
      story.hear(entries(server[0]!));
      for (let step = 0; step < 40; step += 1) {
        if (random() < 0.5) write();
        const sent = server.filter(() => random() < 0.3);
        if (random() < 0.3) sent.reverse();
        const asksAgain = story.hear(entries(...sent));
        expect(told(story)).toEqual(story.lines.map((_, place) => place + 1));
        if (asksAgain) story.hear(entries(...server.slice(story.last ?? 0)));
      }
      // The connection comes back: what was missed, and the answers to what is sent again.
      story.hear(entries(...server.slice(story.last ?? 0)));
      for (const { key, seq } of server) if (key) expect(story.repeated(key, seq)).toBe(false);
      expect(story.lines).toEqual(server);
      expect(story.unsent).toEqual([]);
    }
  });

  it("begins with the last fifty, and has earlier ones in front of them", () => {
    const story = new ChatStory();
    story.hear({ ...entries(line(51), line(52)), earlier: true });
    expect([story.first, story.last, story.earlier]).toEqual([51, 52, true]);
    story.hear({ ...entries(line(49), line(50)), earlier: true });
    expect(told(story)).toEqual([49, 50, 51, 52]);
    expect(story.earlier).toBe(true);
    story.hear(entries(...Array.from({ length: 48 }, (_, place) => line(place + 1))));
    expect(story.first).toBe(1);
    expect(story.earlier).toBe(false);
  });

  it("holds back what comes after a gap, and asks once for what is missing", () => {
    const story = new ChatStory();
    story.hear(entries(line(1)));
    expect(story.hear(entries(line(3)))).toBe(true);
    expect(told(story)).toEqual([1]);
    expect(story.hear(entries(line(3)))).toBe(false);
    expect(story.hear(entries(line(2)))).toBe(false);
    expect(told(story)).toEqual([1, 2, 3]);
  });

  it("shows no notes of agents", () => {
    const story = new ChatStory();
    story.hear(entries(line(-1, { kind: "note" }), line(1), line(2, { kind: "note" })));
    expect(told(story)).toEqual([1]);
  });

  it("says of each entry whether it is sent, and lets the shopper try again or edit it", () => {
    const story = new ChatStory();
    story.write("k1", "one");
    story.write("k2", "two");
    expect(story.refuse("k2", "too_fast")).toBe(true);
    expect(story.refuse("k9", "too_fast")).toBe(false);
    expect(story.unsent.map(({ refused }) => refused)).toEqual([null, "too_fast"]);
    story.again("k2");
    expect(story.unsent[1]?.refused).toBeNull();
    expect(story.repeated("k1", 7)).toBe(true);
    story.hear(entries(line(1, { by: "shopper", key: "k1" })));
    expect(story.repeated("k1", 1)).toBe(false);
    expect(story.takeBack("k2")).toBe("two");
    expect(story.unsent).toEqual([]);
  });

  it("knows which page waits for an answer", () => {
    const card = line(2, { kind: "card", text: "Sizes\nhttps://shop.example/sizes" });
    expect(pageOfCard(card)).toEqual({ title: "Sizes", url: "https://shop.example/sizes" });
    expect(openCard([line(1), card])).toBe(2);
    const answer = line(3, { by: "system", kind: "event", text: "page_declined" });
    expect(openCard([line(1), card, answer])).toBeNull();
    expect(openCard([card, answer, line(4, { kind: "card" })])).toBe(4);
  });
});

describe("identity", () => {
  const token = (claims: object): string =>
    `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`;

  it("is the same for each token of one customer, and for no other's", () => {
    const ann = identity(token({ sub: "Änn", iat: 1, exp: 9, jti: "a" }));
    expect(identity(token({ jti: "b", exp: 19, sub: "Änn", iat: 11 }))).toBe(ann);
    expect(identity(token({ sub: "Ben", iat: 1, exp: 9 }))).not.toBe(ann);
    expect(identity(null)).toBe("");
    expect(identity("no token")).toBe("no token");
  });
});

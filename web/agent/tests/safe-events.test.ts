import { describe, expect, it } from "vitest";
import { safeEvents, UnsafeEvent } from "../src/shared-view/safe-events";

const tagOf = (id: number): string => (id === 7 ? "LINK" : "DIV");
const element = (tagName: string, attributes: object = {}, childNodes: readonly unknown[] = [], id = 2) => ({
  type: 2,
  id,
  tagName,
  attributes,
  childNodes,
});
const snapshot = (...childNodes: readonly unknown[]) => ({
  type: 2,
  data: { node: { type: 0, id: 1, childNodes }, initialOffset: { left: 0, top: 0 } },
});
const mutation = (changes: object) => ({ type: 3, data: { source: 0, ...changes } });

/** The one element of a snapshot, as it may be replayed. */
function shown(tag: string, attributes: object = {}): Record<string, unknown> {
  const [event] = safeEvents(
    [snapshot(element(tag, attributes, [{ type: 3, id: 3, textContent: "in it" }]))],
    tagOf,
  ).events;
  const { childNodes } = event?.data["node"] as { childNodes: Record<string, unknown>[] };
  return childNodes[0] ?? {};
}

describe("events of a stranger's browser", () => {
  it.each([
    ["script", "template"],
    ["SCRIPT", "template"],
    ["base", "template"],
    ["meta", "template"],
    ["iframe", "div"],
    ["object", "div"],
    ["embed", "div"],
    ["video", "div"],
    ["canvas", "div"],
    ["portal", "div"],
  ])("makes of <%s> an empty <%s>", (tag, tagName) => {
    expect(shown(tag)).toMatchObject({ tagName, childNodes: [] });
  });

  it.each([
    ["img", { src: "javascript:alert(1)" }, {}],
    ["img", { src: "https://shop.test/a.png", onerror: "alert(1)" }, { src: "https://shop.test/a.png" }],
    ["img", { src: "data:text/html,x" }, {}],
    ["a", { href: "https://shop.test/", ping: "https://evil.test", target: "_top" }, { href: "#" }],
    ["a", { href: "javascript:alert(1)" }, { href: "#" }],
    ["form", { action: "https://evil.test", class: "wide" }, { class: "wide" }],
    ["button", { accesskey: "g", autofocus: true, type: "button" }, { type: "button" }],
    ["link", { rel: "preconnect", href: "https://evil.test" }, {}],
    [
      "link",
      { rel: "alternate stylesheet", href: "https://shop.test/a.css" },
      { rel: "stylesheet", href: "https://shop.test/a.css" },
    ],
    ["div", { srcdoc: "<script>", is: "x-y", nonce: "n", rr_width: "10px" }, { rr_width: "10px" }],
  ])("leaves of <%s %o> what loads or runs nothing", (tag, given, kept) => {
    expect(shown(tag, given)["attributes"]).toEqual(kept);
  });

  it("does not let a link become one that looks a name up", () => {
    const [event] = safeEvents(
      [mutation({ attributes: [{ id: 7, attributes: { rel: "preconnect", href: "https://evil.test" } }] })],
      tagOf,
    ).events;
    expect(event?.data["attributes"]).toEqual([
      { id: 7, attributes: { rel: "stylesheet", href: "https://evil.test" } },
    ]);
  });

  it("keeps the words, the styles and where things are", () => {
    const added = { parentId: 1, nextId: null, node: { type: 3, id: 9, textContent: "new" } };
    const changes = { adds: [added], removes: [], texts: [{ id: 3, value: "changed" }], attributes: [] };
    const rule = {
      type: 3,
      data: { source: 8, id: 5, adds: [{ rule: "p {}", index: [0, 1] }], removes: [] },
    };
    expect(safeEvents([mutation(changes), rule], tagOf).events.map(({ data }) => data)).toEqual([
      { source: 0, ...changes },
      rule.data,
    ]);
  });

  it("tells what says nothing but that it is hidden", () => {
    const events = [
      snapshot(element("p", {}, [{ type: 3, id: 3, textContent: "•••• ••••" }])),
      { type: 3, data: { source: 5, id: 4, text: "••••••••", isChecked: false } },
      mutation({ texts: [{ id: 6, value: "Paid with •••• last time" }] }),
    ];
    expect(safeEvents(events, tagOf).hidden).toEqual([3, 4]);
  });

  it("passes over what is not for the eye", () => {
    const others = [0, 1, 5, 6, 99, "2"].map((type) => ({ type, data: {} }));
    const sources = [1, 2, 6, 7, 9, 10, 11, 12, 14, 16, "0", null].map((source) => ({
      type: 3,
      data: { source },
    }));
    expect(safeEvents([...others, ...sources], tagOf).events).toEqual([]);
  });

  it.each([
    ["no event", null],
    ["no object", { type: 2 }],
    ["no document", { type: 2, data: { node: element("html"), initialOffset: { left: 0, top: 0 } } }],
    ["no id", snapshot(element("p", {}, [], -1))],
    ["no number", { type: 3, data: { source: 3, id: 1, x: "1", y: 0 } }],
    ["no text", mutation({ texts: [{ id: 1, value: {} }] })],
    ["no list", mutation({ adds: "none" })],
  ])("says that there is %s", (words, event) => {
    expect(() => safeEvents([event], tagOf)).toThrow(new UnsafeEvent(words));
  });

  it("refuses what is too deep or too large, without losing its own footing", () => {
    let deep: object = element("p");
    for (let depth = 0; depth < 50_000; depth++) deep = element("div", {}, [deep], depth + 10);
    expect(() => safeEvents([snapshot(deep)], tagOf)).toThrow("too large");
    const many = Array.from({ length: 24_999 }, (_, id) => ({ type: 3, id, textContent: "" }));
    expect(() => safeEvents([snapshot(element("p", {}, many), element("p", {}, many))], tagOf)).toThrow(
      "too large",
    );
  });
});

import { describe, expect, it } from "vitest";
import { filterEvent, type RecordedNodes } from "../../src/shared-view";

const URL = "https://shop.example/checkout";

/** Nodes by number: 5x masked itself, 7x in the panel, 8x with texts that are private, 9x with values that are told. */
class Nodes implements RecordedNodes {
  private readonly tens = (id: number): number => Math.floor(id / 10);
  ours(id: number): boolean {
    return this.tens(id) === 7;
  }
  hides(id: number): boolean {
    return this.tens(id) === 5;
  }
  masked(id: number): boolean {
    return this.tens(id) === 5;
  }
  textShown(id: number): boolean {
    return this.tens(id) !== 8;
  }
  valueShown(id: number): boolean {
    return this.tens(id) === 9;
  }
}
const NODES = new Nodes();
const filter = (type: number, data: object): boolean => filterEvent({ type, data }, NODES, () => URL);
const element = (id: number, tagName: string, attributes: object, childNodes: object[] = []) => ({
  type: 2,
  id,
  tagName,
  attributes,
  childNodes,
});
const words = (id: number, textContent: string) => ({ type: 3, id, textContent });

describe("the first filter", () => {
  it("keeps what a snapshot must not tell", () => {
    const data = {
      node: {
        type: 0,
        id: 1,
        childNodes: [
          element(2, "style", {}, [words(3, "body { color: red }")]),
          element(4, "h1", { onclick: "SECRET()" }, [words(5, "Checkout"), words(6, "\n  ")]),
          { type: 5, id: 7, textContent: "SECRET comment" },
          element(50, "div", { title: "SECRET", src: "SECRET", class: "account" }, [
            element(10, "p", { alt: "SECRET" }, [words(11, "SECRET")]),
            element(12, "style", {}, [words(13, ".a{}")]),
          ]),
          element(14, "p", {}, [words(80, "SECRET of a private page")]),
          element(15, "iframe", { srcdoc: "SECRET" }),
          element(16, "input", { value: "SECRET", checked: true }),
          element(17, "option", { value: "SECRET", selected: true }),
          element(91, "input", { value: "02134" }),
          element(19, "shop-field", { value: "SECRET" }),
          element(30, "meta", { name: "session", content: "SECRET" }),
        ],
      },
    };
    expect(filter(2, data)).toBe(true);
    const told = JSON.stringify(data);
    expect(told).not.toContain("SECRET");
    for (const kept of ["Checkout", "color: red", ".a{}", "account", "02134"]) expect(told).toContain(kept);
    expect(told).not.toMatch(/"(checked|selected)":true/);
  });

  it("keeps what changes must not tell, and nothing of Ringback's panel goes out", () => {
    const data = {
      source: 0,
      adds: [
        { parentId: 50, nextId: null, node: words(20, "SECRET") },
        { parentId: 71, nextId: null, node: words(72, "SECRET chat") },
        { parentId: 4, nextId: null, node: words(21, "told") },
      ],
      removes: [{ parentId: 71, id: 73 }],
      texts: [
        { id: 80, value: "SECRET" },
        { id: 74, value: "SECRET" },
        { id: 22, value: "told, too" },
      ],
      attributes: [
        { id: 50, attributes: { "aria-label": "SECRET" } },
        { id: 16, attributes: { value: "SECRET", onblur: "SECRET" } },
        { id: 75, attributes: { title: "SECRET" } },
      ],
    };
    expect(filter(3, data)).toBe(true);
    const told = JSON.stringify(data);
    expect(told).not.toContain("SECRET");
    expect(told).toMatch(/told.*told, too/);
    expect(data.removes).toEqual([]);
  });

  it("sends nothing where nothing is left", () => {
    expect(
      filter(3, { source: 0, adds: [], removes: [], texts: [{ id: 70, value: "x" }], attributes: [] }),
    ).toBe(false);
  });

  it("tells that something is typed, not what", () => {
    const long = { source: 5, id: 16, text: "a long SECRET text", isChecked: true };
    const short = { source: 5, id: 16, text: "x", isChecked: false };
    expect(filter(3, long) && filter(3, short)).toBe(true);
    expect(long).toEqual({ ...short, text: long.text });
    expect(long.text).toBe(short.text);
    const shown = { source: 5, id: 91, text: "02134", isChecked: false };
    filter(3, shown);
    expect(shown.text).toBe("02134");
    expect(filter(3, { source: 5, id: 51, text: "SECRET", isChecked: false })).toBe(false);
  });

  it("lets pass what moves, and nothing of what it does not know", () => {
    expect(filter(3, { source: 3, id: 4, x: 0, y: 10 })).toBe(true);
    expect(filter(3, { source: 3, id: 71, x: 0, y: 10 })).toBe(false);
    expect(filter(3, { source: 14, ranges: [] })).toBe(false);
    for (const type of [0, 1, 5, 6, 99]) expect(filter(type, {})).toBe(false);
  });

  it("tells of the address what a click would", () => {
    const meta = { href: "https://shop.example/reset?token=SECRET", width: 1, height: 1 };
    expect(filter(4, meta)).toBe(true);
    expect(meta.href).toBe(URL);
  });
});

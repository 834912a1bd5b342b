import { describe, expect, it } from "vitest";
import type { Keep } from "@ringback/browser-leg";
import { forgetWay, pageOf, type PagePush, placeOf, rememberWay, wayBack } from "../src";

const push: PagePush = { push: 1, url: "https://shop.example/sizes", title: "Sizes", mode: "ask" };

function tab(): Keep & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}

describe("A pushed page", () => {
  it("is what the server says, with a title", () => {
    expect(pageOf({ type: "open_page", ...push })).toEqual(push);
    expect(pageOf({ type: "open_page", push: 2, url: "http://shop.example", title: "", mode: "go" })).toEqual(
      { push: 2, url: "http://shop.example/", title: "shop.example", mode: "go" },
    );
  });

  it.each([
    "javascript:alert(1)",
    "data:text/html,hello",
    "/relative",
    "https://",
    "blob:https://shop.example/1",
  ])("is none at %s", (url) => {
    expect(pageOf({ type: "open_page", ...push, url })).toBeNull();
  });

  it("opens beside a call that is talked on in this page, unless it finds the call again", () => {
    expect(placeOf(push, "phone", "https://other.example/")).toBe("here");
    expect(placeOf(push, "pc", "https://shop.example/bike")).toBe("here");
    expect(placeOf(push, "pc", "https://other.example/")).toBe("new_tab");
  });
});

describe("The way back", () => {
  const [from, to] = ["https://shop.example/bike", "https://shop.example/sizes"];

  it("is known on the page that was pushed, and there alone", () => {
    const keep = tab();
    expect(wayBack(to, keep)).toBeNull();
    rememberWay(to, from, keep);
    expect(wayBack(to, keep)).toBe(from);
    expect(wayBack(to, keep)).toBe(from);
    expect(wayBack("https://shop.example/elsewhere", keep)).toBeNull();
    forgetWay(keep);
    expect(wayBack(to, keep)).toBeNull();
  });

  it("leads to no script, and nowhere without a storage", () => {
    const keep = tab();
    rememberWay(to, "javascript:alert(1)", keep);
    expect(wayBack(to, keep)).toBeNull();
    keep.setItem("ringback.shown", "nonsense");
    expect(wayBack(to, keep)).toBeNull();
    rememberWay(to, from, null);
    expect(wayBack(to, null)).toBeNull();
  });
});

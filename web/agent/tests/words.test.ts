import { describe, expect, it } from "vitest";
import { ApiProblem } from "../src/agent-api";
import { clockWords, webAddress } from "@ringback/browser-leg";
import { shortcutWords } from "../src/shortcuts";
import { keyWords, loginWords, outcomeWords, pageWords, ringWords, whoWords } from "../src/words";

describe("words", () => {
  it("tell times as clocks do", () => {
    expect([0, 7.9, 750, 3723, -1].map(clockWords)).toEqual(["0:00", "0:07", "12:30", "1:02:03", "0:00"]);
  });

  it("say who calls first", () => {
    const jo = { name: "Jo Rivera", site: "Acme Bikes" };
    expect(whoWords(jo)).toBe("Jo Rivera, for Acme Bikes");
    expect(ringWords(jo)).toBe("Jo Rivera, for Acme Bikes, is calling");
    expect(ringWords({ ...jo, name: "" })).toBe("Acme Bikes is calling");
    expect(ringWords({ ...jo, site: "" })).toBe("Jo Rivera is calling");
    expect(ringWords({ name: "", site: "" })).toBe("Somebody is calling");
    // What is written from right to left keeps to itself.
    expect(whoWords({ ...jo, name: "שרה" })).toBe("\u2068שרה\u2069, for Acme Bikes");
  });

  it("tell what became of a call", () => {
    expect(outcomeWords("peer_ended", true)).toBe("The caller hung up");
    expect(outcomeWords("normal", true)).toBe("You hung up");
    expect(outcomeWords("hung_up", true)).toBe("You hung up");
    expect(outcomeWords("media_timeout", true)).toBe("The connection was lost");
    expect(outcomeWords("ring_timeout", false)).toBe("Missed: rang too long");
    expect(outcomeWords("cancelled", false)).toBe("The caller gave up");
  });

  it("show addresses shortly, and link to nothing but pages", () => {
    expect(pageWords("https://bikes.example/city%20bikes?a=b")).toBe("bikes.example/city bikes");
    expect(pageWords("https://bikes.example/100%")).toBe("https://bikes.example/100%");
    expect(pageWords("not an address")).toBe("not an address");
    expect(webAddress("https://bikes.example/")?.href).toBe("https://bikes.example/");
    expect(webAddress("javascript:alert(1)")).toBeNull();
  });

  it("make keys readable", () => {
    expect(["cart_total", "lastOrder", "x"].map(keyWords)).toEqual(["Cart total", "Last Order", "X"]);
    expect(shortcutWords("a", "X11; Linux Chrome")).toBe("Alt+A");
    expect(shortcutWords("a", "Windows Firefox")).toBe("Alt+Shift+A");
    expect(shortcutWords("a", "Macintosh")).toBe("⌃⌥A");
  });

  it("say why one could not log in", () => {
    expect(loginWords(new ApiProblem("login_refused", ""))).toContain("wrong");
    expect(loginWords(new ApiProblem("limit_login", "", 45))).toContain("in 45 seconds");
    expect(loginWords(new ApiProblem("limit_login", ""))).toContain("in 15 minutes");
    expect(loginWords(new ApiProblem("http_502", ""))).toContain("try again");
  });
});

import { describe, expect, it } from "vitest";
import { clockWords, parseProgress } from "../src";
import { line } from "./lines";

describe("parseProgress", () => {
  it("reads what the server sends", () => {
    const sent = line(3, { state: "hunting", ringing: ["Boston store"], attempt: 1, attempts: 2 });
    expect(parseProgress(JSON.stringify({ ...sent, site: "acme" }))).toEqual(sent);
  });

  it.each(["", "{", "[]", "null", "7", '{"state":"hunting"}'])("refuses %j", (text) => {
    expect(parseProgress(text)).toBeNull();
  });

  it("refuses a state that it does not know, but takes an unknown cause", () => {
    expect(parseProgress({ ...line(1, {}), state: "levitating" })).toBeNull();
    expect(parseProgress({ ...line(1, {}), cause: "levitated" })?.cause).toBe("levitated");
  });
});

describe("clockWords", () => {
  it.each([
    [0, "0:00"],
    [9.9, "0:09"],
    [75, "1:15"],
    [-3, "0:00"],
  ])("%d seconds are %s", (seconds, words) => {
    expect(clockWords(seconds)).toBe(words);
  });
});

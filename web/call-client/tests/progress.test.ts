import { describe, expect, it } from "vitest";
import { clockWords } from "@ringback/browser-leg";
import { readCallProgress } from "../src";
import { line } from "./lines";

describe("A line over HTTP", () => {
  it("is read", () => {
    const sent = line(3, { state: "hunting", ringing: ["Boston store"], attempt: 1, attempts: 2 });
    expect(readCallProgress({ ...sent, of_a_newer_server: 1 })).toEqual(sent);
  });

  it.each([undefined, null, [], 7, "", { state: "hunting" }])("is none: %j", (value) => {
    expect(readCallProgress(value)).toBeUndefined();
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

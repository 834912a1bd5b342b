/** What this server says, and what a newer one may: docs/api.md, "A newer server". */

import { describe, expect, it } from "vitest";
import { LEG_MESSAGES, readMessage } from "../src";
import { fields, list, mapping, number, orNull, otherwise, text, word } from "../src/shapes";
import examples from "./messages.json";

describe.each(examples.leg)("$type", ({ known, newer, read }) => {
  it("is read as it is said", () => {
    expect(readMessage(LEG_MESSAGES, JSON.stringify(known))).toEqual(known);
  });

  it("of a newer server is read without its new fields, and its new words are unknown", () => {
    expect(readMessage(LEG_MESSAGES, newer)).toEqual(read);
  });

  it("is not read where something is missing", () => {
    expect(readMessage(LEG_MESSAGES, { type: known.type })).toBeNull();
  });
});

it.each(["no json", "", "[]", null, 7, {}, { type: 7 }, { type: "toString" }, { type: "of_a_newer_server" }])(
  "%j is no message",
  (source) => {
    expect(readMessage(LEG_MESSAGES, source)).toBeNull();
  },
);

describe("A shape", () => {
  const shape = fields<{ a: "x" | "y" | "unknown"; b: number | null; c: readonly string[] }>({
    a: word("x", "y"),
    b: orNull(number),
    c: otherwise(list(text), ["none"]),
  });

  it("reads what it knows, and leaves the rest out", () => {
    expect(shape({ a: "x", b: null, c: ["1", 2, "3"], d: 4 })).toEqual({ a: "x", b: null, c: ["1", "3"] });
    expect(shape({ a: "z", b: 1 })).toEqual({ a: "unknown", b: 1, c: ["none"] });
  });

  it.each([
    null,
    [],
    "x",
    {},
    { a: 1, b: 1 },
    { a: "x", b: "1" },
    { a: "x", b: 1, c: 5 },
    { a: "x", b: NaN },
  ])("reads nothing of %j", (value) => expect(shape(value)).toBeUndefined());

  it("reads values by name, those that it knows", () => {
    expect(mapping(text)({ a: "1", b: 2, c: "3" })).toEqual({ a: "1", c: "3" });
    expect(mapping(text)([])).toBeUndefined();
  });
});

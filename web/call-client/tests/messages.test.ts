/** What this server says on a call's WebSocket, and what a newer one may: docs/api.md, "A newer server". */

import { describe, expect, it } from "vitest";
import { readMessage } from "@ringback/browser-leg";
import { advance, INITIAL_VIEW, SHOPPER_MESSAGES } from "../src";
import { CHAT_MESSAGES } from "../src/chat/messages";
import examples from "../../browser-leg/tests/messages.json";
import { line } from "./lines";

describe.each(examples.shopper)("$type", ({ known, newer, read }) => {
  it("is read as it is said", () => {
    expect(readMessage(SHOPPER_MESSAGES, JSON.stringify(known))).toEqual(known);
  });

  it("of a newer server is read without its new fields, and its new words are unknown", () => {
    expect(readMessage(SHOPPER_MESSAGES, newer)).toEqual(read);
  });
});

describe.each(examples.chat)("$type of a chat", ({ known, newer, read }) => {
  it("is read as it is said, and that of a newer server without its new fields", () => {
    expect(readMessage(CHAT_MESSAGES, JSON.stringify(known))).toEqual(known);
    expect(readMessage(CHAT_MESSAGES, newer)).toEqual(read);
  });
});

describe("What this page does not know", () => {
  it("as a state leaves the call where it was", () => {
    const before = advance(INITIAL_VIEW, line(1, { state: "hunting", ringing: ["Boston store"] }));
    const after = advance(before, line(2, { state: "unknown", ringing: ["Boston store"] }));
    expect(after.phase).toBe(before.phase);
    expect(advance(after, line(3, { state: "bridged" })).phase).toBe("connected");
  });
});

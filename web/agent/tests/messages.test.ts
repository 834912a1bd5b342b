/** What this server says on an agent's WebSocket, and what a newer one may: docs/api.md, "A newer server". */

import { DISPOSITION, HANGUP_CAUSE, readMessage } from "@ringback/browser-leg";
import { describe, expect, it } from "vitest";
import examples from "../../browser-leg/tests/messages.json";
import { AGENT_MESSAGES, AGENT_STATE, PUSH_PROGRESS } from "../src/messages";
import { agentWords, earlierWords, outcomeWords, pushWords, refusalWords } from "../src/words";

describe.each(examples.agent)("$type", ({ known, newer, read }) => {
  it("is read as it is said", () => {
    expect(readMessage(AGENT_MESSAGES, JSON.stringify(known))).toEqual(known);
  });

  it("of a newer server is read without its new fields, and its new words are unknown", () => {
    expect(readMessage(AGENT_MESSAGES, newer)).toEqual(read);
  });
});

describe("What this page does not know", () => {
  it("as a cause puts the end of the call on nobody", () => {
    for (const cause of ["unknown", "of_a_newer_server", "toString"]) {
      expect(outcomeWords(cause, true)).toBe("The call ended");
      expect(outcomeWords(cause, false)).toBe("The call ended");
    }
  });

  it("is not taken for anything that it does know", () => {
    const known = {
      agent: AGENT_STATE.map(agentWords),
      push: PUSH_PROGRESS.filter((state) => state !== "sent").map(pushWords),
    };
    expect(known.agent).not.toContain(agentWords("unknown"));
    expect(known.push).not.toContain(pushWords("unknown"));
    expect(refusalWords({ request: "hold", reason: "unknown" })).toContain("did not do that");
  });

  it("never leaves the agent without words", () => {
    const call = { call_id: "c", chat_id: null, at: 0, page: "", talked_to: "", seconds: 5, notes: [] };
    for (const disposition of [...DISPOSITION, "unknown"] as const) {
      expect(earlierWords({ ...call, disposition, outcome: null })).not.toBe("");
    }
    const chat = { ...call, call_id: null, chat_id: "th", disposition: null };
    expect(earlierWords({ ...chat, outcome: "answered", talked_to: "Ben" })).toBe("Chatted with Ben");
    expect(earlierWords({ ...chat, outcome: "abandoned" })).toBe("Gave up waiting in a chat");
    for (const cause of HANGUP_CAUSE) {
      expect(outcomeWords(cause, true)).not.toBe("");
      expect(outcomeWords(cause, false)).not.toBe("");
    }
  });
});

import { describe, expect, it } from "vitest";
import { causeWords, type LegStory } from "../src/call-story";

const leg: LegStory = {
  role: "business",
  label: "Boston store",
  dialed: 0,
  ringing: 1,
  answered: 2,
  joined: null,
  ended: 9,
  cause: "normal",
  sip_status: null,
};

describe("causeWords", () => {
  it.each([
    ["cancelled", null, "cancelled"],
    ["cancelled", 3, "ended from this page"],
    ["peer_ended", null, "the call was over"],
    ["peer_ended", 3, "the other side hung up"],
    ["of_a_newer_server", 3, "of a newer server"],
  ])("tells %s, joined at %s, as: %s", (cause, joined, words) => {
    expect(causeWords({ ...leg, cause, joined })).toBe(words);
  });
});

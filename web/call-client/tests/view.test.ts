import { describe, expect, it } from "vitest";
import {
  advance,
  CallProblem,
  type CallProgress,
  INITIAL_VIEW,
  isAboutNumber,
  isLive,
  problemWords,
  statusWords,
  talkSeconds,
} from "../src";
import { line } from "./lines";

const STORY: readonly [CallProgress, string][] = [
  [line(0, { state: "requested" }), "Getting your call ready…"],
  [line(1, { state: "calling_shopper" }), "Calling you…"],
  [line(2, { state: "calling_shopper", shopper_ringing: true }), "Your phone is ringing. Please pick up."],
  [line(3, { state: "hunting", attempts: 3 }), "You answered. Finding somebody for you…"],
  [
    line(4, { state: "hunting", ringing: ["Boston store"], attempt: 1, attempts: 3 }),
    "You answered. Ringing the Boston store…",
  ],
  [
    line(5, { state: "hunting", ringing: ["Call centre"], attempt: 2, attempts: 3 }),
    "Trying the call centre (2 of 3)…",
  ],
  [line(6, { state: "bridged", connected_to: "Call centre" }), "Connected to the call centre."],
  [
    line(7, { state: "bridged", connected_to: "Call centre", held: true }),
    "The call centre put you on hold.",
  ],
  [
    line(8, { state: "ending", disposition: "bridged", cause: "normal" }),
    "Ended: your call with the call centre is over.",
  ],
];

describe("advance", () => {
  it("tells the whole story in people's words", () => {
    let view = INITIAL_VIEW;
    for (const [next, words] of STORY) {
      view = advance(view, next);
      expect(statusWords(view)).toBe(words);
    }
    expect(view).toMatchObject({ connectedTo: "Call centre", bridgedAt: 1_006, endedAt: 1_008 });
    expect(talkSeconds(view, 5_000)).toBe(2);
    expect(isLive(view)).toBe(false);
  });

  it("ignores lines that come twice or late", () => {
    const bridged = advance(INITIAL_VIEW, line(6, { state: "bridged", connected_to: "Boston store" }));
    expect(advance(bridged, line(6, { state: "ended" }))).toBe(bridged);
    expect(advance(bridged, line(2, { state: "calling_shopper" }))).toBe(bridged);
  });

  it("lets nothing follow the end", () => {
    const ended = advance(INITIAL_VIEW, line(3, { state: "ended", disposition: "cancelled" }));
    expect(advance(ended, line(4, { state: "bridged" }))).toBe(ended);
  });

  it("keeps the moment of the bridge through hold and resume, and goes on when lines were missed", () => {
    let view = advance(INITIAL_VIEW, line(4, { state: "bridged", connected_to: "Boston store" }));
    view = advance(view, line(9, { state: "bridged", connected_to: "Boston store", held: true }));
    expect(view.bridgedAt).toBe(1_004);
    expect(talkSeconds(view, 1_010)).toBe(6);
  });
});

describe("statusWords", () => {
  it.each([
    ["shopper_unreachable", "ring_timeout", "Ended: you did not pick up."],
    ["shopper_unreachable", "busy", "Ended: your phone is busy."],
    ["unanswered", "ring_timeout", "Ended: nobody could take your call just now."],
    ["cancelled", "cancelled", "Ended: you ended the call before anybody picked up."],
    ["failed", "congestion", "Ended: all our lines are busy. Please try again in a minute."],
    ["failed", "a_cause_of_the_future", "Ended: something went wrong on our side. Please try again."],
  ] as const)("says why: %s, %s", (disposition, cause, words) => {
    expect(statusWords(advance(INITIAL_VIEW, line(1, { state: "ended", disposition, cause })))).toBe(words);
  });

  it("names all that ring at once", () => {
    const ringing = ["Boston store", "Salem store", "Ben"];
    const view = advance(INITIAL_VIEW, line(1, { state: "hunting", ringing, attempt: 3, attempts: 3 }));
    expect(statusWords(view)).toBe("You answered. Ringing the Boston store, the Salem store and Ben…");
  });
});

describe("problemWords", () => {
  it("has its own words for what a shopper can mend, and the server's for the rest", () => {
    const invalid = new CallProblem("number_invalid", "number is no valid phone number of this country.");
    expect(problemWords(invalid)).toMatch(/^That does not look like a phone number/);
    expect(isAboutNumber(invalid)).toBe(true);
    const other = new CallProblem("site_unknown", "site_key names no site of this server.");
    expect(problemWords(other)).toBe("site_key names no site of this server.");
    expect(isAboutNumber(other)).toBe(false);
  });
});

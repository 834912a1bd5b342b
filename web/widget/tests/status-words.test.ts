import { describe, expect, it } from "vitest";
import {
  advance,
  CallProblem,
  type CallProgress,
  type CallView,
  INITIAL_VIEW,
  isAboutNumber,
  isLive,
  talkSeconds,
  type TalkBy,
  waitSeconds,
} from "../../call-client/src";
import { line } from "../../call-client/tests/lines";
import { en } from "../src/languages/en";
import * as words from "../src/status-words";

const statusWords = (view: CallView, now: number, by: TalkBy = "phone"): string =>
  words.statusWords(view, now, by, en);
const problemWords = (problem: CallProblem): string => words.problemWords(problem, en);

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

/** Every line of a call, and what the shopper reads as it comes. */
function tell(story: readonly [CallProgress, string][]) {
  let view = INITIAL_VIEW;
  for (const [next, words] of story) {
    view = advance(view, next);
    expect(statusWords(view, next.at)).toBe(words);
  }
  return view;
}

describe("a call from its click to its end", () => {
  it("tells the whole story in people's words", () => {
    const view = tell(STORY);
    expect(view).toMatchObject({ connectedTo: "Call centre", bridgedAt: 1_006, endedAt: 1_008 });
    expect(talkSeconds(view, 5_000)).toBe(2);
    expect(isLive(view)).toBe(false);
  });
});

describe("statusWords", () => {
  it.each([
    ["shopper_unreachable", "ring_timeout", "Ended: you did not pick up."],
    ["shopper_unreachable", "busy", "Ended: your phone is busy."],
    ["unanswered", "not_accepted", "Ended: nobody could take your call just now."],
    ["unanswered", "machine", "Ended: nobody could take your call just now."],
    ["unanswered", "ring_timeout", "Ended: nobody could take your call just now."],
    ["cancelled", "cancelled", "Ended: you ended the call before anybody picked up."],
    ["failed", "congestion", "Ended: all our lines are busy. Please try again in a minute."],
    ["failed", "unknown", "Ended: something went wrong on our side. Please try again."],
  ] as const)("says why: %s, %s", (disposition, cause, words) => {
    const view = advance(INITIAL_VIEW, line(1, { state: "ended", disposition, cause }));
    expect(statusWords(view, 1_001)).toBe(words);
  });

  it("names all that ring at once", () => {
    const ringing = ["Boston store", "Salem store", "Ben"];
    const view = advance(INITIAL_VIEW, line(1, { state: "hunting", ringing, attempt: 3, attempts: 3 }));
    expect(statusWords(view, 1_001)).toBe("You answered. Ringing the Boston store, the Salem store and Ben…");
  });
});

describe("a shopper in a queue", () => {
  const queued = (sequence: number, position: number, wait: number | null) =>
    line(sequence, { state: "queued", position, wait });

  it("reads their place, and is put through when their turn comes", () => {
    const view = tell([
      [queued(3, 2, 230), "You are number 2 in line, about 4 minutes."],
      [queued(4, 1, 60), "You are next in line, about 1 minute."],
      [queued(5, 1, null), "You are next in line."],
      [
        line(6, { state: "hunting", ringing: ["Call centre"], attempt: 1, attempts: 1 }),
        "You answered. Ringing the call centre…",
      ],
      [queued(7, 1, 0), "You are next in line, less than a minute."],
      [line(8, { state: "bridged", connected_to: "Call centre" }), "Connected to the call centre."],
    ]);
    expect(view).toMatchObject({ position: null, turnAt: null });
  });

  it("sees the wait count down between two lines, never below nothing", () => {
    const view = advance(INITIAL_VIEW, queued(1, 3, 300));
    expect(statusWords(view, 1_001 + 120)).toBe("You are number 3 in line, about 3 minutes.");
    expect(statusWords(view, 1_001 + 900)).toBe("You are number 3 in line, less than a minute.");
    expect([waitSeconds(view, 1_101), waitSeconds(view, 9_000)]).toEqual([200, 0]);
  });

  it("may have no place yet", () => {
    const view = advance(INITIAL_VIEW, line(1, { state: "queued" }));
    expect(statusWords(view, 1_001)).toBe("Everybody is on a call. You are in line.");
  });
});

describe("a call that nobody takes", () => {
  it("ends with a message", () => {
    const view = tell([
      [
        line(5, { state: "hunting", ringing: ["Boston store"], attempt: 1, attempts: 1 }),
        "You answered. Ringing the Boston store…",
      ],
      [
        line(6, { state: "leaving_message" }),
        "Nobody can take your call now. Please leave your message after the tone, then hang up.",
      ],
      [
        line(7, { state: "ending", disposition: "message_taken", cause: "normal" }),
        "Your message has been taken.",
      ],
    ]);
    expect(isLive(view)).toBe(false);
  });

  it("may end before it is known whether a message came of it", () => {
    const hungUp = tell([[line(6, { state: "ending", cause: "cancelled" }), "One moment…"]]);
    expect(isLive(hungUp)).toBe(false);
    const kept = line(7, { state: "ended", disposition: "message_taken", cause: "cancelled" });
    expect(statusWords(advance(hungUp, kept), 1_007)).toBe("Your message has been taken.");
  });

  it("ends with a callback", () => {
    const at = new Date(2026, 2, 3, 17, 0).getTime() / 1000;
    const callback_at = new Date(2026, 2, 4, 9, 0).getTime() / 1000;
    tell([
      [line(5, { at, state: "booking_callback" }), "Finding a time to call you back…"],
      [line(6, { at, state: "booking_callback", callback_at }), "We will call you back tomorrow at 9:00 AM."],
      [
        line(7, { at, state: "ending", disposition: "callback_booked", callback_at }),
        "We will call you back tomorrow at 9:00 AM.",
      ],
    ]);
  });

  it("is told by its only line where nobody was dialled", () => {
    const view = advance(INITIAL_VIEW, line(0, { state: "ended", disposition: "callback_booked" }));
    expect(statusWords(view, 1_000)).toBe("We will call you back.");
    expect(isLive(view)).toBe(false);
  });
});

describe("a call by PC", () => {
  it.each([
    [line(2, { state: "calling_shopper", shopper_ringing: true }), "Connecting your microphone…"],
    [line(3, { state: "greeting" }), "You are on the line. A short greeting first…"],
    [line(4, { state: "hunting", attempts: 3 }), "You are on the line. Finding somebody for you…"],
    [
      line(4, { state: "hunting", ringing: ["Boston store"], attempt: 1, attempts: 3 }),
      "You are on the line. Ringing the Boston store…",
    ],
    [
      line(5, { state: "ended", disposition: "shopper_unreachable", cause: "ring_timeout" }),
      "Ended: your browser could not be connected.",
    ],
    [
      line(5, { state: "ended", disposition: "shopper_unreachable", cause: "media_timeout" }),
      "Ended: your connection was lost.",
    ],
    [line(5, { state: "ended", disposition: "bridged", cause: "cancelled" }), "Ended: you hung up."],
  ])("speaks of no phone of the shopper's", (next, words) => {
    expect(statusWords(advance(INITIAL_VIEW, next), next.at, "pc")).toBe(words);
  });
});

describe("problemWords", () => {
  it("has its own words for what a shopper can remedy, and the server's for the rest", () => {
    const invalid = new CallProblem("number_invalid", "number is no valid phone number of this country.");
    expect(problemWords(invalid)).toMatch(/^That does not look like a phone number/);
    expect(isAboutNumber(invalid)).toBe(true);
    const hint =
      "We cannot dial the extension 5: give a number that rings you directly, such as +1 617-555-0123.";
    const extension = new CallProblem("number_invalid", hint, 400, [{ field: "number", message: hint }]);
    expect(problemWords(extension)).toBe(hint);
    const other = new CallProblem("site_unknown", "site_key names no site of this server.");
    expect(problemWords(other)).toBe("site_key names no site of this server.");
    expect(isAboutNumber(other)).toBe(false);
  });
});

import { describe, expect, it } from "vitest";
import { callbackWords, timeWords, waitWords } from "../src";

/** Seconds since the epoch of a time of this device: 3 March 2026 is a Tuesday. */
const march = (day: number, hour: number, minute = 0): number =>
  new Date(2026, 2, day, hour, minute).getTime() / 1000;

describe("timeWords", () => {
  it.each([
    [march(3, 16, 59), "in a moment"],
    [march(3, 17, 1), "in a moment"],
    [march(3, 17, 4), "in about 4 minutes"],
    [march(3, 17, 17), "in about 15 minutes"],
    [march(3, 17, 55), "in about 55 minutes"],
    [march(3, 18), "today at 6:00 pm"],
    [march(3, 23, 5), "today at 11:05 pm"],
    [march(4, 0, 0), "tomorrow at 12:00 am"],
    [march(4, 9), "tomorrow at 9:00 am"],
    [march(5, 12), "on Thursday at 12:00 pm"],
    [march(9, 14, 30), "on Monday at 2:30 pm"],
    [march(10, 9), "on Tuesday, March 10, at 9:00 am"],
  ])("%d is %s", (at, words) => {
    expect(timeWords(at, march(3, 17))).toBe(words);
  });

  it("calls the day after a short or long one tomorrow", () => {
    // Daylight saving begins or ends on one of these days in most zones that have it.
    for (const day of [7, 8, 28, 29]) {
      expect(timeWords(march(day + 1, 0, 30), march(day, 22, 45))).toBe("tomorrow at 12:30 am");
      expect(timeWords(march(day + 1, 23, 30), march(day, 0, 15))).toBe("tomorrow at 11:30 pm");
    }
  });
});

describe("waitWords", () => {
  it.each([
    [0, "less than a minute"],
    [1, "about 1 minute"],
    [60, "about 1 minute"],
    [61, "about 2 minutes"],
    [240, "about 4 minutes"],
  ])("%d seconds are %s", (seconds, words) => {
    expect(waitWords(seconds)).toBe(words);
  });
});

describe("callbackWords", () => {
  it.each([
    ["booked", "We will call you back tomorrow at 9:00 am."],
    ["dialling", "We are calling you back."],
    ["done", "We have called you back."],
    ["cancelled", "Your callback is cancelled. We will not call you."],
    ["given_up", "We tried to call you back, but could not reach you."],
  ] as const)("%s", (state, words) => {
    expect(callbackWords({ state, at: march(4, 9), secret: "s", link: "", when: "" }, march(3, 17))).toBe(
      words,
    );
  });
});

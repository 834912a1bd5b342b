import { describe, expect, it } from "vitest";
import { de } from "../src/languages/de";
import { en } from "../src/languages/en";
import { es } from "../src/languages/es";
import { fr } from "../src/languages/fr";
import { callbackWords } from "../src/status-words";
import { timeWords } from "../src/times";

/** Seconds since the epoch of a time of this device: 3 March 2026 is a Tuesday. */
const march = (day: number, hour: number, minute = 0): number =>
  new Date(2026, 2, day, hour, minute).getTime() / 1000;

/** ICU parts the clock from AM by a narrow space that does not break. */
const plain = (text: string): string => text.replace(/[\u202f\u00a0]/g, " ");

describe("timeWords", () => {
  it.each([
    [march(3, 16, 59), "in a moment"],
    [march(3, 17, 1), "in a moment"],
    [march(3, 17, 4), "in about 4 minutes"],
    [march(3, 17, 17), "in about 15 minutes"],
    [march(3, 17, 55), "in about 55 minutes"],
    [march(3, 18), "today at 6:00 PM"],
    [march(3, 23, 5), "today at 11:05 PM"],
    [march(4, 0, 0), "tomorrow at 12:00 AM"],
    [march(4, 9), "tomorrow at 9:00 AM"],
    [march(5, 12), "on Thursday at 12:00 PM"],
    [march(9, 14, 30), "on Monday at 2:30 PM"],
    [march(10, 9), "on Tuesday, March 10 at 9:00 AM"],
  ])("%d is %s", (at, words) => {
    expect(plain(timeWords(at, march(3, 17), en))).toBe(words);
  });

  it("calls the day after a short or long one tomorrow", () => {
    // Daylight saving begins or ends on one of these days in most zones that have it.
    for (const day of [7, 8, 28, 29]) {
      expect(plain(timeWords(march(day + 1, 0, 30), march(day, 22, 45), en))).toBe("tomorrow at 12:30 AM");
      expect(plain(timeWords(march(day + 1, 23, 30), march(day, 0, 15), en))).toBe("tomorrow at 11:30 PM");
    }
  });
});

describe("timeWords in other languages", () => {
  it.each([
    [de, march(4, 9), "morgen um 9:00 Uhr"],
    [de, march(9, 14, 30), "am Montag um 14:30 Uhr"],
    [de, march(10, 9), "am Dienstag, 10. März um 9:00 Uhr"],
    [es, march(4, 9), "mañana, 9:00"],
    [es, march(9, 14, 30), "lunes, 14:30"],
    [fr, march(4, 9), "demain à 9:00"],
    [fr, march(10, 9), "mardi 10 mars à 9:00"],
  ] as const)("$language", (words, at, said) => {
    expect(plain(timeWords(at, march(3, 17), words))).toBe(said);
  });
});

describe("the wait", () => {
  it.each([
    [0, "less than a minute"],
    [1, "about 1 minute"],
    [60, "about 1 minute"],
    [61, "about 2 minutes"],
    [240, "about 4 minutes"],
  ])("%d seconds are %s", (seconds, words) => {
    expect(en.wait(Math.ceil(seconds / 60))).toBe(words);
  });
});

describe("callbackWords", () => {
  it.each([
    ["booked", "We will call you back tomorrow at 9:00 AM."],
    ["dialling", "We are calling you back."],
    ["done", "We have called you back."],
    ["cancelled", "Your callback is cancelled. We will not call you."],
    ["given_up", "We tried to call you back, but could not reach you."],
  ] as const)("%s", (state, words) => {
    expect(
      plain(callbackWords({ state, at: march(4, 9), secret: "s", link: "", when: "" }, march(3, 17), en)),
    ).toBe(words);
  });
});

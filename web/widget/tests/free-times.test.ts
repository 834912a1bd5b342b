import { expect, test } from "vitest";
import { timesInWords } from "../src/follow/free-times";
import { leadFormWords } from "../src/follow/lead-words";

/** 2026-12-07 14:00 and 14:30 UTC, and midnight UTC after it. */
const starts = [1796652000, 1796653800, 1796688000];

test("times are told by the shopper's clock, and by the shop's where it shows another", () => {
  const told = timesInWords({ zone: "America/New_York", seconds: 1800, starts }, "en", "Europe/Berlin");
  expect(told.elsewhere).toBe("New York");
  expect(told.days.map(({ day }) => day)).toEqual(["Monday, December 7", "Tuesday, December 8"]);
  const plain = (text: string | undefined) => text?.replaceAll("\u202f", " ");
  expect(plain(told.days[0]?.times[0]?.words)).toBe("Mon, Dec 7, 3:00 PM (9:00 AM)");
  expect(plain(told.days[1]?.times[0]?.words)).toBe("Tue, Dec 8, 1:00 AM (7:00 PM)");
});

test("one clock is told once, also where two zones agree", () => {
  const told = timesInWords({ zone: "Europe/Vienna", seconds: 1800, starts }, "de", "Europe/Berlin");
  expect(told.elsewhere).toBe("");
  expect(told.days[0]?.times[0]?.words).toBe("Mo., 7. Dez., 15:00");
});

test("a zone that this browser does not know costs nobody their call", () => {
  const told = timesInWords({ zone: "Mars/Olympus", seconds: 1800, starts }, "en", "Europe/Berlin");
  expect(told.days).toHaveLength(2);
  expect(told.elsewhere).toBe("");
});

test("every language of the panel has its own words", () => {
  const seen = ["en", "de", "es", "fr"].map((language) => leadFormWords(language).send);
  expect(new Set(seen).size).toBe(4);
});

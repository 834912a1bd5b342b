import { describe, expect, it } from "vitest";
import { daysOf, sameDay, spanWords } from "../src/settings/week-spans";

const at = (text: string): number => Date.parse(text) / 1000;

describe("a week of calls", () => {
  it("is told by the days of its zone", () => {
    const rings = ["counter"];
    const spans = [
      { begins: at("2026-03-02T05:00Z"), ends: at("2026-03-02T14:00Z"), rings: [], ending: "a message" },
      { begins: at("2026-03-02T14:00Z"), ends: at("2026-03-03T06:00Z"), rings, ending: "" },
    ];
    const days = daysOf(spans, "America/New_York");
    expect(days[0]).toEqual([
      { from: 0, to: 540, rings: [], ending: "a message" },
      { from: 540, to: 1440, rings, ending: "" },
    ]);
    expect(days[1]).toEqual([{ from: 0, to: 60, rings, ending: "" }]);
    expect(days.slice(2).flat()).toEqual([]);
    expect(spanWords(days[0]![0]!)).toBe("a message");
    expect(spanWords(days[0]![1]!)).toBe("rings counter");
    expect(sameDay(days[0]!, daysOf(spans, "America/New_York")[0]!)).toBe(true);
    expect(sameDay(days[0]!, days[1]!)).toBe(false);
  });

  it("leaves out the hour that the clocks skip", () => {
    const rings = ["counter"];
    const span = { begins: at("2026-03-08T05:00Z"), ends: at("2026-03-09T04:00Z"), rings, ending: "" };
    const sunday = daysOf([span], "America/New_York")[6];
    expect(sunday).toEqual([
      { from: 0, to: 120, rings, ending: "" },
      { from: 180, to: 1440, rings, ending: "" },
    ]);
  });
});

import { describe, expect, it } from "vitest";
import { placeText, readPlace } from "../src/place";
import { changeOf, numberWords } from "../src/reports/numbers";
import { dayIn, narrowedBy, narrowedTo, readReportPlace, reportQuery } from "../src/reports/report-place";

describe("places", () => {
  it("are read as they were written", () => {
    const place = readPlace(placeText("reports", ["calls", "talk", "a/b"], { site: "x & y", empty: "" }));
    expect([place.screen, place.path, [...place.query]]).toEqual([
      "reports",
      ["calls", "talk", "a/b"],
      [["site", "x & y"]],
    ]);
    expect(readPlace("#/%E0%A4%A/x").screen).toBe("%E0%A4%A");
    expect(readPlace("").screen).toBe("");
  });
});

describe("a report's place", () => {
  it("goes by the day in its zone", () => {
    const now = Date.parse("2026-11-30T23:30:00Z");
    expect(dayIn("Asia/Kathmandu", now)).toBe("2026-12-01");
    expect(dayIn("America/New_York", now, -29)).toBe("2026-11-01");
    const place = readReportPlace(["chats"], new URLSearchParams("zone=UTC&part=queue&value="), now);
    expect([place.channel, place.first, place.last, place.by]).toEqual([
      "chats",
      "2026-11-01",
      "2026-11-30",
      "site",
    ]);
    expect(reportQuery(place)).toMatchObject({ part: "queue", value: "", compare: "before" });
    const time = readReportPlace(["agents"], new URLSearchParams("zone=UTC&part=queue&value=line"), now);
    expect([time.by, time.metric]).toEqual(["agent", "occupancy"]);
    const two = narrowedTo([...narrowedBy(place), ["agent", "ann"]]);
    expect(reportQuery({ ...place, ...two })).toMatchObject({
      part: "queue",
      value: "",
      also: "agent",
      also_value: "ann",
    });
    expect(narrowedBy({ ...place, ...narrowedTo(narrowedBy({ ...place, ...two }).slice(1)) })).toEqual([
      ["agent", "ann"],
    ]);
    expect(narrowedBy(narrowedTo([]))).toEqual([]);
    expect(reportQuery(time)).toEqual({
      first: "2026-11-01",
      last: "2026-11-30",
      zone: "UTC",
      queue: "line",
      by: "agent",
      every: "day",
      compare: "before",
    });
  });
});

describe("numbers", () => {
  it("are told in their unit", () => {
    expect(numberWords(1234, "count")).toBe("1,234");
    expect(numberWords(0.875, "share")).toBe("87.5%");
    expect(numberWords(65, "seconds")).toBe("1:05");
    expect(numberWords(null, "share")).toBe("–");
  });

  it("change for better or worse, or neither", () => {
    expect(changeOf(110, 100, { unit: "count", better: "more" })).toEqual({ words: "▲ 10 %", tone: "good" });
    expect(changeOf(0.8, 0.9, { unit: "share", better: "more" })).toEqual({
      words: "▼ 10 points",
      tone: "bad",
    });
    expect(changeOf(8, 10, { unit: "seconds", better: "less" })?.tone).toBe("good");
    expect(changeOf(8, 10, { unit: "count", better: null })?.tone).toBe("even");
    expect(changeOf(8, 0, { unit: "count", better: null })).toBeNull();
  });
});

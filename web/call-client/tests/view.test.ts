import { describe, expect, it } from "vitest";
import { advance, INITIAL_VIEW, isLive, talkSeconds, waitSeconds } from "../src";
import { line } from "./lines";

describe("advance", () => {
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

  it("counts the talk from where it began, also in a page that was reloaded in the middle", () => {
    const told = { state: "bridged", held: true, started_at: 900, bridged_at: 950, now: 2_000 } as const;
    const view = advance(INITIAL_VIEW, line(9, { ...told, at: 1_990 }));
    expect(view).toMatchObject({ startedAt: 900, bridgedAt: 950 });
    expect(talkSeconds(view, 2_000)).toBe(1_050);
  });
});

describe("waitSeconds", () => {
  it("counts down between two lines, never below nothing", () => {
    const view = advance(INITIAL_VIEW, line(1, { state: "queued", position: 3, wait: 300 }));
    expect([waitSeconds(view, 1_101), waitSeconds(view, 9_000)]).toEqual([200, 0]);
  });
});

describe("isLive", () => {
  it("is false as soon as nothing is left to hang up", () => {
    expect(isLive(advance(INITIAL_VIEW, line(1, { state: "hunting" })))).toBe(true);
    expect(isLive(advance(INITIAL_VIEW, line(2, { state: "ending", cause: "cancelled" })))).toBe(false);
  });
});

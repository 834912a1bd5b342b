import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  LARGEST_EVENT,
  LARGEST_MESSAGE,
  type Piece,
  Pieces,
  pieceText,
  SNAPSHOT_PAUSE,
  SnapshotPace,
} from "../../src/shared-view";

const event = (text: string): string => JSON.stringify({ type: 3, data: { text } });
const bytes = (text: string): number => new TextEncoder().encode(text).length;

/** What a server makes of the messages. */
function joined(pieces: readonly Piece[]): unknown[] {
  const events: unknown[] = [];
  let whole = "";
  for (const piece of pieces.map((each) => JSON.parse(pieceText(each)))) {
    if (piece.type === "events") events.push(...piece.events);
    else {
      whole += piece.data;
      if (piece.index === piece.count - 1) {
        events.push(JSON.parse(whole));
        whole = "";
      }
    }
  }
  return events;
}

describe("recorded events", () => {
  it("go in few messages, none of them too large, and arrive as they were", () => {
    const texts = [
      "a",
      "é".repeat(200_000),
      "b".repeat(LARGEST_MESSAGE - 100),
      "🚲".repeat(150_000),
      '"\n'.repeat(200_000),
      "c",
    ];
    const events = texts.map(event);
    const pieces = new Pieces(7).cut(events)!;
    expect(joined(pieces)).toEqual(events.map((each) => JSON.parse(each)));
    expect(pieces.map(({ seq }) => seq)).toEqual(pieces.map((_, index) => index));
    for (const piece of pieces) {
      expect(piece.page).toBe(7);
      expect(bytes(pieceText(piece))).toBeLessThan(2 * LARGEST_MESSAGE);
      if (piece.type === "part") expect(() => encodeURIComponent(piece.data)).not.toThrow();
    }
  });

  it("are a thousand a message at most", () => {
    const pieces = new Pieces(1).cut(Array.from({ length: 2_500 }, () => event("x")))!;
    expect(pieces.map((each) => (each.type === "events" ? each.events.length : 0))).toEqual([
      1000, 1000, 500,
    ]);
  });

  it("are no picture where one is too large", () => {
    expect(new Pieces(1).cut([event("x".repeat(LARGEST_EVENT))])).toBeNull();
  });

  it("count on from one batch to the next", () => {
    const pieces = new Pieces(1);
    pieces.cut([event("a")]);
    expect(pieces.cut([event("b")])![0]!.seq).toBe(1);
  });
});

describe("snapshots", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("are taken one in two seconds, and the last wish is not lost", () => {
    const take = vi.fn();
    const pace = new SnapshotPace(take, () => Date.now());
    pace.ask();
    expect(take).toHaveBeenCalledTimes(1);
    for (let i = 0; i < 10; i += 1) pace.ask();
    expect(take).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(SNAPSHOT_PAUSE);
    expect(take).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(10 * SNAPSHOT_PAUSE);
    expect(take).toHaveBeenCalledTimes(2);
  });

  it("are not taken after the end", () => {
    const take = vi.fn();
    const pace = new SnapshotPace(take, () => Date.now());
    pace.taken();
    pace.ask();
    pace.stop();
    vi.advanceTimersByTime(10 * SNAPSHOT_PAUSE);
    expect(take).not.toHaveBeenCalled();
  });
});

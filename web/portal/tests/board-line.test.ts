import { afterEach, describe, expect, it, vi } from "vitest";
import { BoardLine, DEAD_AFTER, heard, NOTHING, STALE_AFTER } from "../src/wallboard/board-line";
import type { Board, BoardChanges, BoardSnapshot } from "../src/wallboard/messages";

const board: Board = {
  agents: [],
  states: { away: 1 },
  queues: [],
  talks: { calls: {}, chats: 0 },
  leads: null,
  today: { zone: "UTC", calls: {}, chats: {}, agents: {} },
  unread_since: null,
};
const snapshot: BoardSnapshot = { type: "snapshot", sequence: 4, now: 100, board };
const changes = (sequence: number, more: Partial<BoardChanges> = {}): BoardChanges =>
  ({ type: "changes", sequence, now: 101, ...more }) as BoardChanges;

interface Opened {
  onmessage?: (event: { data: string }) => void;
  onclose?: (event: { code: number }) => void;
  closed: boolean;
}

/** A line by a clock of the test's own, and the sockets that it opens. */
function aLine() {
  vi.useFakeTimers();
  const sockets: Opened[] = [];
  vi.stubGlobal(
    "WebSocket",
    class {
      closed = false;
      constructor() {
        sockets.push(this);
      }
      close() {
        this.closed = true;
      }
    },
  );
  const line = new BoardLine("ws://x", "", () => {});
  line.open();
  const tell = (message: BoardSnapshot | BoardChanges) =>
    sockets.at(-1)?.onmessage?.({ data: JSON.stringify(message) });
  return { line, sockets, tell };
}

describe("a wallboard's line", () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("is stale once the server has been silent for five seconds", () => {
    const { line, tell } = aLine();
    expect(line.stale).toBe(true);
    tell(snapshot);
    expect(line.stale).toBe(false);
    vi.advanceTimersByTime(STALE_AFTER);
    expect(line.stale).toBe(false);
    vi.advanceTimersByTime(1);
    expect(line.stale).toBe(true);
    tell(changes(5));
    expect(line.stale).toBe(false);
    line.close();
  });

  it("gives a connection up that stays silent, as dead networks do, and opens another", () => {
    const { line, sockets, tell } = aLine();
    tell(snapshot);
    for (let second = 0; second < 30; second += 1) {
      vi.advanceTimersByTime(1_000);
      tell(changes(5 + second));
    }
    expect(sockets).toHaveLength(1);
    vi.advanceTimersByTime(DEAD_AFTER);
    expect(sockets[0]?.closed).toBe(true);
    sockets[0]?.onclose?.({ code: 1006 }); // it says so late: that opens no third one
    vi.advanceTimersByTime(400);
    expect(sockets).toHaveLength(2);
    tell({ ...snapshot, sequence: 90 });
    expect(line.standing.sequence).toBe(90);
    expect(line.stale).toBe(false);
    line.close();
    vi.advanceTimersByTime(60_000);
    expect(sockets).toHaveLength(2);
  });

  it("tries no more once nobody may look", () => {
    const { line, sockets } = aLine();
    sockets[0]?.onclose?.({ code: 4401 });
    vi.advanceTimersByTime(60_000);
    expect([line.over, sockets.length]).toEqual([true, 1]);
  });
});

describe("what a wallboard hears", () => {
  it("starts with a snapshot, and takes changes in their order", () => {
    const first = heard(NOTHING, snapshot, 99_000);
    expect(first).toEqual({ board, sequence: 4, ahead: 1_000 });
    const next = heard(first!, changes(5, { states: { available: 1 } }), 101_000);
    expect(next?.board).toEqual({ ...board, states: { available: 1 } });
    expect(heard(next!, changes(6), 102_000)?.board).toEqual(next?.board);
  });

  it("asks for all of it again where a message is missing", () => {
    expect(heard(NOTHING, changes(1), 0)).toBeNull();
    const first = heard(NOTHING, snapshot, 0)!;
    expect(heard(first, changes(6), 0)).toBeNull();
    expect(heard(first, { ...snapshot, sequence: 9 }, 0)?.sequence).toBe(9);
  });
});

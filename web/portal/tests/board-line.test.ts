import { describe, expect, it, vi } from "vitest";
import { BoardLine, heard, NOTHING, STALE_AFTER } from "../src/wallboard/board-line";
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

describe("a wallboard's line", () => {
  it("is stale once the server has been silent for five seconds", () => {
    const sockets: { onmessage?: (event: { data: string }) => void; close(): void }[] = [];
    vi.stubGlobal(
      "WebSocket",
      class {
        constructor() {
          sockets.push(this as never);
        }
        close() {}
      },
    );
    let now = 100_000;
    const line = new BoardLine(
      "ws://x",
      "",
      () => {},
      () => now,
    );
    expect(line.stale).toBe(true);
    line.open();
    sockets[0]!.onmessage?.({ data: JSON.stringify(snapshot) });
    expect(line.stale).toBe(false);
    now += STALE_AFTER;
    expect(line.stale).toBe(false);
    now += 1;
    expect(line.stale).toBe(true);
    sockets[0]!.onmessage?.({ data: JSON.stringify(changes(5)) });
    expect(line.stale).toBe(false);
    line.close();
    vi.unstubAllGlobals();
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

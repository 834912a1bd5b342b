/** The wallboard's WebSocket: a snapshot, then changes; all again where one is missing; and whether it is stale. */

import type { Board, BoardChanges, BoardSnapshot } from "./messages";

/** Ms without a word of the server from which on the board is stale. */
export const STALE_AFTER = 5_000;
/** Ms without a word after which the connection is taken for dead: networks do not always say so. */
export const DEAD_AFTER = 10_000;
const PAUSES = [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000];
const PROTOCOL = "ringback.v2";
/** The server's word for: log in again, or this link is over. */
const NOT_LOGGED_IN = 4401;

/** What stands, and what is known of it. Pure. */
export interface Standing {
  readonly board: Board | null;
  readonly sequence: number;
  /** The server's clock less this one's, in ms. */
  readonly ahead: number;
}

export const NOTHING: Standing = { board: null, sequence: 0, ahead: 0 };

/** The next standing; `null` where a message is missing, so that all is to be asked for again. */
export function heard(before: Standing, message: BoardSnapshot | BoardChanges, now: number): Standing | null {
  const ahead = message.now * 1000 - now;
  if (message.type === "snapshot") return { board: message.board, sequence: message.sequence, ahead };
  if (!before.board || message.sequence !== before.sequence + 1) return null;
  const { type: _, sequence, now: __, ...changed } = message;
  return { board: { ...before.board, ...(changed as Partial<Board>) }, sequence, ahead };
}

export class BoardLine {
  standing: Standing = NOTHING;
  /** Whether nobody may look here any more. */
  over = false;
  private socket: WebSocket | null = null;
  private heardAt = 0;
  private tries = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private watch: ReturnType<typeof setTimeout> | undefined;
  private closed = false;

  constructor(
    private readonly address: string,
    private readonly secret: string,
    private readonly changed: () => void,
    private readonly now: () => number = Date.now,
  ) {}

  /** Whether what is shown is of now. */
  get stale(): boolean {
    return this.now() - this.heardAt > STALE_AFTER;
  }

  open(): void {
    const token = this.secret ? [`token.${this.secret}`] : [];
    const socket = (this.socket = new WebSocket(this.address, [PROTOCOL, ...token]));
    this.await(socket);
    socket.onmessage = ({ data }: MessageEvent<string>) => this.hear(JSON.parse(data));
    socket.onclose = ({ code }) => {
      if (socket !== this.socket || this.closed) return;
      clearTimeout(this.watch);
      if (code === NOT_LOGGED_IN) {
        this.over = true;
        this.changed();
        return;
      }
      this.again();
    };
  }

  private again(): void {
    const pause = PAUSES[Math.min(this.tries++, PAUSES.length - 1)] ?? 15_000;
    this.timer = setTimeout(() => this.open(), pause * (0.5 + Math.random()));
  }

  /** Give a connection up that has been silent for too long. */
  private await(socket: WebSocket): void {
    clearTimeout(this.watch);
    this.watch = setTimeout(() => {
      if (socket !== this.socket || this.closed) return;
      this.socket = null;
      socket.close();
      this.again();
    }, DEAD_AFTER);
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    clearTimeout(this.watch);
    this.socket?.close();
  }

  private hear(message: BoardSnapshot | BoardChanges): void {
    if (this.socket) this.await(this.socket);
    const next = heard(this.standing, message, this.now());
    if (next) {
      this.standing = next;
      this.heardAt = this.now();
      this.tries = 0;
      this.changed();
    } else this.socket?.send("resync");
  }
}

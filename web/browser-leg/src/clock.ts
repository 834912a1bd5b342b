/** The server's time, whatever this machine's clock says and however it is set meanwhile. */

/** Seconds that a message may have been under way before we believe that the server's own clock was set. */
const LATE = 5;
/** As many beginnings as are remembered. */
const MOST = 50;

export class ServerClock {
  /** The server's time minus our monotonic one, in seconds; null before it told its time. */
  private ahead: number | null = null;
  /** By when something began, in the server's time: our monotonic time then. */
  private readonly began = new Map<number, number>();

  constructor(
    /** Seconds of a clock that nobody can set. */
    private readonly steady: () => number = () => performance.now() / 1000,
    /** Seconds since 1970 by this machine's clock, for as long as nothing better is known. */
    private readonly wall: () => number = () => Date.now() / 1000,
  ) {}

  /** The server said what time it was, in seconds since 1970, when it sent a message that has just come. */
  heard(now: number): void {
    const ahead = now - this.steady();
    // The message that was under way for the shortest time tells best.
    if (this.ahead === null || ahead > this.ahead || this.ahead - ahead > LATE) this.ahead = ahead;
  }

  /** The server's time now, in seconds since 1970. */
  get now(): number {
    return this.ahead === null ? this.wall() : this.ahead + this.steady();
  }

  /** Seconds since then, in the server's time. Counts on steadily, though the server's clock be set meanwhile. */
  elapsed(since: number): number {
    let start = this.began.get(since);
    if (start === undefined) {
      start = this.steady() - Math.max(0, this.now - since);
      if (this.ahead === null) return Math.max(0, this.now - since);
      this.began.set(since, start);
      const [oldest] = this.began.keys();
      if (this.began.size > MOST && oldest !== undefined) this.began.delete(oldest);
    }
    return Math.max(0, this.steady() - start);
  }
}

/** When a snapshot may be taken: at most one in two seconds; what is asked meanwhile is one more, afterwards. */

export const SNAPSHOT_PAUSE = 2_000;

export class SnapshotPace {
  private last = -Infinity;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly take: () => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** A snapshot was taken just now, such as the first of a recording. */
  taken(): void {
    this.last = this.now();
  }

  ask(): void {
    if (this.timer !== undefined) return;
    const wait = this.last + SNAPSHOT_PAUSE - this.now();
    if (wait <= 0) return this.go();
    this.timer = setTimeout(() => this.go(), wait);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private go(): void {
    this.timer = undefined;
    this.last = this.now();
    this.take();
  }
}

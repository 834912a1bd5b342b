/** Time that a page is in sight. Pure: `now` is the browser's monotonic time, in milliseconds. */

export interface Clock {
  /** Milliseconds in sight, up to `at`. */
  readonly ms: number;
  readonly at: number;
  /** Whether the page is in sight now. */
  readonly runs: boolean;
}

/** The page looks at its clock every second. A longer gap is a laptop that slept, and nobody looked at the page. */
const LONGEST_GAP = 5_000;

export const startClock = (now: number): Clock => ({ ms: 0, at: now, runs: false });

/** The clock a moment later; `runs`: whether the page is in sight from now on. */
export const tick = (clock: Clock, now: number, runs: boolean): Clock => ({
  ms: clock.ms + (clock.runs ? Math.min(Math.max(now - clock.at, 0), LONGEST_GAP) : 0),
  at: now,
  runs,
});

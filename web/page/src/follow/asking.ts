/** When the page asks the server again: as the server's last answer says, never by itself. Pure. */

import type { FactValue } from "../facts";
import type { AskAgain } from "../messages";

export type Facts = Readonly<Record<string, FactValue>>;

/** What the last question told. */
export interface Told {
  readonly facts: Facts;
  readonly busy: readonly string[];
  /** Milliseconds that the page had been in sight. */
  readonly at: number;
}

/** Milliseconds in sight until the page asks again: 0, now; null, not before something changes. */
export function dueIn(
  again: AskAgain,
  told: Told,
  facts: Facts,
  busy: readonly string[],
  ms: number,
): number | null {
  const changed = (name: string) => !name.startsWith("time.") && facts[name] !== told.facts[name];
  for (const name of again.facts) {
    // Time alone changes the clocks every moment: the server says in `seconds` when they matter. Idle time matters
    // when it starts again, too.
    if (name === "time.idle" ? (facts[name] ?? 0) < (told.facts[name] ?? 0) : changed(name)) return 0;
  }
  if (again.busy) for (const reason of told.busy) if (!busy.includes(reason)) return 0;
  // Timers drop the fraction of a millisecond: a moment too early the server would only say to ask again.
  return again.seconds === null ? null : Math.max(0, Math.ceil(told.at + again.seconds * 1000 - ms));
}

/** Questions that a page may ask at once, and one more every so many milliseconds: a shop's code may loop. */
export const BURST = 10;
const REFILL = 1_250;

/** How many questions a page may ask, at a time. */
export interface Allowance {
  readonly left: number;
  readonly at: number;
}

/** The allowance now. */
export const refilled = (had: Allowance, now: number): Allowance => ({
  left: Math.min(BURST, had.left + (now - had.at) / REFILL),
  at: now,
});

/** Milliseconds until there is one more question to ask. */
export const waitFor = (has: Allowance): number => Math.max(0, Math.ceil((1 - has.left) * REFILL));

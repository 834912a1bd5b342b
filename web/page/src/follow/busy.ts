/** Why no invitation may appear on the page now. Pure; `follow.ts` collects the signs. */

/** Milliseconds after the last key in a field during which the shopper is still typing. */
export const STILL_TYPING = 5_000;

export interface Signs {
  /** Whether the page is out of sight. */
  readonly hidden: boolean;
  /** Whether the focus is in a field to write in. */
  readonly inField: boolean;
  /** Milliseconds since the last key in one; null: none yet. */
  readonly sinceKey: number | null;
  /** Whether a dialog of the shop is open, or the panel. */
  readonly dialog: boolean;
  /** Whether a call or chat goes on, in this tab or another. */
  readonly inContact: boolean;
  /** Whether the shopper wants no invitation. */
  readonly optedOut: boolean;
}

/** The reasons, in the server's words. */
export function busyReasons(signs: Signs): string[] {
  const reasons: string[] = [];
  if (signs.hidden) reasons.push("hidden_tab");
  if (signs.inField && signs.sinceKey !== null && signs.sinceKey < STILL_TYPING) reasons.push("typing");
  if (signs.dialog) reasons.push("dialog");
  if (signs.inContact) reasons.push("in_contact");
  if (signs.optedOut) reasons.push("opted_out");
  return reasons;
}

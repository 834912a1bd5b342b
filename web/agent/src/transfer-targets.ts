/** Who a call can be transferred to, as far as the agent has typed. */

import type { Target } from "./desk-settings";
import type { DeskSettings } from "./messages";

/** A text that looks like a number, however it is written: digits with what stands between them. */
const NUMBER = /^\+?[\d\s().\-/]{5,}$/;
/** Nobody counts these as different. */
const folded = (text: string): string =>
  text
    .normalize("NFD")
    .replace(/\p{Diacritic}/gu, "")
    .toLowerCase();

/**
 * The targets that have all of the typed words in their names, those first who can take a call now. What looks
 * like a number is a target itself, where numbers may be dialled.
 */
export function findTargets({ numbers, transfers }: DeskSettings, typed: string): readonly Target[] {
  const words = folded(typed).split(/\s+/).filter(Boolean);
  const found = transfers
    .filter(({ label, to }) => words.every((word) => folded(`${label} ${to}`).includes(word)))
    .sort((a, b) => rank(a) - rank(b));
  const number = typed.trim();
  if (!numbers || !NUMBER.test(number)) return found;
  return [{ to: number, label: `Call ${number}`, kind: "number", state: null }, ...found];
}

/** An agent who cannot take it now comes after everybody else. */
const rank = ({ kind, state }: Target): number =>
  kind === "agent" ? (state === "available" ? 0 : 3) : kind === "destination" ? 1 : 2;

/** Who the shopper is: what the browser keeps of them, and whether it may. */

import { NOTHING, recall, turned, written, type Kept } from "./memory";
import { attempt, later, randomId } from "./natives";
import { here } from "./server";
import { msLoaded } from "./sight";

let kept: Kept = NOTHING;
let mayKeep = false;

export const visitor = (): Kept => kept;
/** Whether this browser keeps a record. */
export const isKept = (): boolean => mayKeep;
/** Milliseconds in sight in this visit. */
export const msOfVisit = (): number => kept.ms + msLoaded();

/** The record in localStorage; some browsers keep nothing, and nothing breaks. */
const storage = <T>(use: (keep: Storage, key: string) => T): T | undefined =>
  attempt(() => use(localStorage, "ringback." + here().site));

/** Reads what was kept, or has become of it in another tab. */
export function meet(first: boolean): void {
  const had = recall(storage((keep, key) => keep.getItem(key)) ?? "");
  mayKeep = !!had;
  if (first) {
    if (had) keep(turned(had, Date.now()));
  } else {
    const { id, consent, out } = had ?? NOTHING;
    kept = { ...kept, id, consent, out };
  }
}

/** Changes the record, and writes it down where that is allowed. */
export function keep(change: Partial<Kept> = {}, allow = mayKeep): void {
  mayKeep = allow;
  kept = { ...kept, ...change };
  if (mayKeep) storage((keep, key) => keep.setItem(key, written({ ...kept, ms: msOfVisit() }, Date.now())));
}

const id = (): string => kept.id || randomId();

/** The shopper's word on being remembered. */
export function setConsent(consent: boolean): void {
  if (consent) keep({ consent, id: id() }, true);
  else {
    storage((keep, key) => keep.removeItem(key));
    keep({ ...NOTHING, out: kept.out }, kept.out);
  }
}

/** The shopper asked for contact: what that needs may be kept. */
export function known(): string {
  keep({ id: id() }, true);
  return kept.id;
}

/** Counts a fact of this visit. */
export function count(name: string, by: number): void {
  kept = { ...kept, counts: { ...kept.counts, [name]: (kept.counts[name] ?? 0) + by } };
  later(keep);
}

/**
 * What the browser keeps of a shopper for a site: one record in localStorage, after consent or their own click.
 * Pure. Counts and times are of the current visit, which ends after half an hour without a page.
 */

import { fromJson, toJson } from "./natives";

export interface Kept {
  /** The visitor's id; empty: none was made. */
  readonly id: string;
  /** Whether the shopper agreed to be remembered; otherwise they clicked, or want to be left alone. */
  readonly consent: boolean;
  /** Whether they want no invitation. */
  readonly out: boolean;
  /** Which visit this is, from 1. */
  readonly visit: number;
  /** Pages of this visit, with this one. */
  readonly pages: number;
  /** Milliseconds in sight on earlier pages of this visit. */
  readonly ms: number;
  /** When it was written, by the wall clock in milliseconds. */
  readonly at: number;
  /** What `ringback.count` has counted in this visit, by name. */
  readonly counts: Readonly<Record<string, number>>;
}

const VERSION = 1;
const LONGEST = 2_048;
const VISIT = 30 * 60_000;

export const NOTHING: Kept = {
  id: "",
  consent: false,
  out: false,
  visit: 1,
  pages: 1,
  ms: 0,
  at: 0,
  counts: {},
};

/** What was kept; null: nothing, or what another version of the loader wrote. */
export function recall(text: string): Kept | null {
  const kept = fromJson(text) as (Kept & { v?: number }) | null | undefined;
  return kept?.v === VERSION ? { ...NOTHING, ...kept } : null;
}

/** The same with one page more. A clock that was set back must not keep a visit going for ever. */
export const turned = (kept: Kept, now: number): Kept =>
  Math.abs(now - kept.at) < VISIT
    ? { ...kept, pages: kept.pages + 1 }
    : { ...kept, visit: kept.visit + 1, pages: 1, ms: 0, counts: {} };

/** The text to keep: at most 2 KiB, without the counts if need be. */
export function written(kept: Kept, at: number): string {
  const text = toJson({ ...kept, at, v: VERSION });
  return text.length > LONGEST ? toJson({ ...kept, at, v: VERSION, counts: {} }) : text;
}

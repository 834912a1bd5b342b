/** What the shop tells of its page, by `ringback.set` and `count` and by attributes; and what the loader knows itself. */

import { fromJson } from "./natives";
import { ms } from "./sight";
import { count, msOfVisit, visitor } from "./visitor";

export type FactValue = boolean | number | string;

const set: Record<string, FactValue> = {};

/** What the shop has told. */
export const shopFacts = (): Record<string, FactValue> => ({ ...visitor().counts, ...set });

/** What the server is told, with what elements of the page tell now. */
export function facts(): Record<string, FactValue> {
  readAttributes();
  return {
    "time.on_page": ms() / 1000,
    "time.on_site": msOfVisit() / 1000,
    "visit.pages": visitor().pages,
    "visit.number": visitor().visit,
    ...shopFacts(),
    // What fills in the panel's form is nobody else's.
    "contact.number": undefined as never,
    "contact.country": undefined as never,
  };
}

/** One fact, or several by name; null takes one away. */
export function setFacts(name: unknown, value?: unknown): void {
  if (typeof name === "object") {
    for (const [each, its] of Object.entries(name ?? {})) setFacts(each, its);
  } else if (typeof value === "string") set[`${name}`] = value.slice(0, 200);
  else if (typeof value === "boolean" || Number.isFinite(value)) set[`${name}`] = value as FactValue;
  else delete set[`${name}`];
}

/** Counts a fact of this visit, from what the shop has set where it has. */
export function countFact(name: string, by: number): void {
  const had = set[name];
  if (typeof had === "number") set[name] = had + by;
  else count(name, by);
}

/** Reads what elements of the page tell: JSON in `data-ringback-set`. */
export function readAttributes(): void {
  for (const each of document.querySelectorAll<HTMLElement>("[data-ringback-set]"))
    setFacts(fromJson(each.dataset["ringbackSet"]!));
}

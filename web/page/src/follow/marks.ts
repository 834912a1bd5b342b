/** What elements of the shop's page tell: those with `data-ringback-count`, and those that the server names. */

import type { FactValue } from "../facts";

/** Counts the elements with `data-ringback-count="promo.failed"`, each once, also those that are gone again. */
export class Marks {
  private readonly counted = new WeakSet<Element>();

  constructor(private readonly count: (name: string) => void) {}

  look(): void {
    for (const each of document.querySelectorAll<HTMLElement>("[data-ringback-count]")) {
      if (this.counted.has(each)) continue;
      this.counted.add(each);
      this.count(each.dataset["ringbackCount"] ?? "");
    }
  }
}

/** Characters of a text that the page tells. */
const LONGEST = 200;

/** What the selectors of the server find; what this browser does not know as a selector stays unknown. */
export function watched(
  watch: Readonly<Record<string, string>>,
  kinds: Readonly<Record<string, string>> = {},
): Record<string, FactValue> {
  const found: Record<string, FactValue> = {};
  for (const [name, selector] of Object.entries(watch)) {
    try {
      const all = document.querySelectorAll(selector);
      const kind = kinds[name];
      if (kind === "truth") found[name] = all.length > 0;
      else if (kind === "text")
        found[name] = (all[0]?.textContent ?? "").replace(/\s+/g, " ").trim().slice(0, LONGEST);
      else found[name] = all.length;
    } catch {
      // Unknown.
    }
  }
  return found;
}

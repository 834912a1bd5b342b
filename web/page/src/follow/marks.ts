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

/** How many elements match the selectors of the server; what this browser does not know as one stays unknown. */
export function watched(watch: Readonly<Record<string, string>>): Record<string, FactValue> {
  const found: Record<string, FactValue> = {};
  for (const [name, selector] of Object.entries(watch)) {
    try {
      found[name] = document.querySelectorAll(selector).length;
    } catch {
      // Unknown.
    }
  }
  return found;
}

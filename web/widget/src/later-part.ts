/** Parts of the panel that come after it: each is a file of its own, which says how its elements look and work. */

import { Retries } from "@ringback/browser-leg";

/**
 * Load a part whose elements may be drawn before it is there: the browser completes them then. Where the network fails it
 * is tried again until it comes.
 */
export function loadPart(load: () => Promise<unknown>): void {
  const go = (): void => void load().catch(() => retries.failed());
  const retries = new Retries(go);
  go();
}

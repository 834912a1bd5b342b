/**
 * Solves the server's challenge on the page's own thread, in slices: a worker of another origin may not be started,
 * and one from a blob: dies under a strict content security policy.
 */

import { fields, number, type Shape, text } from "@ringback/browser-leg/shapes";

/** What is to be solved, in the fields of altcha. */
export interface Challenge {
  readonly algorithm: string;
  readonly challenge: string;
  readonly maxnumber: number;
  readonly salt: string;
  readonly signature: string;
}

export const readChallenge: Shape<Challenge> = fields({
  algorithm: text,
  challenge: text,
  maxnumber: number,
  salt: text,
  signature: text,
});

/** Where the work is done: the time in ms, and a turn for everything else that the page has to do. */
export interface WorkWorld {
  readonly now: () => number;
  readonly rest: () => Promise<void>;
}

/** Ms at a time; the page stays as quick as it was. */
const SLICE = 8;
/** Digests between two looks at the time: a slow phone does some 100 in a millisecond. */
const STRIDE = 128;

/**
 * The proof of a challenge, as the server takes it; null for a challenge that has no solution, or that this page does
 * not know how to solve. Ends with the signal's reason where that is given.
 */
export async function solve(
  challenge: Challenge,
  signal?: AbortSignal,
  world: WorkWorld = page,
): Promise<string | null> {
  const { algorithm, maxnumber, salt, signature } = challenge;
  if (algorithm !== "SHA-256") return null;
  // A file of its own: most calls need no proof.
  const { DigestSearch } = await import("./sha256");
  const search = new DigestSearch(salt, challenge.challenge);
  let next = 0;
  while (next <= maxnumber) {
    signal?.throwIfAborted();
    const until = world.now() + SLICE;
    do {
      const found = search.among(next, Math.min(next + STRIDE - 1, maxnumber));
      if (found >= 0) {
        return btoa(
          JSON.stringify({ algorithm, challenge: challenge.challenge, number: found, salt, signature }),
        );
      }
      next += STRIDE;
    } while (next <= maxnumber && world.now() < until);
    await world.rest();
  }
  return null;
}

const page: WorkWorld = { now: () => performance.now(), rest };

/** A message to oneself: timers would wait 4 ms each, and a second in a tab that is not seen. */
function rest(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

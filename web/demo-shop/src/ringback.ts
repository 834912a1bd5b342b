/** What a shop's page says to Ringback's loader, before it has come, too: the queue of the embedding guide. */

export interface Ringback {
  (command: string, ...about: unknown[]): void;
  q?: unknown[][];
}

declare global {
  interface Window {
    ringback?: Ringback;
  }
}

/** `ringback("set", {…})`: at once, or as soon as the loader is there. */
export function ringback(command: string, ...about: unknown[]): void {
  const queue: Ringback = (...all) => void (queue.q ??= []).push(all);
  (window.ringback ??= queue)(command, ...about);
}

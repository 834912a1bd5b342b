/** A callback: the promise to call the shopper back, as the server tells it to the page of that call. */

import { isRecord } from "./progress";

export const CALLBACK_STATES = ["booked", "dialling", "done", "cancelled", "given_up"] as const;
export type CallbackState = (typeof CALLBACK_STATES)[number];

export interface Callback {
  /** Seconds since the epoch, UTC. */
  readonly at: number;
  readonly state: CallbackState;
  /** Whoever has it may look at the callback and cancel it. */
  readonly secret: string;
  /** The shopper's page about it, to keep. */
  readonly link: string;
}

/** A callback from a parsed answer of the server; null for what is not one. */
export function parseCallback(value: unknown): Callback | null {
  if (!isRecord(value)) return null;
  const { at, link } = value;
  const state = CALLBACK_STATES.find((known) => known === value["state"]);
  if (typeof at !== "number" || typeof link !== "string" || !state || !/^https?:/.test(link)) return null;
  const secret = link.split(/[?#]/)[0]?.split("/").at(-1);
  return secret ? { at, state, secret, link } : null;
}

/** What the server tells of a call, line by line: the wire form of `bridge/progress.py` and `bridge/causes.py`. */

export const CALL_STATES = [
  "requested",
  "calling_shopper",
  "greeting",
  "hunting",
  "queued",
  "leaving_message",
  "booking_callback",
  "apologising",
  "bridged",
  "ending",
  "ended",
] as const;
export type CallState = (typeof CALL_STATES)[number];

export const DISPOSITIONS = [
  "bridged",
  "message_taken",
  "callback_booked",
  "unanswered",
  "shopper_unreachable",
  "refused",
  "cancelled",
  "failed",
] as const;
export type Disposition = (typeof DISPOSITIONS)[number];

/** Why a leg ended; a newer server may know more of them than this page. */
export type HangupCause = string;

export interface CallProgress {
  readonly call_id: string;
  /** Counts up by one for each line of a call. */
  readonly sequence: number;
  /** Seconds since the epoch, UTC. */
  readonly at: number;
  readonly state: CallState;
  readonly shopper_ringing: boolean;
  /** Labels of the destinations ringing now. */
  readonly ringing: readonly string[];
  /** Destinations tried so far, these included, and how many the hunt has. */
  readonly attempt: number;
  readonly attempts: number;
  readonly connected_to: string | null;
  readonly held: boolean;
  /** Place in the queue, 1 being next, and the expected wait in seconds from `at`; null while not queued. */
  readonly position: number | null;
  readonly wait: number | null;
  /** When the shopper will be called back, in seconds since the epoch. */
  readonly callback_at: number | null;
  readonly disposition: Disposition | null;
  readonly cause: HangupCause | null;
  /** On the WebSocket alone: the server's time, when the call was asked for, and when the two first talked. */
  readonly now: number | null;
  readonly started_at: number | null;
  readonly bridged_at: number | null;
}

/** A line of progress from JSON text or a parsed value; null for what is not one. */
export function parseProgress(source: unknown): CallProgress | null {
  const value = typeof source === "string" ? parseJson(source) : source;
  if (!isRecord(value)) return null;
  const { call_id, sequence, at, state } = value;
  if (typeof call_id !== "string" || typeof sequence !== "number" || typeof at !== "number") return null;
  if (!isOneOf(CALL_STATES, state)) return null;
  return {
    call_id,
    sequence,
    at,
    state,
    shopper_ringing: value["shopper_ringing"] === true,
    ringing: Array.isArray(value["ringing"]) ? value["ringing"].filter(isText) : [],
    attempt: count(value["attempt"]),
    attempts: count(value["attempts"]),
    connected_to: isText(value["connected_to"]) ? value["connected_to"] : null,
    held: value["held"] === true,
    position: quantity(value["position"]),
    wait: quantity(value["wait"]),
    callback_at: quantity(value["callback_at"]),
    disposition: isOneOf(DISPOSITIONS, value["disposition"]) ? value["disposition"] : null,
    cause: isText(value["cause"]) ? value["cause"] : null,
    now: quantity(value["now"]),
    started_at: quantity(value["started_at"]),
    bridged_at: quantity(value["bridged_at"]),
  };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isText = (value: unknown): value is string => typeof value === "string";
const quantity = (value: unknown): number | null => (typeof value === "number" && value >= 0 ? value : null);
const count = (value: unknown): number => quantity(value) ?? 0;

function isOneOf<T extends string>(options: readonly T[], value: unknown): value is T {
  return options.some((option) => option === value);
}

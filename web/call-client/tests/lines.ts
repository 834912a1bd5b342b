import type { CallProgress } from "../src";

/** A line of progress with everything unset but what the test is about. */
export function line(sequence: number, rest: Partial<CallProgress>): CallProgress {
  return {
    call_id: "c1",
    sequence,
    at: 1_000 + sequence,
    state: "requested",
    shopper_ringing: false,
    ringing: [],
    attempt: 0,
    attempts: 0,
    connected_to: null,
    held: false,
    position: null,
    wait: null,
    callback_at: null,
    disposition: null,
    cause: null,
    now: null,
    started_at: null,
    bridged_at: null,
    ...rest,
  };
}

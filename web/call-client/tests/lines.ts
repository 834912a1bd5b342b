import type { ProgressLine } from "../src";

/** A line of progress with everything unset but what the test is about. */
export function line(sequence: number, rest: Partial<ProgressLine>): ProgressLine {
  return {
    call_id: "c1",
    site: "bikes",
    sequence,
    at: 1_000 + sequence,
    state: "requested",
    shopper_ringing: false,
    ringing: [],
    attempt: 0,
    attempts: 0,
    connected_to: null,
    held: false,
    consulting: null,
    transfer: null,
    position: null,
    wait: null,
    callback_at: null,
    disposition: null,
    cause: null,
    ...rest,
  };
}

/** From the call's lines of progress to what a person sees: a pure reducer, no clock, no DOM. */

import type { Disposition, HangupCause } from "@ringback/browser-leg";
import type { CallState } from "./messages";
import type { ProgressLine } from "./progress";

/** Where the shopper sees the call stand. */
export type CallPhase =
  | "requesting"
  | "calling_you"
  | "greeting"
  | "ringing_business"
  | "queued"
  | "leaving_message"
  | "booking_callback"
  | "apologising"
  | "connected"
  | "ending"
  | "ended";

export interface CallView {
  readonly phase: CallPhase;
  /** Sequence of the last line that counted; -1 before the first. */
  readonly sequence: number;
  readonly shopperRinging: boolean;
  readonly ringing: readonly string[];
  readonly attempt: number;
  readonly attempts: number;
  readonly connectedTo: string | null;
  readonly held: boolean;
  /** Place in the queue, 1 being next; null while not queued. */
  readonly position: number | null;
  /** When the wait in the queue is expected to be over; null while not queued, or not known. */
  readonly turnAt: number | null;
  readonly callbackAt: number | null;
  readonly disposition: Disposition | null;
  readonly cause: HangupCause | null;
  /** Server times in seconds since the epoch; null where it did not happen (yet). */
  readonly startedAt: number | null;
  readonly bridgedAt: number | null;
  readonly endedAt: number | null;
}

export const INITIAL_VIEW: CallView = {
  phase: "requesting",
  sequence: -1,
  shopperRinging: false,
  ringing: [],
  attempt: 0,
  attempts: 0,
  connectedTo: null,
  held: false,
  position: null,
  turnAt: null,
  callbackAt: null,
  disposition: null,
  cause: null,
  startedAt: null,
  bridgedAt: null,
  endedAt: null,
};

/** A state that this page does not know leaves the call where it was. */
const PHASES: Readonly<Record<CallState, CallPhase | null>> = {
  requested: "requesting",
  calling_shopper: "calling_you",
  greeting: "greeting",
  hunting: "ringing_business",
  queued: "queued",
  leaving_message: "leaving_message",
  booking_callback: "booking_callback",
  apologising: "apologising",
  bridged: "connected",
  ending: "ending",
  ended: "ended",
  unknown: null,
};

/** A silent phone may take its time to let go of the line: how the call ended is mostly known before. */
const phaseOf = ({ state, disposition }: ProgressLine, before: CallPhase): CallPhase =>
  disposition === null ? (PHASES[state] ?? before) : "ended";

/** The view after one more line. Lines that come late or twice, as after a reconnect, change nothing. */
export function advance(view: CallView, line: ProgressLine): CallView {
  if (line.sequence <= view.sequence || view.phase === "ended") return view;
  const phase = phaseOf(line, view.phase);
  return {
    phase,
    sequence: line.sequence,
    shopperRinging: line.shopper_ringing,
    ringing: line.ringing,
    attempt: line.attempt,
    attempts: line.attempts,
    connectedTo: line.connected_to ?? view.connectedTo,
    held: line.held,
    position: line.position,
    turnAt: line.wait === null ? null : line.at + line.wait,
    callbackAt: line.callback_at ?? view.callbackAt,
    disposition: line.disposition,
    cause: line.cause,
    // Told by the server, they are the same in a page that was reloaded.
    startedAt: line.started_at ?? view.startedAt ?? line.at,
    bridgedAt: line.bridged_at ?? view.bridgedAt ?? (phase === "connected" ? line.at : null),
    endedAt: phase === "ended" ? line.at : null,
  };
}

/** Seconds that the two sides talked, as far as it went at `now` (server time). */
export function talkSeconds(view: CallView, now: number): number {
  return view.bridgedAt === null ? 0 : Math.max(0, (view.endedAt ?? now) - view.bridgedAt);
}

/** Seconds of waiting that are still expected at `now` (server time); null where nobody knows. */
export function waitSeconds(view: CallView, now: number): number | null {
  return view.turnAt === null ? null : Math.max(0, view.turnAt - now);
}

/** Whether there is still something to hang up. */
export function isLive(view: CallView): boolean {
  return view.phase !== "ending" && view.phase !== "ended";
}

/** What became of a finished call, as the demo's server tells it: its CDR, and what both phones heard. */

import { isRecord } from "@ringback/browser-leg/shapes";

export interface LegStory {
  readonly role: "shopper" | "business";
  readonly label: string;
  /** Seconds from the click; null where it never happened. */
  readonly dialed: number;
  readonly ringing: number | null;
  readonly answered: number | null;
  readonly joined: number | null;
  readonly ended: number;
  readonly cause: string;
  readonly sip_status: number | null;
}

/** What one phone heard, or the message that the business got. */
export interface Recording {
  readonly label: string;
  /** Of a WAV file. */
  readonly url: string;
  readonly seconds: number;
  /** Loudness over time, 0 to 1, evenly spaced. */
  readonly peaks: readonly number[];
}

export interface CallStory {
  readonly disposition: string;
  readonly cause: string | null;
  /** Seconds from the click. */
  readonly ended: number;
  readonly talk_seconds: number;
  readonly legs: readonly LegStory[];
  /** What the shopper left to be heard. */
  readonly message: Recording | null;
  readonly recordings: readonly Recording[];
}

/** The story of a call, as soon as its CDR and recordings are there; null when they do not come. */
export async function fetchCallStory(callId: string, signal: AbortSignal): Promise<CallStory | null> {
  for (let tries = 0; tries < 24 && !signal.aborted; tries += 1) {
    const response = await fetch(`demo/calls/${encodeURIComponent(callId)}`, { cache: "no-store", signal });
    if (response.status === 200) {
      const story: unknown = await response.json();
      return isRecord(story) ? (story as unknown as CallStory) : null;
    }
    if (response.status !== 202) return null;
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
  return null;
}

const CAUSES: Readonly<Record<string, string>> = {
  normal: "hung up",
  busy: "busy",
  no_answer: "no answer",
  declined: "declined",
  unreachable: "unreachable",
  not_found: "no such number",
  ring_timeout: "rang too long",
  answered_elsewhere: "answered elsewhere",
  peer_ended: "the other side hung up",
  cancelled: "cancelled",
  time_limit: "time limit",
  media_timeout: "line went dead",
  machine: "an answering machine",
  not_accepted: "did not take the call",
};

/** Why a leg ended, in people's words. */
export function causeWords({ cause, joined }: LegStory): string {
  // Who talked is not cancelled: the shopper pressed "Hang up".
  if (cause === "cancelled" && joined !== null) return "ended from this page";
  if (cause === "peer_ended" && joined === null) return "the call was over";
  return CAUSES[cause] ?? cause.replaceAll("_", " ");
}

export const secondsWords = (seconds: number | null): string =>
  seconds === null ? "–" : `${seconds.toFixed(1)} s`;

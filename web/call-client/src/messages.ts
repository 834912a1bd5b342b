/** Written by `python -m api.reference` from api/subprotocol/shopper.py: edit there. */

import {
  readDisposition,
  readHangupCause,
  readLegAnswer,
  readLegBye,
  readLegConnected,
  readLegFailed,
  readLegIceServers,
  readLegIsGone,
  readLegQuality,
  readLegRing,
  readLegServerCandidate,
  readLegServerEndOfCandidates,
  readRefused,
  readSharedViewAsked,
  readSharedViewOver,
  readTransfer,
  type Disposition,
  type HangupCause,
  type LegAnswer,
  type LegAskIceServers,
  type LegBye,
  type LegCandidate,
  type LegConnected,
  type LegEndOfCandidates,
  type LegFailed,
  type LegHangUp,
  type LegHeard,
  type LegIceServers,
  type LegIsGone,
  type LegKey,
  type LegOffer,
  type LegQuality,
  type LegReattach,
  type LegRing,
  type LegServerCandidate,
  type LegServerEndOfCandidates,
  type Refused,
  type SharedViewAsked,
  type SharedViewOver,
  type Transfer,
} from "@ringback/browser-leg";
import {
  fields,
  is,
  list,
  number,
  orNull,
  otherwise,
  text,
  truth,
  word,
  type Shape,
} from "@ringback/browser-leg/shapes";

/** The page opens what it was sent, or the shopper does not want it. */
export interface PageAnswer {
  readonly type: "page_answer";
  /** as in `open_page` */
  readonly push: number;
  readonly accepted: boolean;
}

/** Whatever the page says on this WebSocket. */
export type ShopperPageMessage =
  | PageAnswer
  | LegOffer
  | LegReattach
  | LegAskIceServers
  | LegCandidate
  | LegEndOfCandidates
  | LegHangUp
  | LegKey
  | LegHeard;

export const CALL_STATE = [
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
/** Where a call stands. */
export type CallState = (typeof CALL_STATE)[number] | "unknown";
export const readCallState: Shape<CallState> = word(...CALL_STATE);

/** One line of a call's story, as shopper and operator see it. Carries no phone number. */
export interface CallProgress {
  readonly call_id: string;
  readonly site: string;
  readonly sequence: number;
  readonly at: number;
  readonly state: CallState;
  readonly shopper_ringing: boolean;
  readonly ringing: readonly string[];
  readonly attempt: number;
  readonly attempts: number;
  readonly connected_to: string | null;
  readonly held: boolean;
  readonly consulting: string | null;
  readonly transfer: Transfer | null;
  readonly position: number | null;
  readonly wait: number | null;
  readonly callback_at: number | null;
  readonly disposition: Disposition | null;
  readonly cause: HangupCause | null;
}

export const readCallProgress: Shape<CallProgress> = fields({
  call_id: text,
  site: text,
  sequence: number,
  at: number,
  state: readCallState,
  shopper_ringing: otherwise(truth, false),
  ringing: otherwise(list(text), []),
  attempt: otherwise(number, 0),
  attempts: otherwise(number, 0),
  connected_to: otherwise(orNull(text), null),
  held: otherwise(truth, false),
  consulting: otherwise(orNull(text), null),
  transfer: otherwise(orNull(readTransfer), null),
  position: otherwise(orNull(number), null),
  wait: otherwise(orNull(number), null),
  callback_at: otherwise(orNull(number), null),
  disposition: otherwise(orNull(readDisposition), null),
  cause: otherwise(orNull(readHangupCause), null),
});

export const CALLBACK_STATE = [
  "booked",
  "dialling",
  "done",
  "cancelled",
  "given_up",
] as const;
/** Where a callback stands. */
export type CallbackState = (typeof CALLBACK_STATE)[number] | "unknown";
export const readCallbackState: Shape<CallbackState> = word(...CALLBACK_STATE);

/** A callback as its shopper sees it. */
export interface CallbackView {
  /** When the shopper is called back, or was. */
  readonly at: number;
  /** The same in words, after 'We will call you back'. */
  readonly when: string;
  readonly state: CallbackState;
  /** The shopper's page about it; its last part is the callback's secret. */
  readonly link: string;
}

export const readCallbackView: Shape<CallbackView> = fields({
  at: number,
  when: text,
  state: readCallbackState,
  link: text,
});

/** A line of the call's progress. It tells all there is to know, so a missed one is no loss. */
export interface Progress {
  readonly type: "progress";
  /** the server's clock, in seconds since 1970 */
  readonly now: number;
  /** when the call was requested */
  readonly started_at: number | null;
  /** when the two first talked */
  readonly bridged_at: number | null;
  readonly call_id: string;
  readonly site: string;
  readonly sequence: number;
  readonly at: number;
  readonly state: CallState;
  readonly shopper_ringing: boolean;
  readonly ringing: readonly string[];
  readonly attempt: number;
  readonly attempts: number;
  readonly connected_to: string | null;
  readonly held: boolean;
  readonly consulting: string | null;
  readonly transfer: Transfer | null;
  readonly position: number | null;
  readonly wait: number | null;
  readonly callback_at: number | null;
  readonly disposition: Disposition | null;
  readonly cause: HangupCause | null;
}

export const readProgress: Shape<Progress> = fields({
  type: is("progress"),
  now: number,
  started_at: orNull(number),
  bridged_at: orNull(number),
  call_id: text,
  site: text,
  sequence: number,
  at: number,
  state: readCallState,
  shopper_ringing: otherwise(truth, false),
  ringing: otherwise(list(text), []),
  attempt: otherwise(number, 0),
  attempts: otherwise(number, 0),
  connected_to: otherwise(orNull(text), null),
  held: otherwise(truth, false),
  consulting: otherwise(orNull(text), null),
  transfer: otherwise(orNull(readTransfer), null),
  position: otherwise(orNull(number), null),
  wait: otherwise(orNull(number), null),
  callback_at: otherwise(orNull(number), null),
  disposition: otherwise(orNull(readDisposition), null),
  cause: otherwise(orNull(readHangupCause), null),
});

/** Open this page: once the shopper has agreed, or at once. */
export interface OpenPage {
  readonly type: "open_page";
  /** its number in this call */
  readonly push: number;
  readonly url: string;
  readonly title: string;
  readonly mode: "ask" | "go" | "unknown";
}

export const readOpenPage: Shape<OpenPage> = fields({
  type: is("open_page"),
  push: number,
  url: text,
  title: text,
  mode: word("ask", "go"),
});

/** Whatever the server says on this WebSocket. */
export type ShopperServerMessage =
  | Progress
  | OpenPage
  | SharedViewAsked
  | SharedViewOver
  | LegRing
  | LegIceServers
  | LegAnswer
  | LegServerCandidate
  | LegServerEndOfCandidates
  | LegConnected
  | LegFailed
  | LegQuality
  | LegBye
  | LegIsGone
  | Refused;

/** What reads each, by its type. */
export const SHOPPER_MESSAGES = {
  progress: readProgress,
  open_page: readOpenPage,
  shared_view: readSharedViewAsked,
  shared_view_over: readSharedViewOver,
  ring: readLegRing,
  ice_servers: readLegIceServers,
  answer: readLegAnswer,
  candidate: readLegServerCandidate,
  end_of_candidates: readLegServerEndOfCandidates,
  connected: readLegConnected,
  failed: readLegFailed,
  quality: readLegQuality,
  bye: readLegBye,
  gone: readLegIsGone,
  refused: readRefused,
} as const;

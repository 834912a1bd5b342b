/** Written by `python -m api.reference` from api/subprotocol/legs.py: edit there. */

import {
  fields,
  is,
  list,
  mapping,
  number,
  orNull,
  otherwise,
  text,
  truth,
  word,
  type Shape,
} from "./shapes";

export const FAILED_PROBLEM = [
  "bad_offer",
  "no_common_codec",
  "no_path",
  "too_many_offers",
] as const;
export type FailedProblem = (typeof FAILED_PROBLEM)[number] | "unknown";
export const readFailedProblem: Shape<FailedProblem> = word(...FAILED_PROBLEM);

export const TRANSFER = [
  "ringing",
  "talking",
  "failed",
] as const;
export type Transfer = (typeof TRANSFER)[number] | "unknown";
export const readTransfer: Shape<Transfer> = word(...TRANSFER);

export const SCOPE = [
  "see",
  "point",
  "fill",
] as const;
export type Scope = (typeof SCOPE)[number] | "unknown";
export const readScope: Shape<Scope> = word(...SCOPE);

export const DISPOSITION = [
  "bridged",
  "message_taken",
  "callback_booked",
  "unanswered",
  "shopper_unreachable",
  "refused",
  "cancelled",
  "failed",
] as const;
/** How a whole call ended; exactly one a call. */
export type Disposition = (typeof DISPOSITION)[number] | "unknown";
export const readDisposition: Shape<Disposition> = word(...DISPOSITION);

export const REFUSAL_REASON = [
  "not_understood",
  "unknown_type",
  "not_yours",
  "not_now",
  "target_unknown",
  "number_refused",
  "nobody_there",
  "page_unknown",
  "page_refused",
  "code_unknown",
  "not_kept",
  "too_fast",
  "too_long",
  "gap",
  "chat_over",
] as const;
/** Why the server did not do what a page asked for. */
export type RefusalReason = (typeof REFUSAL_REASON)[number] | "unknown";
export const readRefusalReason: Shape<RefusalReason> = word(...REFUSAL_REASON);

/** The server did nothing about a message. */
export interface Refused {
  readonly type: "refused";
  /** the `type` that the page sent; null if it had none */
  readonly request: string | null;
  /** the call that the message named, if any */
  readonly call_id: string | null;
  /** the leg that the message named, if any */
  readonly leg: string | null;
  /** the chat that the message named, if any */
  readonly chat_id: string | null;
  /** the key of the entry, if it had one */
  readonly key: string | null;
  /** why: [the reasons](desk.md#messages-on-the-agents-websocket) */
  readonly reason: RefusalReason;
  /** what is wrong with the message, for developers */
  readonly detail: string;
}

export const readRefused: Shape<Refused> = fields({
  type: is("refused"),
  request: orNull(text),
  call_id: otherwise(orNull(text), null),
  leg: otherwise(orNull(text), null),
  chat_id: otherwise(orNull(text), null),
  key: otherwise(orNull(text), null),
  reason: readRefusalReason,
  detail: otherwise(text, ""),
});

/** What a shopper is asked, in words. What they agree to is kept with the version of these words. */
export interface ViewConsent {
  readonly version: string;
  readonly language: string;
  /** by scope: `see`, `point`, `fill` */
  readonly words: Readonly<Record<string, string>>;
  /** what the site adds; may be empty */
  readonly note: string;
}

export const readViewConsent: Shape<ViewConsent> = fields({
  version: text,
  language: text,
  words: mapping(text),
  note: otherwise(text, ""),
});

/** An agent asks to see the shopper's page. Sent again to a page that connects while it is open; once it is agreed to, another page takes the token, too. */
export interface SharedViewAsked {
  readonly type: "shared_view";
  readonly view: string;
  /** opens `/v1/views/{view}` */
  readonly token: string;
  /** what the agent is called */
  readonly agent: string;
  readonly scopes: readonly Scope[];
  readonly consent: ViewConsent;
  /** seconds in which to answer */
  readonly expires_in: number;
}

export const readSharedViewAsked: Shape<SharedViewAsked> = fields({
  type: is("shared_view"),
  view: text,
  token: text,
  agent: text,
  scopes: list(readScope),
  consent: readViewConsent,
  expires_in: number,
});

/** The question, or the view, is over: put its card and its bar away. */
export interface SharedViewOver {
  readonly type: "shared_view_over";
  readonly view: string;
  /** as in `ended` */
  readonly reason: string;
}

export const readSharedViewOver: Shape<SharedViewOver> = fields({
  type: is("shared_view_over"),
  view: text,
  reason: text,
});

/** Connect me. **Takes the leg**, if it rings here or this page has it. */
export interface LegOffer {
  readonly type: "offer";
  readonly leg: string;
  /** the page's own name for its connection */
  readonly session: number;
  readonly sdp: string;
  /** `opus` if the page finds its network poor */
  readonly audio?: "auto" | "opus";
}

/** My connection of this leg still lives, only the WebSocket is new. **Takes the leg.** */
export interface LegReattach {
  readonly type: "reattach";
  readonly leg: string;
}

/** The TURN password runs out: send me another one. */
export interface LegAskIceServers {
  readonly type: "ask_ice_servers";
  readonly leg: string;
}

/** A further ICE candidate (RFC 8838), as `RTCIceCandidate.toJSON()` gives it. */
export interface LegCandidate {
  readonly type: "candidate";
  readonly leg: string;
  /** the page's own name for its connection */
  readonly session: number;
  readonly candidate: string;
  readonly sdpMid?: string | null;
  readonly sdpMLineIndex?: number | null;
}

/** No further candidate follows. */
export interface LegEndOfCandidates {
  readonly type: "end_of_candidates";
  readonly leg: string;
  /** the page's own name for its connection */
  readonly session: number;
}

/** End the leg, or decline it. */
export interface LegHangUp {
  readonly type: "hang_up";
  readonly leg: string;
  readonly reason?: "hung_up" | "declined" | "busy" | "no_microphone" | "no_path";
}

/** The user pressed a key. */
export interface LegKey {
  readonly type: "dtmf";
  readonly leg: string;
  /** `0` to `9`, `A` to `D`, `*` or `#` */
  readonly digit: string;
}

/** How the page hears the other side, by its browser's statistics; the CDR has the mean as `heard`. */
export interface LegHeard {
  readonly type: "heard_quality";
  readonly leg: string;
  /** the page's own name for its connection */
  readonly session: number;
  /** percent */
  readonly loss: number;
  readonly jitter_ms: number;
  /** percent of the sound that was made up */
  readonly concealed?: number;
}

/** Whatever the page says on this WebSocket. */
export type PageLegMessage =
  | LegOffer
  | LegReattach
  | LegAskIceServers
  | LegCandidate
  | LegEndOfCandidates
  | LegHangUp
  | LegKey
  | LegHeard;

/** A STUN or TURN server, as RTCPeerConnection takes it; its password is good for a while. */
export interface IceServer {
  readonly urls: readonly string[];
  readonly username: string | null;
  readonly credential: string | null;
}

export const readIceServer: Shape<IceServer> = fields({
  urls: list(text),
  username: otherwise(orNull(text), null),
  credential: otherwise(orNull(text), null),
});

/** A leg rings here, or is under way and may be taken over. */
export interface LegRing {
  readonly type: "ring";
  readonly leg: string;
  readonly call_id: string;
  /** for `RTCPeerConnection` */
  readonly ice_servers: readonly IceServer[];
  /** seconds for which their password is good; null if it does not end */
  readonly ice_lifetime: number | null;
  /** the server's clock, in seconds since 1970 */
  readonly now: number;
  /** true if a page has had the leg: any page may take it over */
  readonly under_way: boolean;
}

export const readLegRing: Shape<LegRing> = fields({
  type: is("ring"),
  leg: text,
  call_id: text,
  ice_servers: list(readIceServer),
  ice_lifetime: otherwise(orNull(number), null),
  now: number,
  under_way: truth,
});

/** The answer to `ask_ice_servers`. */
export interface LegIceServers {
  readonly type: "ice_servers";
  readonly leg: string;
  readonly ice_servers: readonly IceServer[];
  /** as in `ring` */
  readonly ice_lifetime: number | null;
}

export const readLegIceServers: Shape<LegIceServers> = fields({
  type: is("ice_servers"),
  leg: text,
  ice_servers: list(readIceServer),
  ice_lifetime: otherwise(orNull(number), null),
});

/** The answer to an offer, with all of the server's candidates in it. */
export interface LegAnswer {
  readonly type: "answer";
  readonly leg: string;
  readonly session: number;
  readonly sdp: string;
  readonly audio: "passthrough" | "opus" | "unknown";
}

export const readLegAnswer: Shape<LegAnswer> = fields({
  type: is("answer"),
  leg: text,
  session: number,
  sdp: text,
  audio: word("passthrough", "opus"),
});

/** A further ICE candidate of the server's. */
export interface LegServerCandidate {
  readonly type: "candidate";
  readonly leg: string;
  readonly session: number;
  readonly candidate: string;
  readonly sdpMid: string | null;
  readonly sdpMLineIndex: number | null;
}

export const readLegServerCandidate: Shape<LegServerCandidate> = fields({
  type: is("candidate"),
  leg: text,
  session: number,
  candidate: text,
  sdpMid: otherwise(orNull(text), null),
  sdpMLineIndex: otherwise(orNull(number), null),
});

/** No further candidate of the server's follows. */
export interface LegServerEndOfCandidates {
  readonly type: "end_of_candidates";
  readonly leg: string;
  readonly session: number;
}

export const readLegServerEndOfCandidates: Shape<LegServerEndOfCandidates> = fields({
  type: is("end_of_candidates"),
  leg: text,
  session: number,
});

/** Audio flows. The page may close an older connection. */
export interface LegConnected {
  readonly type: "connected";
  readonly leg: string;
  readonly session: number;
}

export const readLegConnected: Shape<LegConnected> = fields({
  type: is("connected"),
  leg: text,
  session: number,
});

/** This connection comes to nothing. Another offer may not. */
export interface LegFailed {
  readonly type: "failed";
  readonly leg: string;
  readonly session: number;
  readonly problem: FailedProblem;
}

export const readLegFailed: Shape<LegFailed> = fields({
  type: is("failed"),
  leg: text,
  session: number,
  problem: readFailedProblem,
});

/** How the connection fares: `up` is what the server receives, `down` what the browser does. */
export interface LegQuality {
  readonly type: "quality";
  readonly leg: string;
  readonly session: number;
  /** percent, as `down_loss` */
  readonly up_loss: number;
  readonly up_jitter_ms: number;
  readonly down_loss: number;
  readonly down_jitter_ms: number;
  readonly round_trip_ms: number | null;
  /** whether an offer with `audio: opus` would sound better */
  readonly advise_opus: boolean;
}

export const readLegQuality: Shape<LegQuality> = fields({
  type: is("quality"),
  leg: text,
  session: number,
  up_loss: number,
  up_jitter_ms: number,
  down_loss: number,
  down_jitter_ms: number,
  round_trip_ms: otherwise(orNull(number), null),
  advise_opus: otherwise(truth, false),
});

/** The media of the leg is over. It may be missing: `gone` says it too. */
export interface LegBye {
  readonly type: "bye";
  readonly leg: string;
  readonly cause: "ended" | "cancelled" | "lost" | "failed" | "unknown";
}

export const readLegBye: Shape<LegBye> = fields({
  type: is("bye"),
  leg: text,
  cause: word("ended", "cancelled", "lost", "failed"),
});

export const HANGUP_CAUSE = [
  "normal",
  "busy",
  "no_answer",
  "declined",
  "unreachable",
  "not_found",
  "trunk_unresolved",
  "trunk_unreachable",
  "forbidden",
  "unauthorized",
  "congestion",
  "incompatible",
  "failed",
  "media_timeout",
  "session_expired",
  "worker_lost",
  "core_lost",
  "ring_timeout",
  "not_free",
  "answered_elsewhere",
  "peer_ended",
  "cancelled",
  "transferred",
  "time_limit",
  "machine",
  "not_accepted",
] as const;
/** Why one leg ended. */
export type HangupCause = (typeof HANGUP_CAUSE)[number] | "unknown";
export const readHangupCause: Shape<HangupCause> = word(...HANGUP_CAUSE);

export const GONE_CAUSE = [
  "over",
] as const;
/** Why a leg is no matter of a page any more, where that is no hangup cause. */
export type GoneCause = (typeof GONE_CAUSE)[number] | "unknown";
export const readGoneCause: Shape<GoneCause> = word(...GONE_CAUSE);

/** The page has nothing more to do with the leg. Always sent, and the last about a leg. */
export interface LegIsGone {
  readonly type: "gone";
  readonly leg: string;
  readonly cause: HangupCause | GoneCause;
}

export const readLegIsGone: Shape<LegIsGone> = fields({
  type: is("gone"),
  leg: text,
  cause: word(...HANGUP_CAUSE, ...GONE_CAUSE),
});

/** Whatever the server says on this WebSocket. */
export type ServerLegMessage =
  | LegRing
  | LegIceServers
  | LegAnswer
  | LegServerCandidate
  | LegServerEndOfCandidates
  | LegConnected
  | LegFailed
  | LegQuality
  | LegBye
  | LegIsGone;

/** What reads each, by its type. */
export const LEG_MESSAGES = {
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
} as const;

/** Written by `python -m api.reference` from api/subprotocol/agent.py: edit there. */

import {
  readDisposition,
  readHangupCause,
  readIceServer,
  readLegAnswer,
  readLegBye,
  readLegConnected,
  readLegFailed,
  readLegIceServers,
  readLegIsGone,
  readLegQuality,
  readLegServerCandidate,
  readLegServerEndOfCandidates,
  readRefused,
  readTransfer,
  type Disposition,
  type HangupCause,
  type IceServer,
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
  type LegServerCandidate,
  type LegServerEndOfCandidates,
  type Refused,
  type Transfer,
} from "@ringback/browser-leg";
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
} from "@ringback/browser-leg/shapes";

export const AGENT_STATE = [
  "available",
  "ringing",
  "on_call",
  "wrap_up",
  "away",
  "offline",
] as const;
export type AgentState = (typeof AGENT_STATE)[number] | "unknown";
export const readAgentState: Shape<AgentState> = word(...AGENT_STATE);

export const POP_STATE = [
  "offered",
  "answered",
  "over",
] as const;
export type PopState = (typeof POP_STATE)[number] | "unknown";
export const readPopState: Shape<PopState> = word(...POP_STATE);

export const PUSH_PROGRESS = [
  "waiting",
  "sent",
  "accepted",
  "declined",
  "no_page",
] as const;
export type PushProgress = (typeof PUSH_PROGRESS)[number] | "unknown";
export const readPushProgress: Shape<PushProgress> = word(...PUSH_PROGRESS);

/** The agent may be called, or not. */
export interface ChooseState {
  readonly type: "choose_state";
  readonly state: "available" | "away";
}

/** The shopper hears music, and the agent a soft beep. */
export interface HoldCall {
  readonly type: "hold";
  readonly call_id: string;
}

/** Talk to the shopper again. A person who is rung or consulted is let go. */
export interface ResumeCall {
  readonly type: "resume";
  readonly call_id: string;
}

/** Transfer the call. */
export interface TransferCall {
  readonly type: "transfer";
  readonly call_id: string;
  readonly to: string;
  readonly mode: "blind" | "attended";
}

/** Leave an attended transfer: the shopper goes to the person consulted, or still being rung. */
export interface CompleteTransfer {
  readonly type: "complete_transfer";
  readonly call_id: string;
}

/** End the whole call, for the shopper too. */
export interface EndCall {
  readonly type: "end_call";
  readonly call_id: string;
}

/** Send the shopper's browser to a page. */
export interface PushPage {
  readonly type: "push_page";
  readonly call_id: string;
  /** an id of the catalogue, or a URL */
  readonly page: string;
}

/** The agent's note on this call. It replaces the one before. */
export interface WriteNote {
  readonly type: "note";
  readonly call_id: string;
  /** 4,000 characters at most */
  readonly text: string;
}

/** What the call was about. Ends the wrap-up. */
export interface WrapUpCall {
  readonly type: "wrap_up";
  readonly call_id: string;
  /** one of `desk.codes`, or null */
  readonly code: string | null;
}

/** Whatever the page says on this WebSocket. */
export type AgentPageMessage =
  | ChooseState
  | HoldCall
  | ResumeCall
  | TransferCall
  | CompleteTransfer
  | EndCall
  | PushPage
  | WriteNote
  | WrapUpCall
  | LegOffer
  | LegReattach
  | LegAskIceServers
  | LegCandidate
  | LegEndOfCandidates
  | LegHangUp
  | LegKey
  | LegHeard;

/** An agent, as their own page sees them. */
export interface AgentMe {
  readonly agent: string;
  readonly label: string;
  readonly state: AgentState;
}

export const readAgentMe: Shape<AgentMe> = fields({
  agent: text,
  label: text,
  state: readAgentState,
});

/** Who the agent is. Sent on connecting, and whenever something of it changes. */
export interface Me {
  readonly type: "me";
  readonly agent: string;
  readonly label: string;
  readonly state: AgentState;
  /** what the agent chose; null if nothing yet */
  readonly choice: "available" | "away" | "unknown" | null;
  /** queues of the PBX in which the agent's own phone is paused */
  readonly paused: readonly string[];
  /** the server's clock, in seconds since 1970 */
  readonly now: number;
}

export const readMe: Shape<Me> = fields({
  type: is("me"),
  agent: text,
  label: text,
  state: readAgentState,
  choice: otherwise(orNull(word("available", "away")), null),
  paused: otherwise(list(text), []),
  now: number,
});

/** A call that is over for the agent: what they may see of it, else empty. */
export interface PastCall {
  readonly call_id: string;
  readonly at: number;
  readonly site: string;
  readonly name: string;
  readonly name_signed: boolean;
  readonly number: string;
  readonly cause: HangupCause | null;
  readonly talked: boolean;
  readonly seconds: number;
}

export const readPastCall: Shape<PastCall> = fields({
  call_id: text,
  at: number,
  site: text,
  name: text,
  name_signed: truth,
  number: text,
  cause: orNull(readHangupCause),
  talked: truth,
  seconds: number,
});

/** The agent's last calls, the newest first. Sent on connecting, and when a call is over for them. */
export interface RecentCallList {
  readonly type: "recent_calls";
  /** 20 at most; `at` is when a call rang, `seconds` how long it was theirs */
  readonly calls: readonly PastCall[];
  /** the server's clock, in seconds since 1970 */
  readonly now: number;
}

export const readRecentCallList: Shape<RecentCallList> = fields({
  type: is("recent_calls"),
  calls: list(readPastCall),
  now: number,
});

/** A wrap-up code. */
export interface DeskCode {
  readonly code: string;
  readonly label: string;
}

export const readDeskCode: Shape<DeskCode> = fields({
  code: text,
  label: text,
});

/** Somebody that agents may transfer calls to. */
export interface DeskTarget {
  readonly to: string;
  readonly label: string;
  readonly kind: "agent" | "destination" | "route" | "unknown";
  readonly state: AgentState | null;
}

export const readDeskTarget: Shape<DeskTarget> = fields({
  to: text,
  label: text,
  kind: word("agent", "destination", "route"),
  state: otherwise(orNull(readAgentState), null),
});

/** A page of a site's catalogue. */
export interface DeskPage {
  readonly site: string;
  readonly id: string;
  readonly title: string;
  readonly url: string;
}

export const readDeskPage: Shape<DeskPage> = fields({
  site: text,
  id: text,
  title: text,
  url: text,
});

/** What this desk can do. Sent once after `me`, and again when the settings change. */
export interface DeskSettings {
  readonly type: "desk";
  readonly codes: readonly DeskCode[];
  /** seconds */
  readonly wrap_up: number;
  /** `state` is what an agent does now, null for other kinds; the reader is not among them */
  readonly transfers: readonly DeskTarget[];
  /** whether any other number may be dialled */
  readonly numbers: boolean;
  /** whether calls also ring on a phone of the agent's own */
  readonly own_phone: boolean;
  readonly pages: readonly DeskPage[];
  /** by site */
  readonly push: Readonly<Record<string, "off" | "ask" | "go" | "unknown">>;
}

export const readDeskSettings: Shape<DeskSettings> = fields({
  type: is("desk"),
  codes: list(readDeskCode),
  wrap_up: otherwise(number, 0.0),
  transfers: list(readDeskTarget),
  numbers: truth,
  own_phone: truth,
  pages: list(readDeskPage),
  push: mapping(word("off", "ask", "go")),
});

/** What other agents do now, of those who changed. Sent a moment later. */
export interface Colleagues {
  readonly type: "colleagues";
  /** by `to` of a transfer, such as `{"agent:ben": "wrap_up"}` */
  readonly states: Readonly<Record<string, AgentState>>;
}

export const readColleagues: Shape<Colleagues> = fields({
  type: is("colleagues"),
  states: mapping(readAgentState),
});

/** One known field of the shopper. */
export interface PopField {
  readonly key: string;
  readonly label: string;
  readonly value: string;
  readonly masked: boolean;
  readonly differs: boolean;
}

export const readPopField: Shape<PopField> = fields({
  key: text,
  label: text,
  value: text,
  masked: otherwise(truth, false),
  differs: otherwise(truth, false),
});

/** One page in another system. */
export interface FilledLink {
  readonly label: string;
  readonly url: string;
  readonly open: "offer" | "answer" | "never" | "unknown";
}

export const readFilledLink: Shape<FilledLink> = fields({
  label: text,
  url: text,
  open: word("offer", "answer", "never"),
});

/** What an agent wrote about a call. */
export interface EarlierNote {
  readonly agent: string;
  readonly code: string;
  readonly text: string;
}

export const readEarlierNote: Shape<EarlierNote> = fields({
  agent: text,
  code: text,
  text: text,
});

/** A call of the same shopper's that is over. */
export interface EarlierCall {
  readonly call_id: string;
  readonly at: number;
  readonly page: string;
  readonly disposition: Disposition;
  readonly talked_to: string;
  readonly seconds: number;
  readonly notes: readonly EarlierNote[];
}

export const readEarlierCall: Shape<EarlierCall> = fields({
  call_id: text,
  at: number,
  page: text,
  disposition: readDisposition,
  talked_to: text,
  seconds: number,
  notes: otherwise(list(readEarlierNote), []),
});

/** What one viewer sees of one call. */
export interface Pop {
  readonly call_id: string;
  readonly site: string;
  readonly by: "phone" | "pc" | "unknown";
  readonly number: string;
  readonly number_verified: boolean;
  readonly place: string;
  readonly page: string;
  readonly asked_at: number;
  readonly name: string;
  readonly name_signed: boolean;
  readonly page_known: boolean;
  readonly signed: readonly PopField[];
  readonly claimed: readonly PopField[];
  readonly links: readonly FilledLink[];
  readonly history: readonly EarlierCall[] | null;
}

export const readPop: Shape<Pop> = fields({
  call_id: text,
  site: text,
  by: word("phone", "pc"),
  number: text,
  number_verified: truth,
  place: text,
  page: text,
  asked_at: number,
  name: otherwise(text, ""),
  name_signed: otherwise(truth, false),
  page_known: otherwise(truth, false),
  signed: otherwise(list(readPopField), []),
  claimed: otherwise(list(readPopField), []),
  links: otherwise(list(readFilledLink), []),
  history: otherwise(orNull(list(readEarlierCall)), null),
});

/** Who is on the line, for calls in the browser and on the agent's other phones: [screen pop](screen-pop.md#to-the-agents-page). */
export interface ScreenPop {
  readonly type: "pop";
  readonly call_id: string;
  readonly state: PopState;
  /** since when, in seconds since 1970 */
  readonly since: number;
  /** the hangup cause, once it is over */
  readonly cause: HangupCause | null;
  readonly pop: Pop;
}

export const readScreenPop: Shape<ScreenPop> = fields({
  type: is("pop"),
  call_id: text,
  state: readPopState,
  since: number,
  cause: otherwise(orNull(readHangupCause), null),
  pop: readPop,
});

/** How a call of the agent's stands. Sent on connecting unless it is `over`, and at each change. */
export interface CallAtDesk {
  readonly type: "desk_call";
  readonly call_id: string;
  /** the name of the call's site in the settings, as in `pages` and `push` */
  readonly site: string;
  /** `talking` (also on hold), `wrap_up` (it is over, a code is wanted) or `over` */
  readonly state: "talking" | "wrap_up" | "over" | "unknown";
  /** when the call became theirs, in seconds since 1970 */
  readonly since: number | null;
  /** in `wrap_up`: when that ends by itself; else null */
  readonly until: number | null;
  /** whether the shopper is on hold */
  readonly held: boolean;
  /** the label of the person that the agent consults or rings, or null */
  readonly consulting: string | null;
  /** `ringing`, `talking`, `failed` (nobody took it, the shopper still waits) or null */
  readonly transfer: Transfer | null;
  /** `there`; `on_hold`: they have put the call on hold; `lost`: their connection is lost for the moment, and the call is kept */
  readonly shopper: "there" | "on_hold" | "lost" | "unknown";
  /** what this agent wrote; null if nothing */
  readonly note: string | null;
  /** the wrap-up code that they gave; null if none */
  readonly code: string | null;
}

export const readCallAtDesk: Shape<CallAtDesk> = fields({
  type: is("desk_call"),
  call_id: text,
  site: text,
  state: word("talking", "wrap_up", "over"),
  since: orNull(number),
  until: otherwise(orNull(number), null),
  held: otherwise(truth, false),
  consulting: otherwise(orNull(text), null),
  transfer: otherwise(orNull(readTransfer), null),
  shopper: otherwise(word("there", "on_hold", "lost"), "there"),
  note: otherwise(orNull(text), null),
  code: otherwise(orNull(text), null),
});

/** The note and the code are on disk. */
export interface Kept {
  readonly type: "kept";
  readonly call_id: string;
  readonly note: string | null;
  readonly code: string | null;
}

export const readKept: Shape<Kept> = fields({
  type: is("kept"),
  call_id: text,
  note: otherwise(orNull(text), null),
  code: otherwise(orNull(text), null),
});

/** What became of a page that was pushed. */
export interface PushState {
  readonly type: "push_state";
  readonly call_id: string;
  readonly url: string;
  readonly title: string;
  /** `waiting`: no page of the shopper's is connected; `no_page`: none was within a minute; else what the shopper's page has done */
  readonly state: PushProgress;
}

export const readPushState: Shape<PushState> = fields({
  type: is("push_state"),
  call_id: text,
  url: text,
  title: text,
  state: readPushProgress,
});

/** How the leg stands. Sent to the page that has it. */
export interface AgentLegState {
  readonly type: "leg_state";
  readonly leg: string;
  /** `answered`: its audio flows, the shopper is not joined yet; `joined`: the two talk */
  readonly state: "ringing" | "answered" | "joined" | "unknown";
  /** since when, in seconds since 1970 */
  readonly since: number;
}

export const readAgentLegState: Shape<AgentLegState> = fields({
  type: is("leg_state"),
  leg: text,
  state: word("ringing", "answered", "joined"),
  since: number,
});

/** A leg rings here, or is under way; with what the agent may see of the shopper now. */
export interface AgentRing {
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
  /** as in `leg_state` */
  readonly state: "ringing" | "answered" | "joined" | "unknown";
  /** since when, in seconds since 1970 */
  readonly since: number;
  /** what people call the site */
  readonly site: string;
  readonly page: string;
  /** masked; empty if it is not known */
  readonly number: string;
  readonly number_verified: boolean;
  readonly name: string;
  readonly name_signed: boolean;
  /** what is known of the shopper */
  readonly context: Readonly<Record<string, string>>;
}

export const readAgentRing: Shape<AgentRing> = fields({
  type: is("ring"),
  leg: text,
  call_id: text,
  ice_servers: list(readIceServer),
  ice_lifetime: otherwise(orNull(number), null),
  now: number,
  under_way: truth,
  state: word("ringing", "answered", "joined"),
  since: number,
  site: otherwise(text, ""),
  page: otherwise(text, ""),
  number: otherwise(text, ""),
  number_verified: otherwise(truth, false),
  name: otherwise(text, ""),
  name_signed: otherwise(truth, false),
  context: otherwise(mapping(text), {}),
});

/** Whatever the server says on this WebSocket. */
export type AgentServerMessage =
  | Me
  | RecentCallList
  | DeskSettings
  | Colleagues
  | ScreenPop
  | CallAtDesk
  | Kept
  | PushState
  | AgentLegState
  | AgentRing
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
export const AGENT_MESSAGES = {
  me: readMe,
  recent_calls: readRecentCallList,
  desk: readDeskSettings,
  colleagues: readColleagues,
  pop: readScreenPop,
  desk_call: readCallAtDesk,
  kept: readKept,
  push_state: readPushState,
  leg_state: readAgentLegState,
  ring: readAgentRing,
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

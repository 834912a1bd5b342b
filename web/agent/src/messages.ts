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
  readScope,
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
  type Scope,
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

export const VIEW_END = [
  "shopper",
  "agent",
  "talk_ended",
  "too_long",
  "idle",
  "declined",
  "unanswered",
  "gone",
  "replaced",
  "server",
] as const;
export type ViewEnd = (typeof VIEW_END)[number] | "unknown";
export const readViewEnd: Shape<ViewEnd> = word(...VIEW_END);

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

/** Take the chat that is offered. `desk_chat` follows, with the state `talking` or `over`. */
export interface AcceptChat {
  readonly type: "chat_accept";
  readonly chat_id: string;
}

/** Do not take it: the next one is asked. */
export interface DeclineChat {
  readonly type: "chat_decline";
  readonly chat_id: string;
}

/** Send the entries of a chat that the agent has, is offered or watches: all after a number, or the last 50. */
export interface FollowDeskChat {
  readonly type: "desk_follow";
  readonly chat_id: string;
  readonly after?: number | null;
}

/** Send the 50 entries before a number. */
export interface EarlierDeskEntries {
  readonly type: "desk_earlier";
  readonly chat_id: string;
  readonly before: number;
}

/** The agent writes something. */
export interface SayAtDesk {
  readonly type: "desk_say";
  readonly chat_id: string;
  /** random; the same key again is the same entry */
  readonly key: string;
  readonly text: string;
  /** the canned reply that it was made of */
  readonly canned?: string | null;
}

/** The agent is typing: at most every 3 s. */
export interface TypeAtDesk {
  readonly type: "desk_typing";
  readonly chat_id: string;
}

/** End the chat. */
export interface EndDeskChat {
  readonly type: "desk_end";
  readonly chat_id: string;
  /** what it was about: one of `desk.codes` */
  readonly code?: string | null;
}

/** Pass the chat on: to `agent:NAME`, to `queue:NAME`, or to its own `queue`. */
export interface PassChat {
  readonly type: "chat_pass";
  readonly chat_id: string;
  readonly to: string;
  /** for agents' eyes alone */
  readonly note?: string;
}

/** Write something for agents' eyes alone. */
export interface WhisperInChat {
  readonly type: "chat_whisper";
  readonly chat_id: string;
  /** random; the same key again is the same entry */
  readonly key: string;
  readonly text: string;
}

/** Offer the shopper a page, as a card in the chat. */
export interface OfferPage {
  readonly type: "chat_page";
  readonly chat_id: string;
  /** random; the same key again is the same entry */
  readonly key: string;
  /** an id of the catalogue, or a URL */
  readonly page: string;
}

/** Ask the shopper for a call: their page asks for the number, and places it. */
export interface CallInstead {
  readonly type: "chat_call";
  readonly chat_id: string;
}

/** Look into a chat of anybody's, or look no more: for who has the right `supervise`. */
export interface WatchChat {
  readonly type: "chat_watch";
  readonly chat_id: string;
  readonly on: boolean;
}

/** Take a chat over, from its agent or out of the queue: for who has the right `supervise`. */
export interface TakeChat {
  readonly type: "chat_take";
  readonly chat_id: string;
}

/** The agent's note and code on a chat that they had. They replace those before. */
export interface WrapUpChat {
  readonly type: "chat_wrap_up";
  readonly chat_id: string;
  readonly note: string;
  /** one of `desk.codes`, or null */
  readonly code: string | null;
}

/** The agent is done with a chat that is over. Ends the wrap-up. */
export interface FinishChat {
  readonly type: "chat_done";
  readonly chat_id: string;
}

/** Send the canned replies that the agent has in a chat of theirs, filled in by what is known now. */
export interface AskCanned {
  readonly type: "ask_canned";
  readonly chat_id: string;
}

/** Ask the shopper of a call or a chat to share their page; what they must agree to. */
export interface AskView {
  readonly type: "ask_view";
  /** the id of a call or a chat that the agent has */
  readonly talk: string;
  /** `see`, `point` (and scroll), `fill` (and click) */
  readonly scopes: readonly ("see" | "point" | "fill")[];
}

/** See the page whose code the shopper has read out. */
export interface JoinView {
  readonly type: "join_view";
  /** the id of the call that the agent has with the shopper */
  readonly talk: string;
  readonly code: string;
  /** `see`, `point` (and scroll), `fill` (and click) */
  readonly scopes: readonly ("see" | "point" | "fill")[];
}

/** Send a token for a document that is opened again, or for a supervisor's. */
export interface RenewView {
  readonly type: "view_token";
  readonly view: string;
}

/** End the view, or take the question back. */
export interface EndDeskView {
  readonly type: "end_view";
  readonly view: string;
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
  | AcceptChat
  | DeclineChat
  | FollowDeskChat
  | EarlierDeskEntries
  | SayAtDesk
  | TypeAtDesk
  | EndDeskChat
  | PassChat
  | WhisperInChat
  | OfferPage
  | CallInstead
  | WatchChat
  | TakeChat
  | WrapUpChat
  | FinishChat
  | AskCanned
  | AskView
  | JoinView
  | RenewView
  | EndDeskView
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

/** The agent's list of leads has changed: how many there are. Only where leads are followed. */
export interface LeadsMoved {
  readonly type: "leads_moved";
  readonly open: number;
  readonly due: number;
  readonly overdue: number;
  readonly mine: number;
}

export const readLeadsMoved: Shape<LeadsMoved> = fields({
  type: is("leads_moved"),
  open: number,
  due: number,
  overdue: number,
  mine: number,
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
  /** by site: what this agent may ask shoppers to share */
  readonly views: Readonly<Record<string, readonly Scope[]>>;
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
  views: otherwise(mapping(list(readScope)), {}),
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

/** A call or a chat of the same shopper's that is over; a call that came of a chat has the ids of both. */
export interface EarlierContact {
  readonly call_id: string | null;
  readonly at: number;
  readonly page: string;
  readonly disposition: Disposition | null;
  readonly talked_to: string;
  readonly seconds: number;
  readonly notes: readonly EarlierNote[];
  readonly chat_id: string | null;
  readonly outcome: "answered" | "escalated" | "message" | "callback" | "abandoned" | "unanswered" | "self_served" | "refused" | "lost" | "unknown" | null;
}

export const readEarlierContact: Shape<EarlierContact> = fields({
  call_id: orNull(text),
  at: number,
  page: text,
  disposition: orNull(readDisposition),
  talked_to: text,
  seconds: number,
  notes: otherwise(list(readEarlierNote), []),
  chat_id: otherwise(orNull(text), null),
  outcome: otherwise(orNull(word("answered", "escalated", "message", "callback", "abandoned", "unanswered", "self_served", "refused", "lost")), null),
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
  readonly history: readonly EarlierContact[] | null;
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
  history: otherwise(orNull(list(readEarlierContact)), null),
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

export const CHAT_STATE = [
  "guided",
  "waiting",
  "offered",
  "talking",
  "ended",
] as const;
/** Where a chat stands. */
export type ChatState = (typeof CHAT_STATE)[number] | "unknown";
export const readChatState: Shape<ChatState> = word(...CHAT_STATE);

/** How the chat stands. Sent on connecting, and at each change. */
export interface ChatMoved {
  readonly type: "chat_state";
  /** `guided` (questions), `waiting`, `offered` (agents are asked), `talking`, `ended` */
  readonly state: ChatState;
  /** what the agent is called who has it */
  readonly agent: string | null;
  /** place in line, 1 being next */
  readonly position: number | null;
  /** the expected wait, in seconds */
  readonly wait: number | null;
  /** what the shopper may do instead of only waiting */
  readonly choices: readonly ("wait" | "message" | "callback" | "unknown")[];
  /** how the call beside the chat stands */
  readonly call: "none" | "asked" | "placed" | "bridged" | "over" | "unknown";
  readonly call_id: string | null;
  /** once it has ended */
  readonly outcome: "answered" | "escalated" | "message" | "callback" | "abandoned" | "unanswered" | "self_served" | "refused" | "lost" | "unknown" | null;
  /** who or what ended it */
  readonly cause: "shopper" | "agent" | "idle" | "shopper_gone" | "choice" | "flow" | "server" | "unknown" | null;
  /** whether a word of the shopper's opens it again */
  readonly reopens: boolean;
  /** whether to ask how it was */
  readonly survey: boolean;
  /** the server's clock, in seconds since 1970 */
  readonly now: number;
}

export const readChatMoved: Shape<ChatMoved> = fields({
  type: is("chat_state"),
  state: readChatState,
  agent: otherwise(orNull(text), null),
  position: otherwise(orNull(number), null),
  wait: otherwise(orNull(number), null),
  choices: otherwise(list(word("wait", "message", "callback")), []),
  call: otherwise(word("none", "asked", "placed", "bridged", "over"), "none"),
  call_id: otherwise(orNull(text), null),
  outcome: otherwise(orNull(word("answered", "escalated", "message", "callback", "abandoned", "unanswered", "self_served", "refused", "lost")), null),
  cause: otherwise(orNull(word("shopper", "agent", "idle", "shopper_gone", "choice", "flow", "server")), null),
  reopens: otherwise(truth, false),
  survey: otherwise(truth, false),
  now: number,
});

/** A chat that the agent is offered, has or watches. Sent on connecting, and at each change. */
export interface ChatAtDesk {
  readonly type: "desk_chat";
  readonly chat_id: string;
  /** the name of its site in the settings, as in `pages` and `push` */
  readonly site: string;
  /** what it is to this agent; `over`: theirs no more, `why` tells */
  readonly state: "offered" | "talking" | "watching" | "over" | "unknown";
  /** why it is theirs no more */
  readonly why: "taken" | "timeout" | "declined" | "over" | "gone" | "passed_on" | "unknown" | null;
  /** what the agent is called who has it now */
  readonly by: string | null;
  /** when the offer ends; in `over`, when the wrap-up ends, null: there is none; in seconds since 1970 */
  readonly until: number | null;
  /** how it stands, as the shopper is told */
  readonly chat: ChatMoved;
  /** how passing it on to an agent stands */
  readonly passing: "ringing" | "failed" | "unknown" | null;
  /** when the shopper asked for it, in seconds since 1970 */
  readonly asked_at: number;
  /** what the agent may see of the shopper, as for calls */
  readonly pop: Pop | null;
}

export const readChatAtDesk: Shape<ChatAtDesk> = fields({
  type: is("desk_chat"),
  chat_id: text,
  site: text,
  state: word("offered", "talking", "watching", "over"),
  why: otherwise(orNull(word("taken", "timeout", "declined", "over", "gone", "passed_on")), null),
  by: otherwise(orNull(text), null),
  until: otherwise(orNull(number), null),
  chat: readChatMoved,
  passing: otherwise(orNull(word("ringing", "failed")), null),
  asked_at: number,
  pop: orNull(readPop),
});

/** An entry, as it is told. */
export interface ChatLineTold {
  readonly seq: number;
  readonly at: number;
  readonly by: "shopper" | "agent" | "system" | "flow" | "unknown";
  readonly kind: "text" | "holding" | "note" | "card" | "event" | "unknown";
  readonly text: string;
  readonly agent: string | null;
  readonly key: string | null;
  readonly canned: string | null;
}

export const readChatLineTold: Shape<ChatLineTold> = fields({
  seq: number,
  at: number,
  by: word("shopper", "agent", "system", "flow"),
  kind: word("text", "holding", "note", "card", "event"),
  text: text,
  agent: otherwise(orNull(text), null),
  key: otherwise(orNull(text), null),
  canned: otherwise(orNull(text), null),
});

/** Entries of a chat at the desk; notes have numbers below 0, counted apart. */
export interface ChatHeard {
  readonly type: "desk_entries";
  readonly chat_id: string;
  readonly entries: readonly ChatLineTold[];
  /** whether there are earlier ones, which were not sent */
  readonly earlier: boolean;
}

export const readChatHeard: Shape<ChatHeard> = fields({
  type: is("desk_entries"),
  chat_id: text,
  entries: list(readChatLineTold),
  earlier: otherwise(truth, false),
});

/** The shopper is typing. Gone after 6 s. */
export interface ShopperTypes {
  readonly type: "shopper_typing";
  readonly chat_id: string;
}

export const readShopperTypes: Shape<ShopperTypes> = fields({
  type: is("shopper_typing"),
  chat_id: text,
});

/** This key came again: it is the entry of this number. */
export interface SentAtDesk {
  readonly type: "desk_sent";
  readonly chat_id: string;
  readonly key: string;
  readonly seq: number;
}

export const readSentAtDesk: Shape<SentAtDesk> = fields({
  type: is("desk_sent"),
  chat_id: text,
  key: text,
  seq: number,
});

/** The shopper waits for the agent's word: make a sound. */
export interface ChatNudge {
  readonly type: "chat_nudge";
  readonly chat_id: string;
}

export const readChatNudge: Shape<ChatNudge> = fields({
  type: is("chat_nudge"),
  chat_id: text,
});

/** An open chat, as supervisors see it. */
export interface BoardChat {
  readonly chat_id: string;
  readonly site: string;
  readonly state: ChatState;
  readonly agent: string | null;
  readonly asked_at: number;
  readonly away: boolean;
}

export const readBoardChat: Shape<BoardChat> = fields({
  chat_id: text,
  site: text,
  state: readChatState,
  agent: orNull(text),
  asked_at: number,
  away: otherwise(truth, false),
});

/** All open chats, for who has the right `supervise`. Sent on connecting, and a moment after a change. */
export interface ChatBoard {
  readonly type: "chat_board";
  /** `away`: its agent's connection is lost */
  readonly chats: readonly BoardChat[];
}

export const readChatBoard: Shape<ChatBoard> = fields({
  type: is("chat_board"),
  chats: list(readBoardChat),
});

/** The note and the code are on disk. */
export interface ChatKept {
  readonly type: "chat_kept";
  readonly chat_id: string;
  readonly note: string;
  readonly code: string | null;
}

export const readChatKept: Shape<ChatKept> = fields({
  type: is("chat_kept"),
  chat_id: text,
  note: text,
  code: otherwise(orNull(text), null),
});

/** A canned reply, as it is told. */
export interface CannedOption {
  readonly name: string;
  readonly title: string;
  /** what nobody knows stands between ⟦ and ⟧: a text with a gap is refused */
  readonly text: string;
  /** what the gaps ask for, in order */
  readonly gaps: readonly string[];
}

export const readCannedOption: Shape<CannedOption> = fields({
  name: text,
  title: text,
  text: text,
  gaps: list(text),
});

/** The canned replies that the agent has in a chat, by title. */
export interface CannedReplies {
  readonly type: "chat_canned";
  readonly chat_id: string;
  readonly replies: readonly CannedOption[];
}

export const readCannedReplies: Shape<CannedReplies> = fields({
  type: is("chat_canned"),
  chat_id: text,
  replies: list(readCannedOption),
});

/** How a view of the agent's stands. Sent on connecting, and at each change. */
export interface DeskView {
  readonly type: "view";
  /** its id; empty where `refused` says why there is none */
  readonly view: string;
  /** the call or the chat */
  readonly talk: string;
  readonly state: "asked" | "agreed" | "seeing" | "paused" | "ended" | "unknown";
  /** what was asked for */
  readonly scopes: readonly Scope[];
  readonly agreed: readonly Scope[];
  /** opens `/v1/agents/views/{view}` once, within 60 s; only where one was asked for */
  readonly token: string | null;
  /** seconds until the view ends at the latest; null: not begun */
  readonly ends_in: number | null;
  /** why it ended */
  readonly reason: ViewEnd | null;
  /** why nothing was done, as one word */
  readonly refused: string | null;
  /** the same in a sentence, for the agent */
  readonly detail: string;
}

export const readDeskView: Shape<DeskView> = fields({
  type: is("view"),
  view: text,
  talk: text,
  state: word("asked", "agreed", "seeing", "paused", "ended"),
  scopes: list(readScope),
  agreed: list(readScope),
  token: otherwise(orNull(text), null),
  ends_in: otherwise(orNull(number), null),
  reason: otherwise(orNull(readViewEnd), null),
  refused: otherwise(orNull(text), null),
  detail: otherwise(text, ""),
});

/** A shared view of somebody else's. */
export interface RunningView {
  readonly view: string;
  /** the call or the chat */
  readonly talk: string;
  readonly site: string;
  readonly state: "asked" | "agreed" | "seeing" | "paused" | "ended" | "unknown";
  /** whose it is, by what they are called */
  readonly agent: string;
  /** who looks at the page now */
  readonly agents: readonly string[];
}

export const readRunningView: Shape<RunningView> = fields({
  view: text,
  talk: text,
  site: text,
  state: word("asked", "agreed", "seeing", "paused", "ended"),
  agent: text,
  agents: list(text),
});

/** All shared views that run, for who has the right `supervise`: `view_token` opens one. Sent on connecting, and a moment after a change. */
export interface RunningViews {
  readonly type: "views";
  readonly views: readonly RunningView[];
}

export const readRunningViews: Shape<RunningViews> = fields({
  type: is("views"),
  views: list(readRunningView),
});

/** Whatever the server says on this WebSocket. */
export type AgentServerMessage =
  | Me
  | LeadsMoved
  | RecentCallList
  | DeskSettings
  | Colleagues
  | ScreenPop
  | CallAtDesk
  | Kept
  | PushState
  | AgentLegState
  | AgentRing
  | ChatAtDesk
  | ChatHeard
  | ShopperTypes
  | SentAtDesk
  | ChatNudge
  | ChatBoard
  | ChatKept
  | CannedReplies
  | DeskView
  | RunningViews
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
  leads_moved: readLeadsMoved,
  recent_calls: readRecentCallList,
  desk: readDeskSettings,
  colleagues: readColleagues,
  pop: readScreenPop,
  desk_call: readCallAtDesk,
  kept: readKept,
  push_state: readPushState,
  leg_state: readAgentLegState,
  ring: readAgentRing,
  desk_chat: readChatAtDesk,
  desk_entries: readChatHeard,
  shopper_typing: readShopperTypes,
  desk_sent: readSentAtDesk,
  chat_nudge: readChatNudge,
  chat_board: readChatBoard,
  chat_kept: readChatKept,
  chat_canned: readCannedReplies,
  view: readDeskView,
  views: readRunningViews,
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

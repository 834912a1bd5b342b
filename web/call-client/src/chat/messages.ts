/** Written by `python -m api.reference` from api/subprotocol/chat.py: edit there. */

import {
  readRefused,
  readSharedViewAsked,
  readSharedViewOver,
  type Refused,
  type SharedViewAsked,
  type SharedViewOver,
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

/** Send the entries: all after a number, or the last 50. */
export interface FollowChat {
  readonly type: "chat_follow";
  /** the last entry that the page has; null: none */
  readonly after?: number | null;
}

/** Send the 50 entries before a number. */
export interface EarlierEntries {
  readonly type: "chat_earlier";
  readonly before: number;
}

/** The shopper writes something. */
export interface SayInChat {
  readonly type: "chat_say";
  /** random; the same key again is the same entry */
  readonly key: string;
  readonly text: string;
}

/** The shopper is typing: at most every 3 s. */
export interface TypeInChat {
  readonly type: "chat_typing";
}

/** The shopper ends the chat. */
export interface EndChat {
  readonly type: "chat_end";
}

/** What the shopper wants while nobody has time: one of `choices`. */
export interface ChooseInChat {
  readonly type: "chat_choose";
  readonly choice: "wait" | "message" | "callback";
  /** the message; it may also be in the chat already */
  readonly text?: string;
  /** an e-mail address or a phone number for the answer to a message */
  readonly reply_to?: string;
  /** the phone number for a callback, as it was typed */
  readonly number?: string | null;
  /** where a number without +… belongs to */
  readonly country?: string | null;
}

/** How it was, once. */
export interface RateChat {
  readonly type: "chat_rate";
  readonly rating: number;
  readonly text?: string;
}

/** The shopper opens the page that the agent offered, or does not want it. */
export interface AnswerCard {
  readonly type: "chat_card";
  readonly accepted: boolean;
}

/** Skip the question, change an answer, ask for a person, or go one of the `ways`. */
export interface MoveInFlow {
  readonly type: "chat_step";
  readonly do: "skip" | "back" | "person" | "way";
  /** with `back` the `key` of an answer, empty for the last; with `way` one of them */
  readonly to?: string;
}

/** Whatever the page says on this WebSocket. */
export type ChatPageMessage =
  | FollowChat
  | EarlierEntries
  | SayInChat
  | TypeInChat
  | EndChat
  | ChooseInChat
  | RateChat
  | AnswerCard
  | MoveInFlow;

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

/** Entries, in order. `seq` counts from 1 without gaps: whoever misses one follows again. */
export interface ChatEntries {
  readonly type: "chat_entries";
  /** `key` is told to the page's own side alone; `card` has its title and its address on two lines; the `text` of an `event` says what happened */
  readonly entries: readonly ChatLineTold[];
  /** whether there are earlier ones, which were not sent */
  readonly earlier: boolean;
}

export const readChatEntries: Shape<ChatEntries> = fields({
  type: is("chat_entries"),
  entries: list(readChatLineTold),
  earlier: otherwise(truth, false),
});

/** The other side is typing. Gone after 6 s. */
export interface ChatTyping {
  readonly type: "agent_typing";
}

export const readChatTyping: Shape<ChatTyping> = fields({
  type: is("agent_typing"),
});

/** This key came again: it is the entry of this number. */
export interface ChatSent {
  readonly type: "chat_sent";
  readonly key: string;
  readonly seq: number;
}

export const readChatSent: Shape<ChatSent> = fields({
  type: is("chat_sent"),
  key: text,
  seq: number,
});

/** The question that is open. */
export interface FlowQuestionTold {
  readonly key: string;
  readonly text: string;
  readonly kind: "year" | "choice" | "text" | "postal_code" | "phone" | "email" | "unknown";
  /** what there is to choose from; none where there are too many */
  readonly choices: readonly string[];
  readonly may_skip: boolean;
  /** the answer that is being changed */
  readonly value: string;
  /** what the shopper agrees to by answering */
  readonly consent: string;
}

export const readFlowQuestionTold: Shape<FlowQuestionTold> = fields({
  key: text,
  text: text,
  kind: word("year", "choice", "text", "postal_code", "phone", "email"),
  choices: list(text),
  may_skip: truth,
  value: text,
  consent: text,
});

/** A way on. */
export interface FlowWayTold {
  readonly way: "call" | "pc" | "chat" | "callback" | "message" | "later" | "unknown";
  readonly label: string;
}

export const readFlowWayTold: Shape<FlowWayTold> = fields({
  way: word("call", "pc", "chat", "callback", "message", "later"),
  label: text,
});

/** An answer, which the shopper may change. */
export interface FlowAnswerTold {
  readonly key: string;
  readonly label: string;
  /** empty where the question was skipped */
  readonly value: string;
}

export const readFlowAnswerTold: Shape<FlowAnswerTold> = fields({
  key: text,
  label: text,
  value: text,
});

/** What a guided chat waits for. Sent on following it, and at each change. */
export interface FlowStands {
  readonly type: "chat_flow";
  /** null where the shopper is offered `ways` */
  readonly question: FlowQuestionTold | null;
  readonly ways: readonly FlowWayTold[];
  readonly answers: readonly FlowAnswerTold[];
  /** whether nothing is asked any more */
  readonly over: boolean;
}

export const readFlowStands: Shape<FlowStands> = fields({
  type: is("chat_flow"),
  question: orNull(readFlowQuestionTold),
  ways: list(readFlowWayTold),
  answers: list(readFlowAnswerTold),
  over: otherwise(truth, false),
});

/** Whatever the server says on this WebSocket. */
export type ChatServerMessage =
  | ChatMoved
  | ChatEntries
  | ChatTyping
  | ChatSent
  | FlowStands
  | SharedViewAsked
  | SharedViewOver
  | Refused;

/** What reads each, by its type. */
export const CHAT_MESSAGES = {
  chat_state: readChatMoved,
  chat_entries: readChatEntries,
  agent_typing: readChatTyping,
  chat_sent: readChatSent,
  chat_flow: readFlowStands,
  shared_view: readSharedViewAsked,
  shared_view_over: readSharedViewOver,
  refused: readRefused,
} as const;

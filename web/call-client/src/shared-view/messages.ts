/** Written by `python -m api.reference` from api/subprotocol/views.py: edit there. */

/** The first message, within 5 s. */
export interface ViewHello {
  readonly type: "hello";
  readonly token: string;
  readonly tab: string;
  readonly url: string;
  readonly title?: string;
  readonly visible: boolean;
  /** this tab took part already, before it was loaded again */
  readonly resumed?: boolean;
}

/** The shopper agrees, to these scopes and to no other. */
export interface GiveConsent {
  readonly type: "consent";
  readonly scopes: readonly ("see" | "point" | "fill")[];
  /** of the words that were shown */
  readonly version: string;
}

/** The shopper does not agree. To more scopes: the view goes on as it was. */
export interface DeclineConsent {
  readonly type: "decline";
}

/** The shopper takes scopes back. Without `see` the view ends. */
export interface RevokeConsent {
  readonly type: "revoke";
  readonly scopes: readonly ("see" | "point" | "fill")[];
}

/** End the view. Said by the shopper's page, and by the agent's. */
export interface EndSharedView {
  readonly type: "end";
}

/** What the recorder gave, in order. */
export interface RecordedEvents {
  readonly type: "events";
  /** the number that `record` gave to this document */
  readonly page: number;
  /** counts the messages `events` and `part` of this document, from 0 */
  readonly seq: number;
  /** events of rrweb */
  readonly events: readonly (Readonly<Record<string, unknown>>)[];
}

/** A piece of one large event, such as a snapshot. */
export interface RecordedPart {
  readonly type: "part";
  /** the number that `record` gave to this document */
  readonly page: number;
  /** as in `events` */
  readonly seq: number;
  /** a number of this event */
  readonly of: number;
  /** from 0, in order */
  readonly index: number;
  readonly count: number;
  /** a piece of its JSON text */
  readonly data: string;
}

/** The page is larger than anything that is shown: nothing of it is recorded. */
export interface TooLargeToRecord {
  readonly type: "too_large";
  /** the number that `record` gave to this document */
  readonly page: number;
}

/** Whether this tab is the one that the shopper looks at. */
export interface TabVisible {
  readonly type: "visible";
  readonly visible: boolean;
}

/** What became of an action. */
export interface ActionDone {
  readonly type: "done";
  readonly action: string;
  readonly result: "done" | "refused" | "declined";
  /** why not, as one word */
  readonly reason?: string;
}

/** Where a pointer is: 15 a second at most. Said by the shopper's page, and by the agent's. */
export interface PointAt {
  readonly type: "pointer";
  /** rrweb's number of an element */
  readonly node: number;
  /** from the left of the element's box, as a share of its width */
  readonly dx: number;
  /** from its top, as a share of its height */
  readonly dy: number;
}

/** The answer to `ping`. */
export interface PagePong {
  readonly type: "pong";
}

/** What a shopper is asked, in words. What they agree to is kept with the version of these words. */
export interface ViewConsent {
  readonly version: string;
  readonly language: string;
  /** by scope: `see`, `point`, `fill` */
  readonly words: Readonly<Record<string, string>>;
  /** what the site adds; may be empty */
  readonly note: string;
}

/** What the page itself leaves out before it sends anything. The server judges by the same rules again. */
export interface ViewRules {
  readonly mask: readonly string[];
  readonly show: readonly string[];
  readonly never_fill: readonly string[];
  readonly never_click: readonly string[];
  readonly private_by_default: boolean;
}

/** The answer to `hello`. */
export interface ViewWelcome {
  readonly type: "welcome";
  readonly state: "asked" | "agreed" | "seeing" | "paused" | "ended";
  /** what the agent is called; empty while nobody has typed the code */
  readonly agent: string;
  /** what the agent asks for, or has asked for */
  readonly scopes: readonly ("see" | "point" | "fill")[];
  readonly agreed: readonly ("see" | "point" | "fill")[];
  /** the question, while it is open */
  readonly consent: ViewConsent | null;
  /** seconds until the view ends at the latest; null: not begun */
  readonly ends_in: number | null;
  readonly rules: ViewRules;
}

/** Record this tab, or do not any more. */
export interface RecordPage {
  readonly type: "record";
  readonly on: boolean;
  /** the number of this document, for `events`; each start has a new one */
  readonly page: number;
}

/** Take a full snapshot: at most one in 2 s. */
export interface WishSnapshot {
  readonly type: "snapshot";
}

/** Do this on the page, if its own rules allow it. Answer with `done`. */
export interface DoAction {
  readonly type: "action";
  readonly action: string;
  readonly kind: "point" | "highlight" | "scroll" | "propose" | "fill" | "click" | "navigate";
  /** rrweb's number of an element */
  readonly node: number | null;
  /** what to fill in, or an address */
  readonly value: string | null;
  /** what to show beside it */
  readonly word: string | null;
  /** what the agent is called */
  readonly agent: string;
  /** whether the shopper is asked first */
  readonly ask: boolean;
}

/** Where the agent's pointer is. */
export interface AgentPoints {
  readonly type: "pointer";
  /** rrweb's number of an element */
  readonly node: number;
  readonly dx: number;
  readonly dy: number;
  readonly agent: string;
}

/** An agent asks for scopes: for the first time where the view began with a code, or for more. */
export interface ConsentAsked {
  readonly type: "ask";
  readonly agent: string;
  readonly scopes: readonly ("see" | "point" | "fill")[];
  readonly consent: ViewConsent;
  /** seconds in which to answer */
  readonly expires_in: number;
}

/** How the view stands, at each change. */
export interface ViewMoved {
  readonly type: "state";
  readonly state: "asked" | "agreed" | "seeing" | "paused" | "ended";
  readonly agent: string;
  readonly agreed: readonly ("see" | "point" | "fill")[];
  /** who looks at the page now, by what they are called */
  readonly agents: readonly string[];
  /** seconds until the view ends at the latest; null: not begun */
  readonly ends_in: number | null;
}

/** The view is over. The last message; the socket closes with 1000. */
export interface ViewOver {
  readonly type: "ended";
  readonly reason: "shopper" | "agent" | "talk_ended" | "too_long" | "idle" | "declined" | "unanswered" | "gone" | "replaced" | "server";
}

/** Every 25 s; answer with `pong`. */
export interface PingPage {
  readonly type: "ping";
}

/** Why the server did not do what a page asked for. */
export type RefusalReason = "not_understood" | "unknown_type" | "not_yours" | "not_now" | "target_unknown" | "number_refused" | "nobody_there" | "page_unknown" | "page_refused" | "code_unknown" | "not_kept" | "too_fast" | "too_long" | "gap" | "chat_over";

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

export type ViewPageMessage =
  | ViewHello
  | GiveConsent
  | DeclineConsent
  | RevokeConsent
  | EndSharedView
  | RecordedEvents
  | RecordedPart
  | TooLargeToRecord
  | TabVisible
  | ActionDone
  | PointAt
  | PagePong;

export type ViewServerMessage =
  | ViewWelcome
  | RecordPage
  | WishSnapshot
  | DoAction
  | AgentPoints
  | ConsentAsked
  | ViewMoved
  | ViewOver
  | PingPage
  | Refused;

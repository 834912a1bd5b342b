/** Written by `python -m api.reference` from api/subprotocol/view_desks.py: edit there. */

/** The first message, within 5 s. */
export interface AgentViewHello {
  readonly type: "hello";
  /** from `view` at the desk; good once */
  readonly token: string;
}

/** Do something on the shopper's page. */
export interface WishAction {
  readonly type: "action";
  /** a name of the document's own: `result` has it, too */
  readonly action: string;
  readonly kind: "point" | "highlight" | "scroll" | "propose" | "fill" | "click" | "navigate";
  /** rrweb's number of an element; null for `navigate` */
  readonly node?: number | null;
  /** what to fill in, or the address for `navigate` */
  readonly value?: string | null;
  /** what to show beside what is pointed at or highlighted */
  readonly word?: string | null;
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

/** Ask the shopper for more scopes. */
export interface AskForMore {
  readonly type: "ask";
  readonly scopes: readonly ("see" | "point" | "fill")[];
}

/** The document has lost its place: send a new snapshot. */
export interface WishPicture {
  readonly type: "again";
}

/** End the view. Said by the shopper's page, and by the agent's. */
export interface EndSharedView {
  readonly type: "end";
}

/** The answer to `ping`. */
export interface PagePong {
  readonly type: "pong";
}

/** The page that the shopper looks at. */
export interface ShownPage {
  /** the number of this document, as in `events` */
  readonly n: number;
  /** without its query and fragment */
  readonly url: string;
  /** empty where texts are private */
  readonly title: string;
}

/** The answer to `hello`. `page` and `events` follow. */
export interface AgentWelcome {
  readonly type: "welcome";
  readonly state: "asked" | "agreed" | "seeing" | "paused" | "ended";
  /** what this agent may ask for and use, by site and by right */
  readonly scopes: readonly ("see" | "point" | "fill")[];
  readonly agreed: readonly ("see" | "point" | "fill")[];
  /** null: nothing is shown yet */
  readonly page: ShownPage | null;
  /** seconds until the view ends at the latest; null: not begun */
  readonly ends_in: number | null;
}

/** Another document or tab: the replayer starts over. */
export interface PageTurned {
  readonly type: "page";
  readonly n: number;
  readonly url: string;
  readonly title: string;
}

/** What the page shows, masked. The first of a document, and of each new picture, is its snapshot. */
export interface SeenEvents {
  readonly type: "events";
  readonly page: number;
  /** events of rrweb */
  readonly events: readonly (Readonly<Record<string, unknown>>)[];
}

/** The page is too large to be shown. */
export interface ViewTooLarge {
  readonly type: "too_large";
}

/** There is nothing new to see for the moment. The next `page` or `events` ends it. */
export interface ViewPaused {
  readonly type: "paused";
  readonly why: "asleep" | "hidden" | "navigating";
}

/** Where the shopper's pointer is. */
export interface ShopperPoints {
  readonly type: "pointer";
  /** rrweb's number of an element */
  readonly node: number;
  readonly dx: number;
  readonly dy: number;
}

/** What became of an action. Told to all who look at the page. */
export interface ActionResult {
  readonly type: "result";
  readonly action: string;
  readonly result: "done" | "refused" | "declined";
  /** why not, as one word; empty: it was done */
  readonly reason: string;
  /** the same in a sentence */
  readonly detail: string;
}

/** What the shopper agrees to now. */
export interface AgreedTo {
  readonly type: "agreed";
  readonly scopes: readonly ("see" | "point" | "fill")[];
  /** they have just declined to agree to more */
  readonly declined: boolean;
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

export type ViewAgentMessage =
  | AgentViewHello
  | WishAction
  | PointAt
  | AskForMore
  | WishPicture
  | EndSharedView
  | PagePong;

export type ViewServerMessage =
  | AgentWelcome
  | PageTurned
  | SeenEvents
  | ViewTooLarge
  | ViewPaused
  | ShopperPoints
  | ActionResult
  | AgreedTo
  | ViewMoved
  | ViewOver
  | PingPage
  | Refused;

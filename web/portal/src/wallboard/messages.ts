/** Written by `python -m api.reference` from api/portal/wallboard_models.py: edit there. */

/** A link for a screen on a wall. */
export interface KioskWish {
  /** Where the screen hangs. */
  readonly label: string;
  /** How long the link is good for. */
  readonly days: number;
}

/** All of it. */
export interface Board {
  /** Empty on a kiosk. */
  readonly agents: readonly BoardAgent[];
  /** How many agents do what. */
  readonly states: Readonly<Record<string, number>>;
  readonly queues: readonly BoardQueue[];
  readonly talks: BoardTalks;
  /** Null where there is no follow-up. */
  readonly leads: BoardLeads | null;
  readonly today: BoardToday;
  /** Since when today's figures and service levels cannot be read; null where they can. */
  readonly unread_since: number | null;
}

/** An agent, and since when they do what they do. */
export interface BoardAgent {
  readonly name: string;
  readonly label: string;
  readonly state: string;
  /** Seconds since the epoch; null: since before anybody looked. */
  readonly since: number | null;
  readonly chats: number;
}

/** Shoppers nobody served so far. */
export interface BoardLeads {
  readonly open: number;
  /** Those that an answer is promised to. */
  readonly due: number;
  /** Those whose promise is broken. */
  readonly overdue: number;
}

/** How a queue stands. Lengths are seconds. */
export interface BoardQueue {
  readonly name: string;
  readonly waiting: number;
  readonly longest: number;
  readonly expected: number;
  /** Service level of calls and chats, of the last 15 minutes. */
  readonly level_15: number | null;
  /** Of the last hour. */
  readonly level_60: number | null;
  readonly breaches: readonly ("waiting" | "longest_wait" | "service_level")[];
}

/** Live calls by their state, and open chats. */
export interface BoardTalks {
  readonly calls: Readonly<Record<string, number>>;
  readonly chats: number;
}

/** Today so far, in the zone of the portal: metrics of reports by their ids. */
export interface BoardToday {
  readonly zone: string;
  readonly calls: Readonly<Record<string, number | null>>;
  readonly chats: Readonly<Record<string, number | null>>;
  /** Of agents' time, of all together; empty on a kiosk. */
  readonly agents: Readonly<Record<string, number | null>>;
}

/** The first message, and what follows where the page has missed one. */
export interface BoardSnapshot {
  readonly type: "snapshot";
  readonly sequence: number;
  readonly now: number;
  readonly board: Board;
}

/** Once a second: the parts of the board that are not as they were. `sequence` counts up by one. */
export interface BoardChanges {
  readonly type: "changes";
  readonly sequence: number;
  readonly now: number;
  readonly agents: readonly BoardAgent[] | null;
  readonly states: Readonly<Record<string, number>> | null;
  readonly queues: readonly BoardQueue[] | null;
  readonly talks: BoardTalks | null;
  readonly leads: BoardLeads | null;
  readonly today: BoardToday | null;
  readonly unread_since: number | null;
}

/** A link that was made. */
export interface KioskView {
  readonly id: string;
  readonly label: string;
  readonly made_by: string;
  readonly made_at: number;
  readonly expires_at: number;
}

/** A new link: its secret is told this once. */
export interface NewKiosk {
  readonly link: KioskView;
  readonly secret: string;
}

/** The links that are good. */
export interface KioskList {
  readonly links: readonly KioskView[];
}

/** Written by `python -m api.reference` from api/portal/models.py: edit there. */

/** An operator and their password. */
export interface OperatorLogin {
  /** Their name in the settings. */
  readonly operator: string;
  readonly password: string;
  /** Of the operator's authenticator app, if they have one. */
  readonly code?: string | null;
}

/** An operator, as their own pages see them. */
export interface OperatorMe {
  readonly operator: string;
  readonly label: string;
  readonly rights: readonly ("look" | "reports" | "wallboard" | "texts" | "hours" | "edit" | "agents" | "publish" | "erase" | "listen")[];
}

/** Something that an operator did or looked at. */
export interface AuditEntryView {
  readonly id: number;
  /** Seconds since the epoch. */
  readonly at: number;
  readonly operator: string;
  /** What the settings call them now; their name if they are gone. */
  readonly label: string;
  readonly address: string;
  /** In the past tense, such as call_opened. */
  readonly what: string;
  /** Ids and names. */
  readonly about: Readonly<Record<string, string | number | boolean | null>>;
}

/** Entries, the newest first. */
export interface AuditPage {
  readonly entries: readonly AuditEntryView[];
  /** Where the next page begins: its `before`. */
  readonly next: number | null;
}

/** Answers against what was promised. */
export interface PromiseEntry {
  /** The site, queue, agent or promise; empty for none. */
  readonly key: string;
  readonly term: "first" | "next";
  /** Promises that were kept or broken. */
  readonly promised: number;
  readonly kept: number;
  /** Those whose time was over before a person answered, or without an answer. */
  readonly broken: number;
  readonly answered: number;
  /** From contact to answer by the wall clock, on the average. */
  readonly mean_seconds: number;
}

/** Answer times of a period. */
export interface PromiseReport {
  readonly by: "site" | "queue" | "agent" | "promise";
  readonly rows: readonly PromiseEntry[];
}

/** Written by `python -m api.reference` from api/lead_views.py: edit there. */

/** How a lead ended. */
export interface LeadDone {
  /** One of `codes` of the list; empty for none. */
  readonly code?: string;
  readonly note?: string;
}

/** How many leads are open, by view. */
export interface LeadCounts {
  readonly open: number;
  readonly due: number;
  readonly overdue: number;
  readonly mine: number;
}

/** One lead, as a list shows it. Times are epoch seconds. */
export interface LeadEntry {
  readonly lead_id: string;
  readonly site: string;
  readonly site_label: string;
  readonly name: string;
  /** E.164; masked for who may not see it. */
  readonly number: string;
  readonly email: string;
  /** How they tried last, such as `voicemail`. */
  readonly kind: string;
  /** The beginning of what they wrote. */
  readonly said: string;
  readonly page: string;
  readonly queue: string;
  readonly opened_at: number;
  readonly last_at: number;
  readonly state: "waiting" | "answered" | "closed";
  readonly owner: string | null;
  readonly owner_label: string | null;
  readonly assigned: readonly string[];
  readonly promise: string | null;
  readonly due_at: number | null;
  readonly overdue: boolean;
  readonly explanation: string;
  /** When the shopper wants to be called, until `due_at`; None where they chose no time. */
  readonly chosen_at: number | null;
  readonly breached: boolean;
  /** How often it was called in between. */
  readonly tries: number;
  readonly code: string;
  readonly note: string;
  readonly closed_at: number | null;
  readonly closed_how: string;
}

/** A page of leads. */
export interface LeadList {
  readonly leads: readonly LeadEntry[];
  readonly counts: LeadCounts;
  /** Where the next page begins; None on the last. */
  readonly next: string | null;
  /** What a lead may be closed with, and what each is called. */
  readonly codes: Readonly<Record<string, string>>;
}

/** One try of the shopper to reach the business, or of an agent to reach them. */
export interface LeadContactEntry {
  readonly kind: string;
  readonly ref: string;
  readonly at: number;
  /** The agent; empty where it was the shopper. */
  readonly by: string;
}

/** One thing that is known of the shopper. */
export interface LeadFieldEntry {
  readonly label: string;
  readonly value: string;
  readonly signed: boolean;
  readonly masked: boolean;
}

/** One thing said in a chat of theirs. */
export interface LeadLineEntry {
  readonly at: number;
  readonly by: string;
  readonly text: string;
}

/** A lead with all that is known. */
export interface LeadDetail {
  readonly lead_id: string;
  readonly site: string;
  readonly site_label: string;
  readonly name: string;
  /** E.164; masked for who may not see it. */
  readonly number: string;
  readonly email: string;
  /** How they tried last, such as `voicemail`. */
  readonly kind: string;
  /** The beginning of what they wrote. */
  readonly said: string;
  readonly page: string;
  readonly queue: string;
  readonly opened_at: number;
  readonly last_at: number;
  readonly state: "waiting" | "answered" | "closed";
  readonly owner: string | null;
  readonly owner_label: string | null;
  readonly assigned: readonly string[];
  readonly promise: string | null;
  readonly due_at: number | null;
  readonly overdue: boolean;
  readonly explanation: string;
  /** When the shopper wants to be called, until `due_at`; None where they chose no time. */
  readonly chosen_at: number | null;
  readonly breached: boolean;
  /** How often it was called in between. */
  readonly tries: number;
  readonly code: string;
  readonly note: string;
  readonly closed_at: number | null;
  readonly closed_how: string;
  readonly fields: readonly LeadFieldEntry[];
  readonly contacts: readonly LeadContactEntry[];
  /** Their last chat, complete. */
  readonly chat: readonly LeadLineEntry[];
  readonly said_all: string;
  /** Whether a contact joined it by its number or address alone, maybe another person's. */
  readonly shared: boolean;
  /** Numbers and addresses that such contacts gave; nobody has checked them. */
  readonly claimed: readonly string[];
}

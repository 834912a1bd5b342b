/** Written by `python -m api.reference` from api/portal/conversions.py: edit there. */

/** One button on one page. */
export interface ButtonFigures {
  readonly site: string;
  readonly place: string;
  readonly page: string;
  readonly way: string;
  readonly seen: number;
  readonly clicked: number;
}

/** Two groups that chance made: what the treatment brought. */
export interface Comparison {
  readonly site: string;
  readonly rule: string;
  readonly epoch: string;
  readonly source: string;
  readonly treated: GroupFigures;
  readonly control: GroupFigures;
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  readonly relative: number | null;
  readonly ratio_p: number | null;
  readonly verdict: "more" | "less" | "not_yet" | "too_early" | "broken";
  readonly missing: number | null;
}

/** Orders of one site, source and currency that are credited to one way. */
export interface Credit {
  readonly site: string;
  readonly source: string;
  readonly currency: string;
  readonly way: "call" | "chat" | "accepted" | "shown" | "nothing";
  readonly orders: number;
  readonly money: number;
  readonly refunded: number;
  readonly assists: number;
}

/** All of a period. */
export interface EngagementReport {
  readonly rules: readonly RuleFigures[];
  readonly held: readonly HeldFigures[];
  readonly buttons: readonly ButtonFigures[];
  readonly sales: readonly Sales[];
  readonly uplift: readonly Comparison[];
  readonly variants: readonly VariantFigures[];
  readonly self_selected: readonly SelfSelected[];
  readonly credits: readonly Credit[];
}

/** Visitors who were treated alike, and how many of them bought. */
export interface GroupFigures {
  readonly name: string;
  readonly visitors: number;
  readonly converted: number;
  readonly rate: number;
  readonly low: number;
  readonly high: number;
}

/** How often a rule matched and was not shown for one reason, once a page view. */
export interface HeldFigures {
  readonly site: string;
  readonly rule: string;
  readonly reason: string;
  readonly count: number;
}

/** A value with what people call it. */
export interface NamedChoice {
  readonly value: string;
  readonly label: string;
}

/** Whole days in a time zone. */
export interface PeriodView {
  /** The first day, ISO 8601. */
  readonly first: string;
  /** The last day. */
  readonly last: string;
  readonly zone: string;
  /** Seconds since the epoch. */
  readonly begins: number;
  readonly ends: number;
}

/** One rule, or one variant of it: how often what became of it. */
export interface RuleFigures {
  readonly site: string;
  readonly rule: string;
  readonly variant: string;
  readonly arm: string;
  readonly counts: Readonly<Record<string, number>>;
}

/** Orders of one site and currency. `source`: the retailer's `server`, or what a `page` claims. */
export interface Sales {
  readonly site: string;
  readonly source: string;
  readonly currency: string;
  readonly orders: number;
  readonly money: number;
}

/** Those who accepted an invitation, beside those who were shown it and did not. No uplift: they chose. */
export interface SelfSelected {
  readonly site: string;
  readonly rule: string;
  readonly epoch: string;
  readonly accepted: GroupFigures;
  readonly others: GroupFigures;
  readonly calls: number;
}

/** The variants of a rule, among those who were shown it. */
export interface VariantFigures {
  readonly site: string;
  readonly rule: string;
  readonly epoch: string;
  readonly source: string;
  readonly variants: readonly GroupFigures[];
  readonly ratio_p: number | null;
}

/** What was bought in a period, and what invitations that were made in it brought. */
export interface ConversionsView {
  readonly period: PeriodView;
  /** All sites, for a filter. */
  readonly sites: readonly NamedChoice[];
  /** How long before an order a talk or an offer counts, in seconds. */
  readonly window: number;
  /** How many of each group must have bought before there is a verdict. */
  readonly fewest: number;
  readonly report: EngagementReport;
}

/** What the panel reads of the server's plan, which may come from a newer or older server: nothing is taken for granted. */

import { isRecord } from "@ringback/browser-leg/shapes";
import type { TalkBy } from "@ringback/call-client";
import type { WayState } from "../../page/src/widget-seam";

export interface Later {
  /** What can be had now; null: nothing. */
  readonly way: "callback" | "message" | null;
  /** When somebody is there again, in seconds since the epoch; null: unknown. */
  readonly opensAt: number | null;
}

export interface SitePlan {
  readonly label: string;
  readonly languages: readonly string[];
  /** The colours, corners and font, by name: `accent`, `on_accent`, … */
  readonly theme: Readonly<Record<string, string>>;
  /** Those where the shopper's system is dark; null: `theme`. */
  readonly darkTheme: Readonly<Record<string, string>> | null;
  /** Where numbers without a country code may be of, by ISO 3166-1; the first one is preset. Empty: not told. */
  readonly countries: readonly string[];
  /** The ways that the panel has a pane for, in the site's order; none is hidden. */
  readonly ways: readonly TalkBy[];
  readonly states: Readonly<Record<TalkBy, WayState>>;
  readonly later: Later;
  /** The ways before which answers are shown. */
  readonly answers: readonly string[];
  /** The ids of buttons that rules show: they open the panel with an offer, and are no invitations. */
  readonly buttonOffers: readonly string[];
}

/** The ways that this panel has a pane for. */
const PANES: readonly TalkBy[] = ["phone", "pc"];

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];

const table = (value: unknown): Readonly<Record<string, string>> | null =>
  isRecord(value)
    ? Object.fromEntries(
        Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === "string"),
      )
    : null;

const stateOf = (value: unknown): WayState => (value === "open" || value === "later" ? value : "hidden");

/** `microphones`: whether this browser lets pages use one at all, as some apps' do not. */
export function readPlan(plan: unknown, microphones: boolean): SitePlan {
  const told = isRecord(plan) ? plan : {};
  const site = isRecord(told["site"]) ? told["site"] : {};
  const ways = isRecord(told["ways"]) ? told["ways"] : {};
  const later = isRecord(told["later"]) ? told["later"] : {};
  const country = typeof site["country"] === "string" ? [site["country"]] : [];
  const states = { phone: stateOf(ways["phone"]), pc: microphones ? stateOf(ways["pc"]) : "hidden" } as const;
  const order = texts(site["ways"]);
  const place = (way: string): number => (order.includes(way) ? order.indexOf(way) : order.length);
  return {
    label: typeof site["label"] === "string" ? site["label"] : "",
    languages: texts(site["languages"]),
    theme: table(site["theme"]) ?? {},
    darkTheme: table(site["dark_theme"]),
    countries: [...new Set([...country, ...texts(site["countries"])])],
    ways: PANES.filter((way) => states[way] !== "hidden").sort((one, other) => place(one) - place(other)),
    states,
    answers: texts(site["answers"]),
    buttonOffers: Array.isArray(told["buttons"])
      ? texts(told["buttons"].map((each) => (isRecord(each) ? each["offer"] : null)))
      : [],
    later: {
      way:
        (texts(later["ways"]).find((way) => way === "callback" || way === "message") as Later["way"]) ?? null,
      opensAt: typeof later["opens_at"] === "number" ? later["opens_at"] : null,
    },
  };
}

/**
 * The plan with how the ways stand now, of `GET /v1/page/SITE/now`; null: the server did not answer. What rules hide from
 * this shopper stays hidden: the answer knows the business alone.
 */
export function withNow(plan: unknown, now: unknown): unknown {
  if (!isRecord(plan) || !isRecord(now) || !isRecord(now["ways"])) return plan;
  const before = isRecord(plan["ways"]) ? plan["ways"] : {};
  const ways = Object.entries(now["ways"]).map(([way, state]) => [
    way,
    stateOf(before[way]) === "hidden" ? "hidden" : state,
  ]);
  return { ...plan, ways: Object.fromEntries(ways), later: now["later"] };
}

/** The plan with the way of an invitation: as it was offered, or a callback where nobody is free any more. */
export function withOffer(plan: SitePlan, way: TalkBy, state: "open" | "callback"): SitePlan {
  const stands = state === "open" ? "open" : "later";
  return {
    ...plan,
    ways: plan.ways.includes(way) ? plan.ways : [way, ...plan.ways],
    states: { ...plan.states, [way]: stands },
    later: { ...plan.later, way: plan.later.way ?? "callback" },
  };
}

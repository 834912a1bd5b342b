/** What the panel reads of the server's plan, which may come from a newer or older server: nothing is taken for granted. */

import { isRecord } from "@ringback/browser-leg/shapes";
import type { TalkBy } from "@ringback/call-client";
import type { Way, WayState } from "../../page/src/widget-seam";

export interface Later {
  /** What can be had now; null: nothing. */
  readonly way: "callback" | "message" | null;
  /** When somebody is there again, in seconds since the epoch; null: unknown. */
  readonly opensAt: number | null;
}

/** A field of the form before a chat. */
export interface ChatField {
  readonly key: string;
  readonly label: string;
  readonly required: boolean;
}

/** How the site's shoppers chat. */
export interface ChatPlan {
  readonly state: WayState;
  readonly fields: readonly ChatField[];
  /** Whether questions come before people. */
  readonly guided: boolean;
  /** How shopper and agent may talk instead. */
  readonly escalate: readonly TalkBy[];
  /** The longest entry, in characters. */
  readonly longest: number;
  /** Whether the shopper may save what was said. */
  readonly transcript: boolean;
}

/** The form by which shoppers are answered later. */
export interface FormPlan {
  /** Whether it is there while somebody could talk, too. */
  readonly always: boolean;
  /** Whether a time may be chosen. */
  readonly times: boolean;
  /** What stands above its button, by language. */
  readonly consent: Readonly<Record<string, string>>;
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
  /** The ways to talk, in the site's order; none is hidden. */
  readonly ways: readonly TalkBy[];
  /** The same with the chat. */
  readonly panes: readonly Way[];
  readonly chat: ChatPlan;
  readonly states: Readonly<Record<TalkBy, WayState>>;
  readonly later: Later;
  /** The ways before which answers are shown. */
  readonly answers: readonly string[];
  /** null: there is none. */
  readonly form: FormPlan | null;
  /** Whether a shopper can show a page by a code. */
  readonly sharedView: boolean;
  /** The ids of buttons that rules show: they open the panel with an offer, and are no invitations. */
  readonly buttonOffers: readonly string[];
}

/** The ways that this panel has a pane for. */
const PANES: readonly Way[] = ["phone", "pc", "chat"];
const TALKS: readonly TalkBy[] = ["phone", "pc"];
/** Characters of an entry, where the server does not tell. */
const LONGEST = 2000;

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
  const all = { ...states, chat: stateOf(ways["chat"]) };
  const order = texts(site["ways"]);
  const place = (way: string): number => (order.includes(way) ? order.indexOf(way) : order.length);
  const panes = PANES.filter((way) => all[way] !== "hidden").sort((one, other) => place(one) - place(other));
  return {
    label: typeof site["label"] === "string" ? site["label"] : "",
    languages: texts(site["languages"]),
    theme: table(site["theme"]) ?? {},
    darkTheme: table(site["dark_theme"]),
    countries: [...new Set([...country, ...texts(site["countries"])])],
    ways: panes.filter((way) => way !== "chat"),
    panes,
    chat: readChat(site["chat"], all.chat, microphones),
    states,
    answers: texts(site["answers"]),
    form: readForm(site["form"]),
    sharedView: site["shared_view"] === true,
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

const readForm = (told: unknown): FormPlan | null =>
  isRecord(told)
    ? {
        always: told["when"] === "always",
        times: told["times"] === true,
        consent: table(told["consent"]) ?? {},
      }
    : null;

function readChat(told: unknown, state: WayState, microphones: boolean): ChatPlan {
  const chat = isRecord(told) ? told : {};
  const { fields, longest } = chat;
  const escalate = texts(chat["escalate"]);
  return {
    state,
    fields: Array.isArray(fields) ? fields.flatMap(readField) : [],
    guided: chat["guided"] === true,
    escalate: TALKS.filter((by) => escalate.includes(by) && (by !== "pc" || microphones)),
    transcript: chat["transcript"] !== false,
    longest: typeof longest === "number" ? longest : LONGEST,
  };
}

function readField(told: unknown): ChatField[] {
  if (!isRecord(told)) return [];
  const { key, label, required } = told;
  return typeof key === "string" && typeof label === "string"
    ? [{ key, label, required: required === true }]
    : [];
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
export function withOffer(plan: SitePlan, way: Way, state: "open" | "callback"): SitePlan {
  const stands = state === "open" ? "open" : "later";
  const panes = plan.panes.includes(way) ? plan.panes : [way, ...plan.panes];
  return {
    ...plan,
    panes,
    ways: panes.filter((each) => each !== "chat"),
    states: way === "chat" ? plan.states : { ...plan.states, [way]: stands },
    chat: way === "chat" ? { ...plan.chat, state: stands } : plan.chat,
    later: { ...plan.later, way: plan.later.way ?? "callback" },
  };
}

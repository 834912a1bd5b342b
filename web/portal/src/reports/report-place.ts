/** What a report is asked for, as the address of the screen has it. */

import { ownZone } from "../times";

export type Channel = "calls" | "chats" | "agents";
export const CHANNELS: Readonly<Record<Channel, string>> = {
  calls: "Calls",
  chats: "Chats",
  agents: "Agents",
};
export type By = "" | "route" | "queue" | "agent" | "page" | "rule" | "outcome" | "site";

export interface ReportPlace {
  readonly channel: Channel;
  readonly first: string;
  readonly last: string;
  readonly zone: string;
  readonly site: string;
  readonly part: string;
  readonly value: string;
  /** A second part, with its value. */
  readonly also: string;
  readonly also_value: string;
  readonly by: By;
  readonly every: string;
  readonly compare: string;
  /** Which metric the charts show. */
  readonly metric: string;
}

const DAY = 86_400_000;
const iso = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** Days from today, as periods that people ask for: the first and the last one. */
export const PERIODS: readonly (readonly [label: string, first: number, last: number])[] = [
  ["Today", 0, 0],
  ["Yesterday", -1, -1],
  ["Last 7 days", -6, 0],
  ["Last 30 days", -29, 0],
  ["Last 90 days", -89, 0],
];

/** Which day it is in a zone; `now` in milliseconds. */
export function dayIn(zone: string, now: number, days = 0): string {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(now).slice(0, 10);
  return iso(Date.parse(`${parts}T00:00:00Z`) + days * DAY);
}

/** The place's query, with what it leaves out. */
export function readReportPlace(
  path: readonly string[],
  query: URLSearchParams,
  now = Date.now(),
): ReportPlace {
  const zone = query.get("zone") ?? ownZone();
  const channel = path[0] === "chats" || path[0] === "agents" ? path[0] : "calls";
  const apart = channel === "agents" ? "agent" : query.get("part") ? "site" : "route";
  const last = query.get("last") ?? dayIn(zone, now);
  return {
    channel,
    first: query.get("first") ?? dayIn(zone, now, -29),
    last,
    zone,
    site: query.get("site") ?? "",
    part: query.get("part") ?? "",
    value: query.get("value") ?? "",
    also: query.get("also") ?? "",
    also_value: query.get("also_value") ?? "",
    by: (query.get("by") ?? apart) as By,
    every: query.get("every") ?? "day",
    compare: query.get("compare") ?? "before",
    metric: query.get("metric") ?? (channel === "agents" ? "occupancy" : "offered"),
  };
}

/** What the server is asked for. */
export function reportQuery(place: ReportPlace): Record<string, string> {
  const { channel, metric: _, part, value, also, also_value, ...rest } = place;
  if (channel === "agents") {
    const { site: __, ...time } = rest;
    return { ...time, ...(part ? { [part]: value } : {}), ...(also ? { [also]: also_value } : {}) };
  }
  return { ...rest, ...(part ? { part, value } : {}), ...(also ? { also, also_value } : {}) };
}

type Narrowed = Pick<ReportPlace, "part" | "value" | "also" | "also_value">;

/** The values that it is narrowed to, by their parts: two at most. */
export const narrowedBy = ({ part, value, also, also_value }: Narrowed): readonly [string, string][] =>
  (
    [
      [part, value],
      [also, also_value],
    ] as [string, string][]
  ).filter(([each]) => each !== "");

/** As the address has them. */
export function narrowedTo(values: readonly (readonly [string, string])[]): Narrowed {
  const [[part, value] = ["", ""], [also, also_value] = ["", ""]] = values;
  return { part, value, also, also_value };
}

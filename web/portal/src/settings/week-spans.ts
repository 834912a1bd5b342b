/** A week of calls, as days with the times in which the same people ring. Pure. */

/** In seconds since the epoch, as the server tells it. */
export interface TimedSpan {
  readonly begins: number;
  readonly ends: number;
  readonly rings: readonly string[];
  readonly ending: string;
}

/** Minutes past midnight of one day. */
export interface DaySpan {
  from: number;
  to: number;
  readonly rings: readonly string[];
  readonly ending: string;
}

const QUARTER = 15 * 60;
const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;

/** The days of a week from Monday on, in a zone, also where its clocks change. */
export function daysOf(spans: readonly TimedSpan[], timeZone: string): readonly (readonly DaySpan[])[] {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const days: DaySpan[][] = DAYS.map(() => []);
  for (const { begins, ends, rings, ending } of spans) {
    for (let at = begins; at < ends; at += QUARTER) {
      const parts = new Map(format.formatToParts(at * 1000).map(({ type, value }) => [type, value]));
      const day = days[DAYS.findIndex((each) => each === parts.get("weekday"))];
      const from = Number(parts.get("hour")) * 60 + Number(parts.get("minute"));
      const last = day?.at(-1);
      if (last && last.rings === rings && last.ending === ending && last.to === from) last.to = from + 15;
      else day?.push({ from, to: from + 15, rings, ending });
    }
  }
  return days;
}

/** What becomes of a call in a span. */
export const spanWords = ({ rings, ending }: Pick<DaySpan, "rings" | "ending">): string =>
  rings.length > 0 ? `rings ${rings.join(", ")}` : ending || "rings nobody";

/** Whether two days say the same. */
export const sameDay = (one: readonly DaySpan[], other: readonly DaySpan[]): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

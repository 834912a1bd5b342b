/** The times that a shopper may choose for a call, in words. Pure. */

import { fields, list, number, type Shape, text } from "@ringback/browser-leg/shapes";

/** As `GET /v1/page/SITE/times` tells them: when slots of so many `seconds` begin, in epoch seconds. */
export interface FreeTimes {
  /** Where the shop is. */
  readonly zone: string;
  readonly seconds: number;
  readonly starts: readonly number[];
}

export const readTimes: Shape<FreeTimes> = fields({ zone: text, seconds: number, starts: list(number) });

/** A day of the shopper's calendar, and its times. */
export interface TimesOfDay {
  readonly day: string;
  readonly times: readonly { readonly start: number; readonly words: string }[];
}

export interface TimesInWords {
  readonly days: readonly TimesOfDay[];
  /** The shop's zone as people call it, where its clock shows other times than the shopper's; else empty. */
  readonly elsewhere: string;
}

/** By the shopper's clock, whose zone is `own`; by the shop's beside it where that shows another time. */
export function timesInWords({ zone, starts }: FreeTimes, language: string, own: string): TimesInWords {
  const clock = format(language, own, { hour: "numeric", minute: "2-digit" });
  const theirs = format(language, zone, { hour: "numeric", minute: "2-digit" }) ?? clock;
  const date = format(language, own, { weekday: "short", month: "short", day: "numeric" });
  const named = format(language, own, { weekday: "long", month: "long", day: "numeric" });
  if (!clock || !theirs || !date || !named) return { days: [], elsewhere: "" };
  const days: { day: string; times: { start: number; words: string }[] }[] = [];
  let other = false;
  for (const start of starts) {
    const [here, there] = [clock.format(start * 1000), theirs.format(start * 1000)];
    other ||= here !== there;
    const words = `${date.format(start * 1000)}, ${here}${here === there ? "" : ` (${there})`}`;
    const day = named.format(start * 1000);
    if (days.at(-1)?.day !== day) days.push({ day, times: [] });
    days.at(-1)?.times.push({ start, words });
  }
  return { days, elsewhere: other ? (zone.split("/").at(-1)?.replaceAll("_", " ") ?? "") : "" };
}

/** Null for a zone that this browser does not know. */
function format(
  language: string,
  timeZone: string,
  how: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat(language, { ...how, timeZone });
  } catch {
    return null;
  }
}

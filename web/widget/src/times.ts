/** Times to come in people's words, in the time zone of the device that shows them. */

import type { Words } from "./words";

/** "in about 20 minutes", "today at 2:30 PM", "tomorrow at 9:00 AM", "on Monday at 9:00 AM"; both in seconds. */
export function timeWords(at: number, now: number, { language, times }: Words): string {
  const minutes = (at - now) / 60;
  if (minutes < 2) return times.soon;
  if (minutes <= 55) return times.minutes(minutes < 10 ? Math.round(minutes) : 5 * Math.round(minutes / 5));
  const then = new Date(at * 1000);
  const days = dayNumber(then) - dayNumber(new Date(now * 1000));
  const clock = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" }).format(then);
  if (days <= 1) {
    return times.near(new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(days, "day"), clock);
  }
  const far = days < 7 ? {} : ({ month: "long", day: "numeric" } as const);
  return times.on(new Intl.DateTimeFormat(language, { weekday: "long", ...far }).format(then), clock);
}

/** Counts the calendar's days, whatever daylight saving does to their length. */
const dayNumber = (date: Date): number =>
  Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000;

/** Times of a week as people type them: "09:00–12:00, 13:00–18:00" and minutes past midnight. */

export const DAY_NAMES = [
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
  "Sunday",
] as const;
const DAY = 24 * 60;

export type Span = readonly [number, number];

/** "09:00"; an end past midnight is told as the next morning's time. */
export function clock(minutes: number): string {
  const within = minutes > DAY ? minutes - DAY : minutes;
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(Math.floor(within / 60))}:${two(within % 60)}`;
}

/** Minutes of "9:00" or "24:00"; null for what is no time. */
export function minutesOf(text: string): number | null {
  const found = /^\s*(\d{1,2})[:.]?(\d{2})?\s*$/.exec(text);
  if (!found) return null;
  const minutes = Number(found[1]) * 60 + Number(found[2] ?? 0);
  return minutes <= DAY && Number(found[2] ?? 0) < 60 ? minutes : null;
}

/** What somebody typed for a span; null where it is none. An end before the start is in the next morning. */
export function spanOf(from: string, to: string): Span | null {
  const [start, end] = [minutesOf(from), minutesOf(to)];
  if (start === null || end === null || start >= DAY) return null;
  return [start, end > start ? end : end + DAY];
}

/** The next span that makes sense on a day: after the last one, or the usual hours. */
export function nextSpan(spans: readonly Span[]): Span {
  const last = spans.at(-1);
  if (!last) return [9 * 60, 18 * 60];
  const start = Math.min(last[1] + 60, DAY - 60);
  return [start, Math.min(start + 4 * 60, DAY)];
}

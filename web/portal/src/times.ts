/** Moments and lengths in words, in the reader's language. */

const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** A moment in the reader's own time zone; `at` is seconds since the epoch. */
export const momentWords = (at: number): string => MOMENT.format(at * 1000);

/** The zone of this browser, as the IANA names it. */
export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** "7 s", "1:05", "2:03:09": a length in seconds. */
export function lengthWords(seconds: number): string {
  if (seconds < 60)
    return `${seconds < 10 && seconds % 1 !== 0 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number): string => String(value).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** A moment in a zone of the IANA, the reader's own without one. */
export const momentIn = (at: number, timeZone?: string): string =>
  new Intl.DateTimeFormat(undefined, {
    dateStyle: "medium",
    timeStyle: "medium",
    ...(timeZone ? { timeZone } : {}),
  }).format(at * 1000);

/** The clock alone. */
export const clockIn = (at: number, timeZone?: string): string =>
  new Intl.DateTimeFormat(undefined, { timeStyle: "medium", ...(timeZone ? { timeZone } : {}) }).format(
    at * 1000,
  );

/** Times to come in people's words (English), in the time zone of the device that shows them. */

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;

/** "today at 14:30", "tomorrow at 9:00", "on Monday at 9:00", "on Monday, March 2, at 9:00"; both in seconds. */
export function timeWords(at: number, now: number): string {
  const then = new Date(at * 1000);
  const clock = `${then.getHours()}:${String(then.getMinutes()).padStart(2, "0")}`;
  const days = dayNumber(then) - dayNumber(new Date(now * 1000));
  const weekday = DAYS[then.getDay()] ?? "";
  if (days <= 0) return `today at ${clock}`;
  if (days === 1) return `tomorrow at ${clock}`;
  if (days < 7) return `on ${weekday} at ${clock}`;
  return `on ${weekday}, ${MONTHS[then.getMonth()] ?? ""} ${then.getDate()}, at ${clock}`;
}

/** Counts the calendar's days, whatever daylight saving does to their length. */
const dayNumber = (date: Date): number =>
  Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000;

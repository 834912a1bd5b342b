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

/** "in about 20 minutes", "today at 2:30 pm", "tomorrow at 9:00 am", "on Monday at 9:00 am"; both in seconds. */
export function timeWords(at: number, now: number): string {
  const minutes = (at - now) / 60;
  if (minutes < 2) return "in a moment";
  if (minutes <= 55)
    return `in about ${minutes < 10 ? Math.round(minutes) : 5 * Math.round(minutes / 5)} minutes`;
  const then = new Date(at * 1000);
  const days = dayNumber(then) - dayNumber(new Date(now * 1000));
  const weekday = DAYS[then.getDay()] ?? "";
  if (days === 0) return `today at ${clock(then)}`;
  if (days === 1) return `tomorrow at ${clock(then)}`;
  if (days < 7) return `on ${weekday} at ${clock(then)}`;
  return `on ${weekday}, ${MONTHS[then.getMonth()] ?? ""} ${then.getDate()}, at ${clock(then)}`;
}

const clock = (time: Date): string => {
  const hours = time.getHours();
  const minutes = String(time.getMinutes()).padStart(2, "0");
  return `${hours % 12 || 12}:${minutes} ${hours < 12 ? "am" : "pm"}`;
};

/** Counts the calendar's days, whatever daylight saving does to their length. */
const dayNumber = (date: Date): number =>
  Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000;

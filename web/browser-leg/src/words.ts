/** Words that all pages share (English). */

/** Minutes and seconds, or hours too: 0:07, 12:30, 1:02:03. */
export function clockWords(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** A name as part of a sentence of ours: one that is written from right to left must not turn the rest round. */
export const isolated = (name: string): string =>
  /[\u0590-\u08ff\ufb1d-\ufeff]/.test(name) ? `\u2068${name}\u2069` : name;

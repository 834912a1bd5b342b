/** Numbers of reports in words. */

import { lengthWords } from "../times";
import type { MetricView } from "./messages";

const COUNT = new Intl.NumberFormat();
const SHARE = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 });

type Unit = MetricView["unit"];

/** "1,234", "87.5 %", "0:42"; a dash where there is nothing to tell. */
export function numberWords(value: number | null | undefined, unit: Unit): string {
  if (value === null || value === undefined) return "–";
  if (unit === "share") return SHARE.format(value);
  return unit === "seconds" ? lengthWords(value) : COUNT.format(value);
}

/** How a number has changed, and whether that is good. */
export interface Change {
  readonly words: string;
  readonly tone: "good" | "bad" | "even";
}

/** Against the period before; null where there is nothing to compare. */
export function changeOf(
  now: number | null | undefined,
  before: number | null | undefined,
  metric: Pick<MetricView, "unit" | "better">,
): Change | null {
  if (now === null || now === undefined || before === null || before === undefined) return null;
  const points = metric.unit === "share";
  if (!points && before === 0) return null;
  const by = points ? (now - before) * 100 : ((now - before) / before) * 100;
  const rounded = Math.round(by * 10) / 10;
  if (rounded === 0) return { words: "as before", tone: "even" };
  const sign = rounded > 0 ? "▲ " : "▼ ";
  const words = `${sign}${Math.abs(rounded).toLocaleString()}${points ? " points" : " %"}`;
  const tone = metric.better === null ? "even" : rounded > 0 === (metric.better === "more") ? "good" : "bad";
  return { words, tone };
}

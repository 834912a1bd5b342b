/** Figures of conversions in words. */

import type { Comparison, Credit, GroupFigures } from "./messages";

const SHARE = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 2 });
const COUNT = new Intl.NumberFormat();
const POINTS = new Intl.NumberFormat(undefined, { signDisplay: "exceptZero", maximumFractionDigits: 2 });
const RELATIVE = new Intl.NumberFormat(undefined, {
  style: "percent",
  signDisplay: "exceptZero",
  maximumFractionDigits: 0,
});

export const shareWords = (share: number): string => SHARE.format(share);
export const countWords = (count: number): string => COUNT.format(count);
export const pointWords = (difference: number): string => `${POINTS.format(difference * 100)} points`;

/** "100 of 1,000 bought (10 %)". */
export const boughtWords = ({ converted, visitors, rate }: GroupFigures): string =>
  `${countWords(converted)} of ${countWords(visitors)} (${shareWords(rate)})`;

/** Money in minor units, as its currency is written. */
export function moneyWords(money: number, currency: string): string {
  if (!currency) return "–";
  const format = new Intl.NumberFormat(undefined, { style: "currency", currency });
  return format.format(money / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

export const WAYS: Readonly<Record<Credit["way"], string>> = {
  call: "A call",
  chat: "A chat",
  accepted: "An invitation that was accepted",
  shown: "An invitation that was shown",
  nothing: "Nothing of ours",
};

/** What the experiment says, in a sentence. */
export function verdictWords(each: Comparison, fewest: number): string {
  const control = each.control.name === "holdout" ? "the holdout" : "the control group";
  switch (each.verdict) {
    case "more":
      return `Those who were shown it buy more than ${control}: ${relativeWords(each)}.`;
    case "less":
      return `Those who were shown it buy less than ${control}: ${relativeWords(each)}.`;
    case "not_yet":
      return "No difference is certain so far.";
    case "too_early":
      return each.missing === null
        ? `Too early: each group needs ${fewest} buyers.`
        : `Too early: each group needs ${fewest} buyers. About ${countWords(each.missing)} more visitors, at the present rate.`;
    case "broken":
      return (
        "No verdict: the groups have not the sizes that they should. Something loses visitors of one group," +
        " such as a page cache, a bot, or a change of the rule without a new `since`."
      );
  }
}

function relativeWords({ difference, relative }: Comparison): string {
  return relative === null
    ? pointWords(difference)
    : `${pointWords(difference)}, ${RELATIVE.format(relative)}`;
}

/** Whether numbers are told at all: those of broken groups, and of a few buyers, mislead. */
export const tellsNumbers = ({ verdict }: Comparison): boolean =>
  verdict !== "broken" && verdict !== "too_early";

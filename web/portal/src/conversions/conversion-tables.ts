/** The tables of conversions: of what orders came, and what became of invitations, wordings and buttons. */

import { html, nothing } from "lit";
import { countWords, moneyWords, shareWords, WAYS } from "./conversion-words";
import type { Credit, EngagementReport, RuleFigures } from "./messages";

type Cell = string | number;
const OUTCOMES = ["offered", "exposed", "seen", "accepted", "declined", "ignored", "called"] as const;

function table(heads: readonly string[], texts: number, rows: readonly (readonly Cell[])[]) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Table">
    <table>
      <thead>
        <tr>
          ${heads.map((head, at) => html`<th scope="col" class=${at < texts ? "" : "number"}>${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((cell, at) =>
                at < texts
                  ? html`<td>${cell}</td>`
                  : html`<td class="number">${typeof cell === "number" ? countWords(cell) : cell}</td>`,
              )}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

const source = (told: string): string => (told === "server" ? "Your server" : "Pages (claimed)");

/** Orders by what they are credited to. `days`: how long before an order something has its part in it. */
export function creditTable(credits: readonly Credit[], label: (site: string) => string, days: number) {
  const heads = ["Site", "Credited to", "Who says so", "Orders", "Money", "Paid back", "Assisted"];
  return html`<section class="card" aria-label="Orders">
    <h2>Orders, and what came before them</h2>
    <p class="soft">
      Each order is credited to the last talk of its shopper in the ${days} days before; without one, to the
      invitation that they accepted; then to the one that they were shown. The others assisted. It tells what
      came first, not what brought the order.
    </p>
    ${
      credits.length === 0
        ? html`<p class="empty">Nobody has told of an order in this period.</p>`
        : table(
            heads,
            3,
            credits.map((each) => [
              label(each.site),
              WAYS[each.way],
              source(each.source),
              each.orders,
              moneyWords(each.money, each.currency),
              each.refunded ? moneyWords(each.refunded, each.currency) : "–",
              each.assists,
            ]),
          )
    }
  </section>`;
}

const counts = ({ counts: found }: RuleFigures): readonly number[] =>
  OUTCOMES.map((each) => found[each] ?? 0);

/** Everything else of the report, folded up. */
export function moreTables(report: EngagementReport, label: (site: string) => string) {
  const { rules, variants, buttons, held } = report;
  const words = (text: string): string => text.replaceAll("_", " ");
  const folded = (
    title: string,
    heads: readonly string[],
    texts: number,
    rows: readonly (readonly Cell[])[],
  ) =>
    rows.length === 0
      ? nothing
      : html`<details class="table">
          <summary>${title}</summary>
          ${table(heads, texts, rows)}
        </details>`;
  return html`<section class="card" aria-label="More">
    <h2>What became of invitations</h2>
    ${
      rules.length === 0
        ? html`<p class="empty">No rule has offered anything in this period.</p>`
        : table(
            [
              "Site",
              "Rule",
              "Wording",
              "Group",
              "Offered",
              "Exposed",
              "Seen",
              "Accepted",
              "Declined",
              "Ignored",
              "Called",
            ],
            4,
            rules.map((each) => [
              label(each.site),
              each.rule,
              each.variant || "–",
              each.arm || "–",
              ...counts(each),
            ]),
          )
    }
    ${folded(
      "Wordings",
      ["Site", "Rule", "Wording", "Visitors", "Bought", "Rate", "95 %"],
      3,
      variants.flatMap((each) =>
        each.variants.map((group) => [
          label(each.site),
          each.rule,
          group.name,
          group.visitors,
          group.converted,
          shareWords(group.rate),
          `${shareWords(group.low)} to ${shareWords(group.high)}`,
        ]),
      ),
    )}
    ${folded(
      "Buttons",
      ["Site", "Button", "Page", "Opens", "Seen", "Clicked", "Rate"],
      4,
      buttons.map((each) => [
        label(each.site),
        each.place,
        each.page,
        words(each.way),
        each.seen,
        each.clicked,
        each.seen ? shareWords(each.clicked / each.seen) : "–",
      ]),
    )}
    ${folded(
      "Rules that matched and were not shown",
      ["Site", "Rule", "Why", "Times"],
      3,
      held.map((each) => [label(each.site), each.rule, words(each.reason), each.count]),
    )}
  </section>`;
}

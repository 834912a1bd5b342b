/** One rule: its uplift, which chance decides, and beside it the buyers among those who chose to talk. */

import { html, nothing } from "lit";
import { boughtWords, pointWords, shareWords, tellsNumbers, verdictWords } from "./conversion-words";
import { intervalBar } from "./interval-bar";
import type { Comparison, GroupFigures, SelfSelected } from "./messages";

/** A rule of a site since one day; either of the two may be missing. */
export interface Experiment {
  readonly site: string;
  readonly rule: string;
  readonly epoch: string;
  readonly uplift: Comparison | undefined;
  readonly chosen: SelfSelected | undefined;
}

const CHIPS: Readonly<Record<Comparison["verdict"], string>> = {
  more: "More",
  less: "Less",
  not_yet: "Not certain",
  too_early: "Too early",
  broken: "No verdict",
};

/** All rules of a report, in its order. */
export function experimentsOf(
  uplift: readonly Comparison[],
  chosen: readonly SelfSelected[],
): readonly Experiment[] {
  const found = new Map<string, Experiment>();
  for (const each of [...uplift, ...chosen]) {
    const key = JSON.stringify([each.site, each.rule, each.epoch]);
    const { site, rule, epoch } = each;
    const known = found.get(key) ?? { site, rule, epoch, uplift: undefined, chosen: undefined };
    found.set(key, "verdict" in each ? { ...known, uplift: each } : { ...known, chosen: each });
  }
  return [...found.values()];
}

export function experimentCard(each: Experiment, site: string, most: number, fewest: number) {
  const title = each.rule || "All invitations, against the holdout";
  return html`<section class="card" aria-label="${title}, ${site}">
    <div class="title">
      <h2>${title}</h2>
      <span class="soft">${site}${each.epoch ? `, since ${each.epoch}` : ""}</span>
      ${each.uplift ? html`<span class="chip ${each.uplift.verdict}">${CHIPS[each.uplift.verdict]}</span>` : nothing}
    </div>
    <div class="experiment">
      ${each.uplift ? renderUplift(each.uplift, most, fewest) : renderNone()}
      ${each.chosen ? renderChosen(each.chosen, title) : nothing}
    </div>
  </section>`;
}

function renderUplift(each: Comparison, most: number, fewest: number) {
  return html`<div class="uplift">
    <h3>Uplift</h3>
    ${
      tellsNumbers(each)
        ? html`<p class="value">${pointWords(each.difference)}</p>
            ${intervalBar(each, most)}
            <p class="soft">
              95 %: from ${pointWords(each.low)} to ${pointWords(each.high)}, however often you look.
            </p>`
        : nothing
    }
    <p>${verdictWords(each, fewest)}</p>
    <dl>
      ${renderGroup("Shown", each.treated)}
      ${renderGroup(each.control.name === "holdout" ? "Holdout" : "Control", each.control)}
    </dl>
    ${each.source === "page" ? html`<p class="soft">Bought as pages claim: your server tells of no orders.</p>` : nothing}
  </div>`;
}

function renderNone() {
  return html`<div class="uplift">
    <h3>Uplift</h3>
    <p>
      Nobody knows: this rule has no control group. Give it one, such as <code>control: 10%</code>, with a new
      <code>since</code>.
    </p>
  </div>`;
}

function renderGroup(label: string, group: GroupFigures) {
  return html`<dt>${label}</dt>
    <dd>
      ${boughtWords(group)}
      <span class="soft">${shareWords(group.low)} to ${shareWords(group.high)}</span>
    </dd>`;
}

function renderChosen(each: SelfSelected, title: string) {
  return html`<aside aria-label="Not causal: ${title}">
    <h3>Those who talked <span class="chip">Not causal</span></h3>
    <dl>
      <dt>Accepted</dt>
      <dd>${boughtWords(each.accepted)}</dd>
      <dt>Did not</dt>
      <dd>${boughtWords(each.others)}</dd>
    </dl>
    <p class="soft">
      They chose to talk, and might have bought anyway. So the difference of these two is no uplift.
    </p>
  </aside>`;
}

/** The most calls or chats at once: how busy the busiest moment was, as a chart with its table. */

import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { placeText } from "../place";
import { problemWords } from "../portal-api";
import { screenStyles } from "../screen-styles";
import type { ScreenContext } from "../screens";
import { momentIn } from "../times";
import { trouble } from "../trouble";
import type { AtOnceStep, AtOnceView, MetricView, StepView } from "./messages";
import { numberWords } from "./numbers";
import type { ReportPlace } from "./report-place";
import { reportStyles } from "./report-styles";
import "./series-chart";
import { stepWords } from "./series-chart";

/** One that began so long before is over, in seconds: as the server reckons. */
const LONGEST = 86_400;

/** What a stretch looks like to the chart of any metric. */
export function asSteps(steps: readonly AtOnceStep[], metric: Pick<MetricView, "id">): StepView[] {
  return steps.map(({ begins, ends, label, most }) => ({
    begins,
    ends,
    label,
    metrics: { [metric.id]: most },
  }));
}

@customElement("at-once")
export class AtOnce extends LitElement {
  @property({ attribute: false }) context!: ScreenContext;
  @property({ attribute: false }) place!: ReportPlace;
  @state() private view: AtOnceView | null = null;
  @state() private steps: readonly StepView[] = [];
  @state() private problem = "";
  private asked = "";

  static override styles = [screenStyles, reportStyles];

  private get query() {
    const { first, last, zone, site, every } = this.place;
    return { first, last, zone, site, every };
  }

  protected override willUpdate(): void {
    const asked = JSON.stringify([this.place.channel, this.query]);
    if (asked === this.asked) return;
    this.asked = asked;
    void this.load();
  }

  private async load(): Promise<void> {
    const { asked, place } = this;
    try {
      const view = await this.context.api.get<AtOnceView>(
        `reports/${place.channel}/at-once`,
        this.query,
        30_000,
      );
      if (asked !== this.asked) return;
      this.view = view;
      this.steps = asSteps(view.steps, view.definition);
      this.problem = "";
    } catch (error) {
      if (asked === this.asked) this.problem = problemWords(error);
    }
  }

  protected override render() {
    const { view, problem } = this;
    if (!view) return trouble(problem);
    const { definition, period, total } = view;
    return html`<section class="card" aria-label=${definition.label}>
      <h2>${definition.label}</h2>
      ${trouble(problem)}
      <p class="at-once">
        ${
          total.most === null
            ? "None of this period is kept."
            : html`<strong>${numberWords(total.most, "count")}</strong>${
                  total.at === null ? nothing : html` on ${this.renderMoment(total.at, period.zone)}`
                }`
        }
      </p>
      <p class="meaning">
        ${definition.definition}${this.place.part ? " It is not narrowed to a part: these are all of them." : nothing}
      </p>
      <series-chart .metric=${definition} .steps=${this.steps} .zone=${period.zone}></series-chart>
      <details class="table">
        <summary>As a table</summary>
        <div class="scroll" tabindex="0" role="region" aria-label="Table of ${definition.label}">
          ${this.renderTable(view)}
        </div>
      </details>
      <a
        class="file no-print"
        download
        href=${this.context.api.link(`reports/${this.place.channel}/at-once/csv`, { ...this.query, bom: true })}
        >CSV<span class="visually-hidden"> of ${definition.label}</span></a
      >
    </section>`;
  }

  /** A moment, which leads to those that were in progress then. */
  private renderMoment(at: number, zone: string) {
    const { channel, site } = this.place;
    const query = { since: at - LONGEST, until: at + 1, during: at, zone, site };
    return html`<a href=${placeText("reports", [channel, "list"], query)}>${momentIn(at, zone)}</a>`;
  }

  private renderTable({ definition, period, steps }: AtOnceView) {
    return html`<table>
      <thead>
        <tr>
          <th scope="col">Begins</th>
          <th scope="col" class="number">${definition.label}</th>
          <th scope="col">First reached</th>
        </tr>
      </thead>
      <tbody>
        ${steps.map(
          (step, at) =>
            html`<tr>
              <th scope="row">${stepWords(this.steps[at]!, period.zone)}</th>
              <td class="number">${numberWords(step.most, definition.unit)}</td>
              <td>${step.at === null ? "–" : this.renderMoment(step.at, period.zone)}</td>
            </tr>`,
        )}
      </tbody>
    </table>`;
  }
}

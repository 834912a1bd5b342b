/** Leads in the portal: shoppers nobody served, and how promises were kept. */

import "@ringback/look/lead-list";
import type { LeadApi } from "@ringback/look/lead-list";
import type { LeadDetail, LeadList } from "@ringback/look/lead-messages";
import { html, LitElement, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { PromiseReport } from "../messages";
import { problemWords } from "../portal-api";
import { screenStyles } from "../screen-styles";
import type { ScreenContext, ScreenElement } from "../screens";
import { lengthWords } from "../times";
import { trouble } from "../trouble";

const BY = { promise: "Promise", site: "Site", queue: "Queue", agent: "Agent" } as const;
type By = keyof typeof BY;

@customElement("leads-screen")
export class LeadsScreen extends LitElement implements ScreenElement {
  @property({ attribute: false }) context!: ScreenContext;
  @state() private report: PromiseReport | null = null;
  @state() private problem = "";
  private asked: By | null = null;

  static override styles = screenStyles;

  private readonly leads: LeadApi = {
    list: (view, search, start) => this.get<LeadList>("leads", { view, search, start }),
    look: (id) => this.get<LeadDetail>(`leads/${id}`, {}),
  };

  private async get<T>(path: string, query: Record<string, string>): Promise<T> {
    try {
      return await this.context.api.get<T>(path, query);
    } catch (error) {
      throw new Error(problemWords(error), { cause: error });
    }
  }

  private get by(): By {
    const told = this.context.place.query.get("by") ?? "";
    return told in BY ? (told as By) : "promise";
  }

  protected override willUpdate(_: PropertyValues<this>): void {
    if (this.by !== this.asked) void this.load(this.by);
  }

  private async load(by: By): Promise<void> {
    this.asked = by;
    try {
      const report = await this.context.api.get<PromiseReport>("promises", { by });
      if (by !== this.asked) return;
      this.report = report;
      this.problem = "";
    } catch (error) {
      this.problem = problemWords(error);
    }
  }

  protected override render() {
    return html`
      <div class="head"><h1>Leads</h1></div>
      <section class="card" aria-label="Customers who wait for an answer">
        <lead-list .api=${this.leads} .views=${["open", "due", "overdue", "closed"]}></lead-list>
      </section>
      <div class="head">
        <h2>Answers against what was promised</h2>
        <label
          >By
          <select @change=${this.choose}>
            ${Object.entries(BY).map(
              ([by, label]) => html`<option value=${by} ?selected=${by === this.by}>${label}</option>`,
            )}
          </select></label
        >
      </div>
      ${trouble(this.problem)}
      <section class="card" aria-label="Answer times">${this.renderReport()}</section>
    `;
  }

  private readonly choose = (event: Event): void => {
    this.context.go([], { by: (event.target as HTMLSelectElement).value }, true);
  };

  private renderReport() {
    const rows = this.report?.rows ?? [];
    if (rows.length === 0) return html`<p class="empty">No promise was kept or broken yet.</p>`;
    return html`<div class="scroll" tabindex="0" role="region" aria-label="Answer times">
      <table>
        <thead>
          <tr>
            <th scope="col">${BY[this.by]}</th>
            <th scope="col">Answer</th>
            <th scope="col" class="number">Kept</th>
            <th scope="col" class="number">Broken</th>
            <th scope="col" class="number">Kept %</th>
            <th scope="col" class="number">Mean</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) =>
              html`<tr>
                <th scope="row">${row.key || "–"}</th>
                <td>${row.term}</td>
                <td class="number">${row.kept}</td>
                <td class="number">${row.broken}</td>
                <td class="number">${Math.round((100 * row.kept) / Math.max(1, row.promised))} %</td>
                <td class="number">${row.answered ? lengthWords(row.mean_seconds) : "–"}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }
}

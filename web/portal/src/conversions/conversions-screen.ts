/** What was bought, after what, and what invitations brought. Only what chance decided is called uplift. */

import { html, LitElement } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { periodFields } from "../period-fields";
import { problemWords } from "../portal-api";
import { dayIn } from "../reports/report-place";
import { reportStyles } from "../reports/report-styles";
import { screenStyles } from "../screen-styles";
import type { ScreenContext, ScreenElement } from "../screens";
import { ownZone } from "../times";
import { trouble } from "../trouble";
import { conversionStyles } from "./conversion-styles";
import { creditTable, moreTables } from "./conversion-tables";
import { experimentCard, experimentsOf } from "./experiment-card";
import { tellsNumbers } from "./conversion-words";
import type { ConversionsView } from "./messages";

const DAY = 86_400;

/** The tables of the period as files: their names at the server, and in words. */
const FILES = [
  ["orders", "Orders"],
  ["uplift", "Uplift"],
  ["talked", "Those who talked"],
  ["invitations", "Invitations"],
  ["wordings", "Wordings"],
  ["buttons", "Buttons"],
  ["held", "Not shown"],
] as const;

@customElement("conversions-screen")
export class ConversionsScreen extends LitElement implements ScreenElement {
  @property({ attribute: false }) context!: ScreenContext;
  @state() private view: ConversionsView | null = null;
  @state() private busy = false;
  @state() private problem = "";
  private asked = "";

  static override styles = [screenStyles, reportStyles, conversionStyles];

  private get chosen() {
    const { query } = this.context.place;
    const zone = query.get("zone") ?? ownZone();
    return {
      zone,
      first: query.get("first") ?? dayIn(zone, Date.now(), -29),
      last: query.get("last") ?? dayIn(zone, Date.now()),
      site: query.get("site") ?? "",
    };
  }

  protected override willUpdate(): void {
    const asked = JSON.stringify(this.chosen);
    if (asked === this.asked) return;
    this.asked = asked;
    void this.load();
  }

  private async load(): Promise<void> {
    const { asked } = this;
    this.busy = true;
    try {
      const view = await this.context.api.get<ConversionsView>("conversions", this.chosen, 30_000);
      if (asked !== this.asked) return;
      this.view = view;
      this.problem = "";
    } catch (error) {
      if (asked === this.asked) this.problem = problemWords(error);
    } finally {
      if (asked === this.asked) this.busy = false;
    }
  }

  private choose(changed: Partial<typeof this.chosen>): void {
    this.context.go([], { ...this.chosen, ...changed }, true);
  }

  protected override render() {
    const { chosen, view } = this;
    return html`
      <div class="head"><h1>Conversions</h1></div>
      <form class="controls card no-print" @submit=${(event: Event) => event.preventDefault()}>
        ${periodFields(chosen, ["UTC"], (changed) => this.choose(changed))}
        <label
          >Site
          <select
            name="site"
            @change=${({ target }: Event) => this.choose({ site: (target as HTMLSelectElement).value })}
          >
            <option value="">All sites</option>
            ${(view?.sites ?? []).map(
              ({ value, label }) =>
                html`<option value=${value} ?selected=${value === chosen.site}>${label}</option>`,
            )}
          </select></label
        >
      </form>
      ${trouble(this.problem)}
      <div aria-busy=${this.busy} class=${this.busy ? "stale" : ""}>
        ${view ? this.renderView(view) : html`<p class="empty" role="status">${this.problem ? "" : "One moment…"}</p>`}
      </div>
    `;
  }

  private renderView({ report, sites, window, fewest }: ConversionsView) {
    const label = (site: string): string => sites.find(({ value }) => value === site)?.label ?? site;
    const told = report.uplift.filter(tellsNumbers);
    const most = Math.max(0.001, ...told.flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)]));
    const experiments = experimentsOf(report.uplift, report.self_selected);
    return html`
      ${
        experiments.length === 0
          ? html`<section class="card">
              <p class="empty">Nobody was invited in this period, so there is nothing to compare.</p>
            </section>`
          : experiments.map((each) => experimentCard(each, label(each.site), most, fewest))
      }
      ${creditTable(report.credits, label, Math.round(window / DAY))} ${moreTables(report, label)}
      ${this.renderFiles()}
    `;
  }

  private renderFiles() {
    const { api } = this.context;
    return html`<section class="card no-print" aria-label="As CSV">
      <h2>As CSV</h2>
      ${FILES.map(
        ([table, words]) =>
          html`<a
            class="file"
            download
            href=${api.link("conversions/csv", { ...this.chosen, table, bom: true })}
            >${words}</a
          >`,
      )}
    </section>`;
  }
}

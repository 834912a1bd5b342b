/** A report: what was asked for, the metrics, and charts of one of them, each with its table. */

import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { periodFields } from "../period-fields";
import { placeText } from "../place";
import { problemWords } from "../portal-api";
import { momentIn } from "../times";
import { warningIcon } from "@ringback/look/icons";
import { screenStyles } from "../screen-styles";
import type { ScreenContext } from "../screens";
import "./at-once";
import "./heat-map";
import type { GroupView, MetricView, ReportChoices, ReportView as Report } from "./messages";
import { changeOf, numberWords } from "./numbers";
import {
  CHANNELS,
  type Channel,
  narrowedBy,
  narrowedTo,
  type By,
  readReportPlace,
  type ReportPlace,
  reportQuery,
} from "./report-place";
import { reportStyles } from "./report-styles";
import { heatTable, stepsTable } from "./report-tables";
import "./series-chart";
import { trouble } from "../trouble";

const BY: Readonly<Record<string, string>> = {
  route: "Route",
  queue: "Queue",
  agent: "Agent",
  page: "Page",
  rule: "Rule",
  outcome: "Outcome",
  site: "Site",
};
const EVERY: Readonly<Record<string, string>> = { hour: "Hour", day: "Day", week: "Week", month: "Month" };
const COMPARE: Readonly<Record<string, string>> = {
  before: "The period before",
  year: "52 weeks earlier",
  none: "Nothing",
};
/** Columns of the table of groups, beside the metric that the charts show. */
const COLUMNS = [
  "offered",
  "answered",
  "answer_rate",
  "service_level",
  "speed_p50",
  "handle_time",
  "chat_handle_time",
  "occupancy",
  "logged_in",
  "handling",
  "available",
  "away",
];
/** What is kept of agents' time: other metrics are made of these. */
const STATES = ["available", "ringing", "on_call", "on_chat", "wrap_up", "away"];

@customElement("report-view")
export class ReportViewElement extends LitElement {
  @property({ attribute: false }) context!: ScreenContext;
  @state() private report: Report | null = null;
  @state() private choices: ReportChoices | null = null;
  @state() private busy = false;
  @state() private problem = "";
  private asked = "";

  static override styles = [screenStyles, reportStyles];

  private get place(): ReportPlace {
    const { path, query } = this.context.place;
    return readReportPlace(path, query);
  }

  protected override willUpdate(): void {
    if (!this.choices && this.asked === "") void this.loadChoices();
    const { channel, metric: _, ...rest } = this.place;
    const asked = JSON.stringify([channel, rest]);
    if (asked === this.asked) return;
    this.asked = asked;
    void this.load();
  }

  private async loadChoices(): Promise<void> {
    try {
      this.choices = await this.context.api.get<ReportChoices>("reports/choices");
    } catch (error) {
      this.problem = problemWords(error);
    }
  }

  private async load(): Promise<void> {
    const { asked, place } = this;
    this.busy = true;
    try {
      const report = await this.context.api.get<Report>(
        `reports/${place.channel}`,
        reportQuery(place),
        30_000,
      );
      if (asked !== this.asked) return;
      this.report = report;
      this.problem = "";
    } catch (error) {
      if (asked === this.asked) this.problem = problemWords(error);
    } finally {
      if (asked === this.asked) this.busy = false;
    }
  }

  /** Change what is asked for; the address changes with it. */
  private choose(changed: Partial<ReportPlace>): void {
    const { channel, ...query } = { ...this.place, ...changed };
    this.context.go([channel], query, true);
  }

  protected override render() {
    const { place, report } = this;
    return html`
      <div class="head">
        <h1>Reports</h1>
        <nav class="tabs" aria-label="What of">
          ${(Object.entries(CHANNELS) as [Channel, string][]).map(
            ([channel, words]) =>
              html`<a
                href=${placeText("reports", [channel], this.tabQuery(channel))}
                aria-current=${channel === place.channel ? "page" : nothing}
                >${words}</a
              >`,
          )}
        </nav>
      </div>
      ${this.renderControls()} ${trouble(this.problem)}
      <div aria-busy=${this.busy} class=${this.busy ? "stale" : ""}>
        ${
          report && report.channel === place.channel
            ? this.renderReport(report)
            : html`<p class="empty" role="status">${this.problem ? "" : "One moment…"}</p>`
        }
      </div>
    `;
  }

  /** What stays as it is where another of the tabs is chosen. */
  private tabQuery(channel: Channel): Record<string, string> {
    const { place } = this;
    const { first, last, zone, every, compare } = place;
    if (channel === "agents" || place.channel === "agents") return { first, last, zone, every, compare };
    return reportQuery(place);
  }

  private get mayAgents(): boolean {
    return this.context.me.rights.includes("agents");
  }

  private renderControls() {
    const { choices, place } = this;
    const ofTime = place.channel === "agents";
    const bys = Object.entries(BY).filter(
      ([by]) => (by !== "agent" || this.mayAgents) && (!ofTime || by === "agent" || by === "queue"),
    );
    return html`<form class="controls card no-print" @submit=${(event: Event) => event.preventDefault()}>
      ${periodFields(place, choices?.zones ?? ["UTC"], (changed) => this.choose(changed))}
      ${
        ofTime
          ? nothing
          : this.renderChoice("Site", "site", [
              ["", "All sites"],
              ...(choices?.sites ?? []).map((each) => [each.value, each.label] as [string, string]),
            ])
      }
      ${this.renderChoice("Told apart by", "by", bys)}
      ${this.renderChoice("Each", "every", Object.entries(EVERY))}
      ${this.renderChoice("Compared with", "compare", Object.entries(COMPARE))}
      ${narrowedBy(place).map(
        ([part, value], at, all) =>
          html`<button
            type="button"
            class="button plain small"
            @click=${() => this.choose({ ...narrowedTo(all.filter((_, other) => other !== at)), by: part as By })}
          >
            ${BY[part]}: ${value || "(none)"} ✕<span class="visually-hidden"> Show all</span>
          </button>`,
      )}
    </form>`;
  }

  private renderChoice(
    label: string,
    name: keyof ReportPlace,
    options: readonly (readonly [string, string])[],
  ) {
    const chosen = this.place[name];
    return html`<label
      >${label}
      <select
        name=${name}
        @change=${({ target }: Event) => this.choose({ [name]: (target as HTMLSelectElement).value })}
      >
        ${options.map(([value, words]) => html`<option value=${value} ?selected=${value === chosen}>${words}</option>`)}
      </select></label
    >`;
  }

  private renderReport(report: Report) {
    const metric = report.definitions.find(({ id }) => id === this.place.metric) ?? report.definitions[0];
    if (!metric) return nothing;
    return html`
      ${this.renderKept(report)}
      <ul class="tiles" aria-label="Metrics">
        ${report.definitions.map((each) => this.renderTile(report, each, each === metric))}
      </ul>
      <section class="card" aria-label="${metric.label} over time">
        <h2>${metric.label} over time</h2>
        <series-chart
          .metric=${metric}
          .steps=${report.steps}
          .earlier=${report.steps_before}
          .zone=${report.period.zone}
        ></series-chart>
        ${this.renderTable("As a table", "steps", stepsTable(report, metric))}
      </section>
      <div class="two">
        <section class="card" aria-label="${metric.label} by ${report.by}">
          <h2>By ${(BY[report.by] ?? "").toLowerCase()}</h2>
          ${report.groups.length === 0 ? html`<p class="empty">Nothing in this period.</p>` : this.renderGroups(report, metric)}
          ${this.renderFile("groups")}
        </section>
        <section class="card" aria-label="${metric.label} by hour and weekday">
          <h2>By hour and weekday</h2>
          <heat-map .metric=${metric} .cells=${report.heat}></heat-map>
          ${this.renderTable("As a table", "heat", heatTable(report, metric))}
        </section>
      </div>
      ${
        report.channel === "agents"
          ? html`<p class="soft">
              A queue's time is that of the agents whom its routes ring by the settings in force: agents of
              two queues are in both.
            </p>`
          : html`<at-once .context=${this.context} .place=${this.place}></at-once>`
      }
    `;
  }

  /** What a report of two parts is counted from. */
  private renderKept({ kept, period }: Report) {
    if (!kept) return nothing;
    const { since } = kept;
    return since !== null && period.begins < since
      ? html`<p class="notice kept" role="status">
          ${warningIcon}<span
            ><b>Some of this period is not kept any more.</b> What is asked for by two parts is counted from
            the ${this.place.channel} that are kept: those from before ${momentIn(since, period.zone)} are
            missing here, and in a comparison.</span
          >
        </p>`
      : html`<p class="soft kept">
          Counted from the ${this.place.channel} that are kept, ${numberWords(kept.most, "count")} at most.
        </p>`;
  }

  private renderTile(report: Report, metric: MetricView, chosen: boolean) {
    const value = report.total[metric.id];
    const change = changeOf(value, report.before?.[metric.id], metric);
    return html`<li class=${chosen ? "tile chosen" : "tile"}>
      <button aria-pressed=${chosen} @click=${() => this.choose({ metric: metric.id })}>
        <span class="label">${metric.label}</span>
        <span class="value">${numberWords(value, metric.unit)}</span>
        <span class="change ${change?.tone ?? "even"}">${change?.words ?? " "}</span>
      </button>
      <details>
        <summary aria-label="What ${metric.label} means">?</summary>
        <p>${metric.definition}</p>
        ${
          report.channel !== "agents" || this.mayAgents
            ? html`<a href=${this.listPlace(metric.id)}>Show them</a>`
            : nothing
        }
      </details>
    </li>`;
  }

  /** The list behind a number. */
  private listPlace(metric: string, part = "", value = ""): string {
    const { place, report } = this;
    if (place.channel === "agents")
      return placeText("reports", ["agents", "list"], {
        since: report?.period.begins,
        until: report?.period.ends,
        zone: place.zone,
        agent: part === "agent" ? value : (narrowedBy(place).find(([each]) => each === "agent")?.[1] ?? ""),
        state: STATES.includes(metric) ? metric : "",
      });
    const told = narrowedBy(place);
    const narrowed =
      part && part !== "site" && !told.some(([each]) => each === part) ? [...told, [part, value]] : told;
    return placeText("reports", [place.channel, "list"], {
      since: report?.period.begins,
      until: report?.period.ends,
      zone: place.zone,
      site: part === "site" ? value : place.site,
      metric,
      ...narrowedTo(narrowed as [string, string][]),
    });
  }

  private renderTable(words: string, table: string, body: unknown) {
    return html`<details class="table">
        <summary>${words}</summary>
        <div class="scroll" tabindex="0" role="region" aria-label="Table of ${table}">${body}</div>
      </details>
      ${this.renderFile(table)}`;
  }

  private renderFile(table: string) {
    const { api } = this.context;
    const { place } = this;
    return html`<a
      class="file no-print"
      download
      href=${api.link(`reports/${place.channel}/csv`, { ...reportQuery(place), table, bom: true })}
      >CSV<span class="visually-hidden"> of this table, with every metric</span></a
    >`;
  }

  private renderGroups(report: Report, metric: MetricView) {
    const ids = [metric.id, ...COLUMNS.filter((id) => id !== metric.id)];
    const columns = ids.flatMap((id) => report.definitions.filter((each) => each.id === id));
    const most = Math.max(...report.groups.map(({ metrics }) => metrics[metric.id] ?? 0));
    return html`<div class="scroll" tabindex="0" role="region" aria-label="By ${report.by}">
      <table class="groups">
        <thead>
          <tr>
            <th scope="col">${BY[report.by]}</th>
            ${columns.map((each) => html`<th scope="col" class="number" title=${each.definition}>${each.label}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${report.groups.map(
            (group) =>
              html`<tr>
                <th scope="row">${this.renderValue(report, group)}</th>
                ${columns.map((each, at) => this.renderCell(report, group, each, at === 0 ? most : 0))}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  private renderValue(report: Report, group: GroupView) {
    const told = narrowedBy(this.place);
    const over = told.length === 2 || told.some(([part]) => part === report.by);
    if (report.by === "site" ? this.place.site !== "" : over) return group.label;
    const narrow =
      report.by === "site"
        ? { site: group.value }
        : {
            ...narrowedTo([...told, [report.by, group.value]]),
            by: report.channel === "agents" ? "agent" : "site",
          };
    const { channel, ...query } = { ...this.place, ...narrow };
    return html`<a href=${placeText("reports", [channel], query)}>${group.label}</a>`;
  }

  private renderCell(report: Report, group: GroupView, metric: MetricView, most: number) {
    const value = group.metrics[metric.id];
    const words = numberWords(value, metric.unit);
    const change = changeOf(value, group.before?.[metric.id], metric);
    const share = most > 0 && value ? (value / most) * 100 : 0;
    const listed = report.channel === "agents" ? report.by === "agent" : metric.unit === "count";
    return html`<td class="number">
      ${listed && value ? html`<a href=${this.listPlace(metric.id, report.by, group.value)}>${words}</a>` : words}
      ${
        most > 0
          ? html`<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
                <rect width="100" height="6" rx="3" class="rail"></rect>
                <rect width=${share} height="6" rx="3"></rect></svg
              ><small class="change ${change?.tone ?? "even"}">${change?.words ?? ""}</small>`
          : nothing
      }
    </td>`;
  }
}

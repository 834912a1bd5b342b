/** The calls or chats that a number counts. */

import { html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { placeText } from "../place";
import { PagedList } from "../paged-list";
import { screenStyles } from "../screen-styles";
import type { ScreenContext } from "../screens";
import { lengthWords, momentIn } from "../times";
import type { TalkList as Page, TalkView } from "./messages";
import { reportStyles } from "./report-styles";
import { trouble } from "../trouble";

@customElement("talk-list")
export class TalkList extends LitElement {
  @property({ attribute: false }) context!: ScreenContext;
  private readonly talks = new PagedList<TalkView, string>(this, async (cursor) => {
    const { zone: _, ...query } = Object.fromEntries(this.context.place.query);
    const path = `talks/${this.channel}`;
    const { talks, next } = await this.context.api.get<Page>(path, { ...query, cursor });
    return { rows: talks, next };
  });

  static override styles = [screenStyles, reportStyles];

  protected override willUpdate(): void {
    this.talks.show(`${this.context.place.path.join("/")}?${this.context.place.query}`);
  }

  private get channel(): string {
    return this.context.place.path[0] === "chats" ? "chats" : "calls";
  }

  protected override render() {
    const { query } = this.context.place;
    const { busy, problem, rows } = this.talks;
    const of = [
      query.get("site"),
      query.get("part") && `${query.get("part")} ${query.get("value") || "(none)"}`,
      query.get("also") && `${query.get("also")} ${query.get("also_value") || "(none)"}`,
    ];
    const during = query.get("during");
    const zone = query.get("zone") ?? undefined;
    if (during) of.push(`in progress on ${momentIn(Number(during), zone)}`);
    const told = [(query.get("metric") ?? "").replaceAll("_", " "), ...of].filter(Boolean).join(" · ");
    return html`
      <div class="head">
        <h1>
          ${this.channel === "chats" ? "Chats" : "Calls"}${told ? html`: <span class="soft">${told}</span>` : nothing}
        </h1>
        <button class="button plain small no-print" @click=${() => history.back()}>Back to the report</button>
      </div>
      ${trouble(problem)}
      <section class="card" aria-busy=${busy} aria-label="List">
        ${
          rows.length === 0
            ? html`<p class="empty">${busy ? "One moment…" : "None are kept of this period."}</p>`
            : this.renderTable()
        }
        ${this.talks.button("Show older ones")}
      </section>
    `;
  }

  private renderTable() {
    const zone = this.context.place.query.get("zone") ?? undefined;
    return html`<div class="scroll" tabindex="0" role="region" aria-label="Rows">
      <table>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Outcome</th>
            <th scope="col">Who</th>
            <th scope="col">Route</th>
            <th scope="col">Page</th>
            <th scope="col">Rule</th>
            <th scope="col" class="number">Waited</th>
            <th scope="col" class="number">Lasted</th>
          </tr>
        </thead>
        <tbody>
          ${this.talks.rows.map(
            (talk) =>
              html`<tr>
                <th scope="row">
                  <a href=${placeText("reports", [this.channel, "talk", talk.id], zone ? { zone } : {})}
                    >${momentIn(talk.at, zone)}</a
                  >
                </th>
                <td><span class="chip">${talk.outcome.replaceAll("_", " ")}</span></td>
                <td>${talk.who || "–"}</td>
                <td>${talk.route || "–"}</td>
                <td>${talk.page || "–"}</td>
                <td>${talk.rule || "–"}</td>
                <td class="number">${talk.wait === null ? "–" : lengthWords(talk.wait)}</td>
                <td class="number">${talk.length ? lengthWords(talk.length) : "–"}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }
}

/** What agents did and when, behind a number of their time; each span leads to the calls of it. */

import { html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { PagedList } from "../paged-list";
import { placeText } from "../place";
import { screenStyles } from "../screen-styles";
import type { ScreenContext } from "../screens";
import { lengthWords, momentIn } from "../times";
import { trouble } from "../trouble";
import type { AgentSpanList, AgentSpanView } from "./messages";
import { reportStyles } from "./report-styles";

export const STATE_WORDS: Readonly<Record<string, string>> = {
  available: "Available",
  ringing: "Ringing",
  on_call: "On a call",
  on_chat: "With a chat",
  wrap_up: "Wrapping up",
  away: "Away",
};
/** A call was asked for before an agent had it: at most so many seconds are looked back. */
const WAITED = 3600;

@customElement("span-list")
export class SpanList extends LitElement {
  @property({ attribute: false }) context!: ScreenContext;
  private readonly spans = new PagedList<AgentSpanView, string>(this, async (cursor) => {
    const { zone: _, ...query } = Object.fromEntries(this.context.place.query);
    const page = await this.context.api.get<AgentSpanList>("reports/agents/spans", { ...query, cursor });
    return { rows: page.spans, next: page.next };
  });

  static override styles = [screenStyles, reportStyles];

  protected override willUpdate(): void {
    this.spans.show(`${this.context.place.query}`);
  }

  protected override render() {
    const { query } = this.context.place;
    const { busy, problem, rows } = this.spans;
    const agent = query.get("agent") ? (rows[0]?.label ?? query.get("agent")) : "";
    const told = [agent, STATE_WORDS[query.get("state") ?? ""]].filter(Boolean).join(" · ");
    return html`
      <div class="head">
        <h1>Agents' time${told ? html`: <span class="soft">${told}</span>` : ""}</h1>
        <button class="button plain small no-print" @click=${() => history.back()}>Back to the report</button>
      </div>
      ${trouble(problem)}
      <section class="card" aria-busy=${busy} aria-label="List">
        ${
          rows.length === 0
            ? html`<p class="empty">${busy ? "One moment…" : "Nothing is kept of this period."}</p>`
            : this.renderTable(rows)
        }
        ${this.spans.button("Show older ones")}
      </section>
    `;
  }

  private renderTable(rows: readonly AgentSpanView[]) {
    const zone = this.context.place.query.get("zone") ?? undefined;
    return html`<div class="scroll" tabindex="0" role="region" aria-label="Rows">
      <table>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">Agent</th>
            <th scope="col">What</th>
            <th scope="col" class="number">Lasted</th>
            <th scope="col">Behind it</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (span) =>
              html`<tr>
                <th scope="row">${momentIn(span.begins, zone)}</th>
                <td>${span.label}</td>
                <td><span class="chip">${STATE_WORDS[span.state] ?? span.state}</span></td>
                <td class="number">
                  ${span.ends === null ? "goes on" : lengthWords(span.ends - span.begins)}
                </td>
                <td>${this.renderTalks(span)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  /** The calls or chats that they can have had then. */
  private renderTalks({ agent, state, begins, ends }: AgentSpanView) {
    const zone = this.context.place.query.get("zone") ?? "";
    const until = Math.ceil(ends ?? Date.now() / 1000);
    const query = { since: Math.floor(begins) - WAITED, until, part: "agent", value: agent, zone };
    const link = (channel: string, words: string) =>
      html`<a href=${placeText("reports", [channel, "list"], query)}>${words}</a>`;
    if (state === "on_call" || state === "ringing") return link("calls", "Calls");
    if (state === "on_chat") return link("chats", "Chats");
    return state === "wrap_up" ? html`${link("calls", "Calls")} ${link("chats", "Chats")}` : "–";
  }
}

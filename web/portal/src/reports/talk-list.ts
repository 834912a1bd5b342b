/** The calls or chats that a number counts. */

import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { placeText } from "../place";
import { problemWords } from "../portal-api";
import { screenStyles } from "../screen-styles";
import type { ScreenContext } from "../screens";
import { lengthWords, momentIn } from "../times";
import type { TalkList as Page, TalkView } from "./messages";
import { reportStyles } from "./report-styles";
import { trouble } from "../trouble";

@customElement("talk-list")
export class TalkList extends LitElement {
  @property({ attribute: false }) context!: ScreenContext;
  @state() private talks: readonly TalkView[] = [];
  @state() private next: string | null = null;
  @state() private busy = false;
  @state() private problem = "";
  private asked = "";

  static override styles = [screenStyles, reportStyles];

  protected override willUpdate(): void {
    const asked = `${this.context.place.path.join("/")}?${this.context.place.query}`;
    if (asked === this.asked) return;
    this.asked = asked;
    this.talks = [];
    this.next = null;
    void this.load();
  }

  private get channel(): string {
    return this.context.place.path[0] === "chats" ? "chats" : "calls";
  }

  private async load(): Promise<void> {
    const { asked } = this;
    this.busy = true;
    try {
      const { zone: _, ...query } = Object.fromEntries(this.context.place.query);
      const path = `talks/${this.channel}`;
      const page = await this.context.api.get<Page>(path, { ...query, cursor: this.next });
      if (asked !== this.asked) return;
      this.talks = [...this.talks, ...page.talks];
      this.next = page.next;
      this.problem = "";
    } catch (error) {
      this.problem = problemWords(error);
    } finally {
      this.busy = false;
    }
  }

  protected override render() {
    const { query } = this.context.place;
    const of = [
      query.get("site"),
      query.get("part") && `${query.get("part")} ${query.get("value") || "(none)"}`,
    ];
    const told = [(query.get("metric") ?? "").replaceAll("_", " "), ...of].filter(Boolean).join(" · ");
    return html`
      <div class="head">
        <h1>
          ${this.channel === "chats" ? "Chats" : "Calls"}${told ? html`: <span class="soft">${told}</span>` : nothing}
        </h1>
        <button class="button plain small no-print" @click=${() => history.back()}>Back to the report</button>
      </div>
      ${trouble(this.problem)}
      <section class="card" aria-busy=${this.busy} aria-label="List">
        ${
          this.talks.length === 0
            ? html`<p class="empty">${this.busy ? "One moment…" : "None are kept of this period."}</p>`
            : this.renderTable()
        }
        ${
          this.next === null
            ? nothing
            : html`<button class="button plain small" @click=${() => void (this.busy || this.load())}>
                Show older ones
              </button>`
        }
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
          ${this.talks.map(
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

/** Who is where, who waits and how long, live calls and chats, today's rates; and what is out of bounds. */

import { warningIcon } from "@ringback/look/icons";
import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { numberWords } from "../reports/numbers";
import { problemWords } from "../portal-api";
import { screenStyles } from "../screen-styles";
import type { ScreenContext, ScreenElement } from "../screens";
import { lengthWords, momentIn, momentWords } from "../times";
import { BoardLine } from "./board-line";
import { boardStyles } from "./board-styles";
import type { Board, BoardLeads, BoardQueue, KioskList, KioskView, NewKiosk } from "./messages";
import { trouble } from "../trouble";

const STATES: Readonly<Record<string, string>> = {
  available: "Available",
  ringing: "Ringing",
  on_call: "On a call",
  wrap_up: "Wrapping up",
  away: "Away",
  offline: "Offline",
};
const BREACHES: Readonly<Record<BoardQueue["breaches"][number], string>> = {
  waiting: "Many are waiting",
  longest_wait: "Somebody waits too long",
  service_level: "Too few answered in time",
};
const TODAY = [
  ["offered", "Offered", "count"],
  ["answered", "Answered", "count"],
  ["answer_rate", "Answer rate", "share"],
  ["service_level", "Service level", "share"],
  ["speed_p50", "Speed of answer, p50", "seconds"],
  ["abandoned", "Abandoned", "count"],
] as const;

@customElement("wallboard-screen")
export class WallboardScreen extends LitElement implements ScreenElement {
  @property({ attribute: false }) context!: ScreenContext;
  /** Counts seconds and news. */
  @state() private tick = 0;
  @state() private links: readonly KioskView[] | null = null;
  @state() private made: string | null = null;
  @state() private problem = "";
  private line: BoardLine | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;

  static override styles = [screenStyles, boardStyles];

  private get kiosk(): string {
    return this.context.place.query.get("kiosk") ?? "";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.timer = setInterval(() => (this.tick += 1), 1_000);
    this.line?.open();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.timer);
    this.line?.close();
    this.line = null;
  }

  protected override willUpdate(): void {
    if (this.line || !this.isConnected) return;
    const address = this.context.api.socket("v1/portal/wallboard");
    this.line = new BoardLine(address, this.kiosk, () => (this.tick += 1));
    this.line.open();
  }

  protected override render() {
    const { line } = this;
    const board = line?.standing.board ?? null;
    if (line?.over) {
      const words = this.kiosk
        ? "This link to the wallboard is over. Ask an operator for a new one."
        : "You are logged out, or may not see the wallboard any more.";
      return trouble(words);
    }
    return html`
      <div class="head">
        <h1>Wallboard</h1>
        ${this.renderClock(board)}
      </div>
      ${
        board && line?.stale
          ? html`<p class="notice bad" role="alert">
              ${warningIcon}<span
                ><b>These figures are old.</b> The server has been silent for a while. Reconnecting…</span
              >
            </p>`
          : nothing
      }
      ${
        board && board.unread_since !== null && !line?.stale
          ? html`<p class="notice bad" role="alert">
              ${warningIcon}<span
                ><b>Today's figures and service levels are old.</b> The server cannot read them since
                ${momentIn(board.unread_since, board.today.zone)}.</span
              >
            </p>`
          : nothing
      }
      ${
        board
          ? html`<div class=${line?.stale ? "stale" : ""}>${this.renderBoard(board)}</div>`
          : html`<p class="empty" role="status">One moment…</p>`
      }
      ${this.kiosk ? nothing : this.renderLinks()}
    `;
  }

  private renderClock(board: Board | null) {
    if (!board || !this.line) return nothing;
    const at = Date.now() + this.line.standing.ahead;
    const { zone } = board.today;
    const words = new Intl.DateTimeFormat(undefined, { timeZone: zone, timeStyle: "medium" }).format(at);
    return html`<p class="clock"><b>${words}</b> <span class="soft">${zone.replaceAll("_", " ")}</span></p>`;
  }

  private renderBoard(board: Board) {
    const live = Object.values(board.talks.calls).reduce((sum, count) => sum + count, 0);
    const bridged = board.talks.calls["bridged"] ?? 0;
    return html`
      <section aria-label="Now">
        <ul class="figures">
          ${this.renderFigure(
            "Waiting",
            board.queues.reduce((sum, queue) => sum + queue.waiting, 0),
          )}
          ${this.renderFigure("Calls", live, `${bridged} talk`)}
          ${this.renderFigure("Chats", board.talks.chats)}
          ${board.leads ? this.renderLeads(board.leads) : nothing}
          ${Object.entries(STATES)
            .filter(([name]) => name !== "offline")
            .map(([name, words]) => this.renderFigure(words, board.states[name] ?? 0))}
          ${this.kiosk ? nothing : this.renderFigure("Occupancy", numberWords(board.today.agents["occupancy"], "share"), "today")}
        </ul>
      </section>
      <section aria-label="Queues">
        <h2>Queues</h2>
        ${
          board.queues.length === 0
            ? html`<p class="soft">There are no queues.</p>`
            : html`<ul class="queues">
                ${board.queues.map((queue) => this.renderQueue(queue))}
              </ul>`
        }
      </section>
      <section aria-label="Today">
        <h2>Today</h2>
        <div class="card scroll" tabindex="0" role="region" aria-label="Rates">
          <table>
            <thead>
              <tr>
                <th scope="col">Of</th>
                ${TODAY.map(([, label]) => html`<th scope="col" class="number">${label}</th>`)}
              </tr>
            </thead>
            <tbody>
              ${(["calls", "chats"] as const).map(
                (channel) =>
                  html`<tr>
                    <th scope="row">${channel === "calls" ? "Calls" : "Chats"}</th>
                    ${TODAY.map(
                      ([id, , unit]) =>
                        html`<td class="number">${numberWords(board.today[channel][id], unit)}</td>`,
                    )}
                  </tr>`,
              )}
            </tbody>
          </table>
        </div>
      </section>
      ${board.agents.length > 0 ? this.renderAgents(board) : nothing}
    `;
  }

  private renderLeads({ open, due, overdue }: BoardLeads) {
    return html`<li class=${overdue > 0 ? "card wrong" : "card"}>
      <span class="soft">Leads</span><b>${open}</b
      ><small class=${overdue > 0 ? "breach" : "soft"}
        >${overdue > 0 ? html`${warningIcon}${overdue} overdue` : `${due} with a due time`}</small
      >
    </li>`;
  }

  private renderFigure(label: string, value: number | string, more = "") {
    return html`<li class="card">
      <span class="soft">${label}</span
      ><b>${value}</b>${more ? html`<small class="soft">${more}</small>` : nothing}
    </li>`;
  }

  private renderQueue(queue: BoardQueue) {
    const wrong = queue.breaches.length > 0;
    return html`<li class=${wrong ? "card wrong" : "card"}>
      <h3>${queue.name}</h3>
      <dl>
        <div>
          <dt>Waiting</dt>
          <dd>${queue.waiting}</dd>
        </div>
        <div>
          <dt>Longest</dt>
          <dd>${lengthWords(queue.longest)}</dd>
        </div>
        <div>
          <dt>Expected</dt>
          <dd>${lengthWords(queue.expected)}</dd>
        </div>
        <div>
          <dt>In time, 15 min</dt>
          <dd>${numberWords(queue.level_15, "share")}</dd>
        </div>
        <div>
          <dt>In time, 60 min</dt>
          <dd>${numberWords(queue.level_60, "share")}</dd>
        </div>
      </dl>
      ${wrong ? html`<p class="breach">${warningIcon}${queue.breaches.map((each) => BREACHES[each]).join(". ")}</p>` : nothing}
    </li>`;
  }

  private renderAgents(board: Board) {
    const now = Date.now() + (this.line?.standing.ahead ?? 0);
    const order = Object.keys(STATES);
    const agents = [...board.agents].sort(
      (one, other) =>
        order.indexOf(one.state) - order.indexOf(other.state) || one.label.localeCompare(other.label),
    );
    return html`<section aria-label="Agents">
      <h2>Agents</h2>
      <ul class="agents">
        ${agents.map(
          (agent) =>
            html`<li class="card ${agent.state}">
              <b>${agent.label}</b>
              <span>${STATES[agent.state] ?? agent.state}</span>
              <small class="soft"
                >${agent.since === null ? "" : lengthWords(Math.max(0, Math.round(now / 1000 - agent.since)))}${
                  agent.chats > 0 ? ` · ${agent.chats} ${agent.chats === 1 ? "chat" : "chats"}` : ""
                }</small
              >
            </li>`,
        )}
      </ul>
    </section>`;
  }

  private renderLinks() {
    return html`<details class="links no-print" @toggle=${() => void (this.links ?? this.loadLinks())}>
      <summary>Links for screens on a wall</summary>
      <p class="soft">
        Such a link shows the board without names, to whoever has it, until it expires or you end it.
      </p>
      ${trouble(this.problem)}
      ${
        this.made
          ? html`<p class="notice" role="status">
              ${warningIcon}<span
                ><b>Copy the link now; it is shown this once.</b> <code>${this.made}</code></span
              >
            </p>`
          : nothing
      }
      <form @submit=${(event: SubmitEvent) => void this.make(event)}>
        <label>Where the screen hangs <input name="label" type="text" required maxlength="100" /></label>
        <label
          >Good for
          <select name="days">
            <option value="1">a day</option>
            <option value="30" selected>30 days</option>
            <option value="366">a year</option>
          </select></label
        >
        <button class="button brand small">Make a link</button>
      </form>
      <ul>
        ${(this.links ?? []).map(
          (link) =>
            html`<li>
              <span
                ><b>${link.label}</b>
                <small class="soft">by ${link.made_by}, until ${momentWords(link.expires_at)}</small></span
              >
              <button class="button plain small" @click=${() => void this.end(link)}>
                End<span class="visually-hidden"> ${link.label}</span>
              </button>
            </li>`,
        )}
      </ul>
    </details>`;
  }

  private async tried(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.problem = "";
    } catch (error) {
      this.problem = problemWords(error);
    }
  }

  private loadLinks(): Promise<void> {
    return this.tried(async () => {
      this.links = (await this.context.api.get<KioskList>("kiosks")).links;
    });
  }

  private make(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const typed = new FormData(form);
    return this.tried(async () => {
      const wish = { label: String(typed.get("label")), days: Number(typed.get("days")) };
      const made = await this.context.api.change<NewKiosk>("POST", "kiosks", wish);
      this.made = new URL(`#/wallboard?kiosk=${made.secret}`, location.href).href;
      this.links = [made.link, ...(this.links ?? [])];
      form.reset();
    });
  }

  private end(link: KioskView): Promise<void> {
    return this.tried(async () => {
      await this.context.api.change("DELETE", `kiosks/${link.id}`);
      this.links = (this.links ?? []).filter(({ id }) => id !== link.id);
    });
  }
}

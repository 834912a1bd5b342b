/** The list of leads, on the agents' page and in the portal: shoppers nobody served, the most urgent first. */

import { html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { checkIcon, clockIcon, phoneIcon, warningIcon } from "./icons";
import type { LeadDetail, LeadDone, LeadEntry, LeadList as LeadPage } from "./lead-messages";
import { leadStyles } from "./lead-styles";
import { CLOSED, dueWords, happenedWords, momentWords, SHARED, shortMoment, whoWords } from "./lead-words";
import { base, buttons, fields, notices } from "./page-styles";

export type LeadView = "open" | "due" | "overdue" | "mine" | "closed";
export type LeadAct = "take" | "release" | "answered" | "call" | "done";

/** The server, as far as a list needs it; each may throw an Error whose message is for people. */
export interface LeadApi {
  list(view: LeadView, search: string, start: string): Promise<LeadPage>;
  look(id: string): Promise<LeadDetail>;
  /** Missing where one may only look. */
  act?(id: string, act: LeadAct, done?: LeadDone): Promise<unknown>;
}

const VIEW_WORDS: Readonly<Record<LeadView, string>> = {
  open: "All",
  due: "With a due time",
  overdue: "Overdue",
  mine: "Mine",
  closed: "Closed",
};
/** Ms between two looks at the list while it is open, and after the last letter of a search. */
const LOOK_AGAIN = 60_000;
const TYPED = 250;

@customElement("lead-list")
export class LeadList extends LitElement {
  @property({ attribute: false }) api!: LeadApi;
  @property({ attribute: false }) views: readonly LeadView[] = ["open", "due", "overdue", "mine"];
  /** Changes when there is something new to ask for. */
  @property({ attribute: false }) news: unknown = null;
  /** The agent who looks; empty in the portal. */
  @property() agent = "";
  /** Seconds since the epoch by the server's clock. */
  @property({ attribute: false }) now = (): number => Date.now() / 1000;
  @state() private view: LeadView = "open";
  @state() private page: LeadPage | null = null;
  @state() private leads: readonly LeadEntry[] = [];
  @state() private looked: LeadDetail | null = null;
  @state() private problem = "";
  @state() private said = "";
  @state() private busy = false;
  private search = "";
  private asked = 0;
  private again: ReturnType<typeof setTimeout> | undefined;
  private typing: ReturnType<typeof setTimeout> | undefined;

  static override styles = [base, buttons, fields, notices, leadStyles];

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener("visibilitychange", this.seen);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener("visibilitychange", this.seen);
    clearTimeout(this.again);
    clearTimeout(this.typing);
    this.asked += 1;
  }

  private readonly seen = (): void => {
    if (!document.hidden) void this.load();
  };

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("news") || changed.has("api")) void this.load();
  }

  /** Ask for the list as it is now: as many as are shown. */
  private async load(): Promise<void> {
    const turn = ++this.asked;
    clearTimeout(this.again);
    if (document.hidden) return;
    try {
      const page = await this.api.list(this.view, this.search, "");
      if (turn !== this.asked) return;
      this.page = page;
      this.leads = page.leads;
      this.problem = "";
    } catch (error) {
      if (turn === this.asked) this.problem = words(error);
    }
    if (this.isConnected) this.again = setTimeout(() => void this.load(), LOOK_AGAIN);
  }

  private async more(): Promise<void> {
    if (this.busy || !this.page?.next) return;
    this.busy = true;
    try {
      const page = await this.api.list(this.view, this.search, this.page.next);
      this.leads = [...this.leads, ...page.leads];
      this.page = page;
    } catch (error) {
      this.problem = words(error);
    }
    this.busy = false;
  }

  private choose(view: LeadView): void {
    this.view = view;
    this.looked = null;
    void this.load();
  }

  private typed(event: Event): void {
    this.search = (event.target as HTMLInputElement).value;
    clearTimeout(this.typing);
    this.typing = setTimeout(() => void this.load(), TYPED);
  }

  private async open(id: string): Promise<void> {
    if (this.looked?.lead_id === id) {
      this.looked = null;
      return;
    }
    try {
      this.looked = await this.api.look(id);
      this.problem = "";
    } catch (error) {
      this.problem = words(error);
    }
  }

  private async act(lead: LeadDetail, act: LeadAct, done?: LeadDone): Promise<void> {
    if (this.busy || !this.api.act) return;
    this.busy = true;
    this.problem = "";
    try {
      await this.api.act(lead.lead_id, act, done);
      this.said = SAID[act];
      this.looked = act === "done" ? null : await this.api.look(lead.lead_id);
      await this.load();
    } catch (error) {
      this.problem = words(error);
    }
    this.busy = false;
  }

  protected override render() {
    const { page } = this;
    const counts = page?.counts;
    return html`
      <div class="bar">
        <ul class="views" aria-label="Which leads">
          ${this.views.map(
            (view) =>
              html`<li>
                <button
                  class="button plain small"
                  aria-pressed=${view === this.view}
                  @click=${() => this.choose(view)}
                >
                  ${VIEW_WORDS[view]}${counts && view !== "closed" ? ` (${counts[view]})` : nothing}
                </button>
              </li>`,
          )}
        </ul>
        ${
          this.view === "closed"
            ? nothing
            : html`<div class="search">
                <input
                  type="text"
                  aria-label="Search leads"
                  placeholder="Name, number, words"
                  maxlength="100"
                  @input=${this.typed}
                />
              </div>`
        }
      </div>
      ${
        this.problem
          ? html`<p class="notice bad" role="alert">${warningIcon}<span>${this.problem}</span></p>`
          : nothing
      }
      ${
        page && this.leads.length === 0
          ? html`<p class="empty">${this.search ? "No lead fits this search." : EMPTY[this.view]}</p>`
          : nothing
      }
      <ol class="leads">
        ${this.leads.map((lead) => this.renderLead(lead))}
      </ol>
      ${
        page?.next
          ? html`<button
              class="button plain small more"
              aria-disabled=${this.busy}
              @click=${() => void this.more()}
            >
              Show more
            </button>`
          : nothing
      }
      <p class="visually-hidden" role="status">${this.said}</p>
    `;
  }

  private renderLead(lead: LeadEntry) {
    const opened = this.looked?.lead_id === lead.lead_id;
    return html`<li>
      <button class="row" aria-expanded=${opened} @click=${() => void this.open(lead.lead_id)}>
        <b dir="auto">${whoWords(lead)}</b>
        <span class="what soft"
          >${happenedWords(lead.kind)}${lead.said ? html`: <bdi>${lead.said}</bdi>` : nothing}</span
        >
        <span class="soft">${this.ownerWords(lead)}</span>
        ${this.renderDue(lead)}
      </button>
      ${opened && this.looked ? this.renderDetail(this.looked) : nothing}
    </li>`;
  }

  private ownerWords(lead: LeadEntry): string {
    if (lead.closed_how) return CLOSED[lead.closed_how] ?? lead.closed_how;
    if (lead.owner === null) return lead.state === "answered" ? "answered" : "nobody's yet";
    return lead.owner === this.agent ? "mine" : (lead.owner_label ?? lead.owner);
  }

  private renderDue(lead: LeadEntry) {
    if (lead.chosen_at !== null && !lead.overdue)
      return html`<span class="due">${clockIcon} call ${shortMoment(lead.chosen_at)}</span>`;
    if (lead.due_at === null) {
      const at = lead.closed_at ?? lead.last_at;
      return html`<span class="due soft">${momentWords(at)}</span>`;
    }
    return html`<span class=${lead.overdue ? "due late" : "due"}
      >${lead.overdue ? warningIcon : clockIcon} ${dueWords(lead.due_at, this.now())}</span
    >`;
  }

  private renderDetail(lead: LeadDetail) {
    const rows: (readonly [string, unknown])[] = [
      ["Due", lead.due_at === null ? "" : `${momentWords(lead.due_at)} (${lead.explanation})`],
      ["Last contact", momentWords(lead.last_at)],
      ["Number", lead.number],
      ["E-mail", lead.email],
      ["Also given", lead.claimed.join(", ")],
      ["Site", lead.site_label],
      ["Page", lead.page],
      ["Closed", lead.closed_how ? `${CLOSED[lead.closed_how] ?? lead.closed_how} ${lead.note}` : ""],
      ...lead.fields.map((field) => [field.label, field.masked ? "•••" : field.value] as const),
    ];
    return html`<div class="detail">
      ${lead.shared ? html`<p class="notice">${warningIcon}<span>${SHARED}</span></p>` : nothing}
      <dl>
        ${rows
          .filter(([, value]) => value)
          .map(
            ([name, value]) =>
              html`<dt>${name}</dt>
                <dd><bdi>${value}</bdi></dd>`,
          )}
        <dt>What happened</dt>
        <dd>
          ${lead.contacts.map(
            (each) =>
              html`<div>
                ${momentWords(each.at)}: ${happenedWords(each.kind)}${each.by ? ` (${each.by})` : ""}
              </div>`,
          )}
        </dd>
      </dl>
      ${lead.said_all ? html`<blockquote dir="auto">${lead.said_all}</blockquote>` : nothing}
      ${
        lead.chat.length > 0
          ? html`<details>
              <summary>The chat (${lead.chat.length})</summary>
              ${lead.chat.map((line) => html`<p dir="auto"><b>${line.by}:</b> ${line.text}</p>`)}
            </details>`
          : nothing
      }
      ${lead.state === "closed" || !this.api.act ? nothing : this.renderActs(lead)}
    </div>`;
  }

  private renderActs(lead: LeadDetail) {
    const mine = lead.owner === this.agent;
    const free = lead.owner === null || mine;
    const codes = Object.entries(this.page?.codes ?? {});
    const button = (act: LeadAct, label: unknown, kind = "plain") =>
      html`<button
        class="button ${kind} small"
        aria-disabled=${this.busy}
        @click=${() => void this.act(lead, act)}
      >
        ${label}
      </button>`;
    return html`<div class="acts">
      ${
        this.agent && free && lead.number
          ? button("call", html`${phoneIcon}<span>Call: my phone first</span>`, "brand")
          : nothing
      }
      ${this.agent && free ? (mine ? button("release", "Give it back") : button("take", "I take it")) : nothing}
      ${this.agent && free && lead.state === "waiting" ? button("answered", "I have written") : nothing}
      ${
        codes.length > 0
          ? html`<label
              >How it ended
              <select id="code">
                <option value="">Done</option>
                ${codes.map(([code, label]) => html`<option value=${code}>${label}</option>`)}
              </select></label
            >`
          : nothing
      }
      <label class="note">A note <input id="note" type="text" maxlength="2000" autocomplete="off" /></label>
      <button
        class="button plain small"
        aria-disabled=${this.busy}
        @click=${() => void this.act(lead, "done", { code: this.fieldOf("code"), note: this.fieldOf("note") })}
      >
        ${checkIcon}<span>Close it</span>
      </button>
    </div>`;
  }

  /** What a field of the lead at hand has; empty where there is none. */
  private fieldOf(field: "code" | "note"): string {
    const found = this.renderRoot.querySelector<HTMLInputElement | HTMLSelectElement>(`#${field}`);
    return found?.value.trim() ?? "";
  }
}

const EMPTY: Readonly<Record<LeadView, string>> = {
  open: "Nobody waits for an answer.",
  due: "Nothing is promised to anybody just now.",
  overdue: "Nothing is overdue.",
  mine: "You have taken none.",
  closed: "None is closed yet.",
};
const SAID: Readonly<Record<LeadAct, string>> = {
  take: "The lead is yours.",
  release: "The lead is your team's again.",
  answered: "Noted: you have answered.",
  call: "Your phone rings. Then the customer is called.",
  done: "The lead is closed.",
};

function words(error: unknown): string {
  return error instanceof Error && error.message ? error.message : "That did not work. Please try again.";
}

/** The whole page: who is logged in, how the line is, and what there is to do now. */

import "@ringback/look/lead-list";
import { audioContext, LegProblem } from "@ringback/browser-leg";
import { html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import { AgentApi } from "./agent-api";
import type { LineState } from "./agent-line";
import { maySound } from "./alerts";
import { Attention } from "./attention";
import "./call-view";
import "./chat-board";
import "./shared-view/views-board";
import "./chat-view";
import { chatterWords } from "./chat-words";
import { Desk } from "./desk";
import type { DeskCallPhase, DeskCall } from "./desk-call";
import type { DeskChat } from "./desk-chat";
import { NONE } from "./desk-chats";
import { headsetIcon, leaveIcon, awayIcon, warningIcon } from "./icons";
import "./login-form";
import type { LeadsMoved } from "./messages";
import { pageLayout } from "./page-layout";
import "./problem-notice";
import "./recent-calls";
import "./sound-check";
import "./status-card";
import { base, buttons, notices } from "./styles";
import { outcomeWords, ringWords, whoWords } from "./words";

const LINE_WORDS: Partial<Readonly<Record<LineState, readonly [what: string, remedy: string]>>> = {
  lost: ["The connection to the server is lost.", "Reconnecting. Until then, calls cannot ring here."],
  offline: ["This computer is offline.", "Calls ring here again when it is back online."],
  too_many: [
    "Too many tabs of this page are open.",
    "Calls ring in the others. Close some of them, and this one reconnects.",
  ],
};
const TAB_WORDS: Partial<Readonly<Record<DeskCallPhase, string>>> = {
  ringing: "rings",
  wrap_up: "over",
  ended: "over",
};
const CHAT_TAB_WORDS: Readonly<Record<DeskChat["part"], string>> = {
  offered: "wants to chat",
  talking: "chat",
  watching: "you look in",
  over: "chat over",
  unknown: "chat",
};
/** Extensions and settings may take WebRTC away: then calls are seen here, and answered elsewhere. */
const canTalk = typeof RTCPeerConnection !== "undefined";
const IN_CALL = "Your call goes on while you hear each other.";
const ON_PHONE = "Your call goes on, on your phone.";

@customElement("agent-page")
export class AgentPage extends LitElement {
  private readonly desk = new Desk(new AgentApi());
  private readonly attention = new Attention(this.desk);
  /** Counts changes, and seconds while somebody talks. */
  @state() private tick = 0;
  @state() private sound = true;
  @query("[data-main]") private main!: HTMLElement | null;
  private ticking: ReturnType<typeof setInterval> | undefined;
  private shown = "";
  /** Whether there was a call since the page was opened. */
  private hadCall = false;
  private readonly stops: (() => void)[] = [];

  static override styles = [base, buttons, notices, pageLayout];

  override connectedCallback(): void {
    super.connectedCallback();
    this.stops.push(this.desk.on("changed", () => this.redraw()));
    const hear = (target: EventTarget, event: string, listener: () => void): void => {
      target.addEventListener(event, listener);
      this.stops.push(() => target.removeEventListener(event, listener));
    };
    hear(window, "offline", () => this.desk.line?.networkLost());
    hear(document, "visibilitychange", () => {
      if (document.hidden) return;
      this.desk.line?.tryNow();
      this.desk.chats.looked();
    });
    // Browsers let a page sound only after somebody touched it.
    const heard = (): void => {
      this.sound = maySound();
      this.attention.audible(this.sound);
    };
    heard();
    try {
      hear(audioContext(), "statechange", heard);
    } catch (error) {
      console.warn("This browser has no sound for pages.", error);
    }
    for (const event of ["pointerdown", "keydown"]) {
      hear(window, event, () => {
        maySound();
        this.attention.used();
      });
    }
    setTimeout(heard, 500);
    void this.desk.begin();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.stops.splice(0)) stop();
    clearInterval(this.ticking);
  }

  private redraw(): void {
    this.tick += 1;
    const { current } = this.desk.calls;
    this.attention.update();
    this.hadCall ||= current !== null;
    clearInterval(this.ticking);
    const counts = current !== null || this.desk.chats.offered.length > 0;
    if (counts) this.ticking = setInterval(() => (this.tick += 1), 1_000);
  }

  /** What the agent looks at: a call that rings comes before a chat, a chat that they chose before any other call. */
  private get looked(): { readonly chat: DeskChat | null; readonly current: DeskCall | null } {
    const { calls, chats } = this.desk;
    const { current } = calls;
    if (current?.phase === "ringing") return { chat: null, current };
    if (current && chats.chosenFor !== "chat") return { chat: null, current };
    return { chat: chats.current, current: chats.current ? null : current };
  }

  /** What is the page's matter now; when that changes, the focus goes there. */
  private get matter(): string {
    const { stage } = this.desk;
    if (stage !== "desk") return stage;
    const { chat, current } = this.looked;
    if (chat) return `${chat.id} ${chat.part}`;
    if (!current) return "idle";
    const over = current.phase === "wrap_up" || current.phase === "ended";
    return `${current.id} ${over ? "over" : current.talks ? "talk" : "ring"}`;
  }

  protected override updated(_: PropertyValues): void {
    const { matter } = this;
    if (matter === this.shown) return;
    const before = this.shown;
    this.shown = matter;
    if (before !== "" && before !== "loading" && matter !== "login") {
      void this.updateComplete.then(() => this.main?.focus());
    }
  }

  protected override render() {
    switch (this.desk.stage) {
      case "loading":
        return html`<main class="centre" aria-busy="true">
          <p class="soft" role="status">One moment…</p>
        </main>`;
      case "unreachable":
        return html`<main class="centre">
          <h1 data-main tabindex="-1">The server cannot be reached</h1>
          <p class="soft">
            ${this.desk.problem?.message} Check your connection; nothing is wrong with your log-in.
          </p>
          <button class="button brand" @click=${() => void this.desk.begin()}>Try again</button>
        </main>`;
      case "login":
        return html`<main><login-form .desk=${this.desk} .tick=${this.tick}></login-form></main>`;
      case "desk":
        return this.renderDesk();
    }
  }

  private renderDesk() {
    const { calls, choice, me } = this.desk;
    const { current } = calls;
    const { looked } = this;
    return html`
      <header>
        <span class="mark">${headsetIcon}<span>Ringback</span></span>
        <span class="who">${me?.label}</span>
        ${
          current
            ? html`<button
                class="button plain small"
                aria-pressed=${choice === "away"}
                aria-label="Away after this call"
                title="No call rings after this one, until you say that you are available"
                @click=${() => this.desk.choose(choice === "away" ? "available" : "away")}
              >
                ${awayIcon}<span>Away after this call</span>
              </button>`
            : nothing
        }
        <button
          class="button plain small"
          aria-disabled=${this.desk.talk !== null || this.desk.busy}
          aria-label="Log out"
          title=${this.desk.talk ? "Hang up first" : "Log out"}
          @click=${this.leave}
        >
          ${leaveIcon}<span>Log out</span>
        </button>
      </header>
      <main>
        <div class="notices">${this.renderNotices()}</div>
        ${this.renderTabs()}
        ${
          looked.chat
            ? html`<chat-view
                data-main
                .chat=${looked.chat}
                .settings=${calls.settings}
                .views=${this.desk.views}
                .tick=${this.tick}
              ></chat-view>`
            : looked.current
              ? this.renderCall(looked.current)
              : this.renderIdle()
        }
        <p class="visually-hidden" role="status">${this.said()}</p>
      </main>
    `;
  }

  private renderIdle() {
    return html`<div class="desk">
      <status-card data-main .desk=${this.desk} .tick=${this.tick}></status-card>
      <aside aria-label="Sound and calls">
        <sound-check
          class=${this.desk.calls.settings.own_phone ? "later" : ""}
          .desk=${this.desk}
          .tick=${this.tick}
        ></sound-check>
        ${
          this.desk.chats.board
            ? html`<chat-board
                .chats=${this.desk.chats.board}
                .now=${this.desk.clock.now}
                @look=${({ detail }: CustomEvent<string>) => this.desk.chats.look(detail)}
              ></chat-board>`
            : nothing
        }
        <recent-calls .past=${this.desk.past} .tick=${this.tick}></recent-calls>
      </aside>
      ${
        this.desk.views.running && (this.desk.views.running.length > 0 || this.desk.views.watchedOver)
          ? html`<views-board class="wide" .views=${this.desk.views} .tick=${this.tick}></views-board>`
          : nothing
      }
      ${this.desk.leads ? this.renderLeads(this.desk.leads) : nothing}
    </div>`;
  }

  private renderLeads(leads: LeadsMoved) {
    return html`<section class="card leads" aria-labelledby="leads">
      <h2 id="leads">Leads: customers who wait for an answer</h2>
      <lead-list
        .api=${this.desk.api.leads}
        .news=${leads}
        .now=${() => Date.now() / 1000}
        agent=${this.desk.me?.agent ?? ""}
      ></lead-list>
    </section>`;
  }

  private renderCall(current: DeskCall) {
    return html`<call-view
      data-main
      .call=${current}
      .calls=${this.desk.calls}
      .views=${this.desk.views}
      .tick=${this.tick}
      @reopen-microphone=${this.reopen}
    ></call-view>`;
  }

  /** What there is besides what the agent looks at. */
  private renderTabs() {
    const { calls, chats } = this.desk;
    const { chat: atChat, current } = this.looked;
    if (calls.all.length + chats.all.length < 2 && chats.all.length === 0) return nothing;
    const tab = (words: string, here: boolean, count: number, go: () => void) =>
      html`<li>
        <button class="button plain small" aria-current=${here} @click=${go}>
          <bdi>${words}</bdi>${
            count > 0
              ? html`<span class="count">${count}<span class="visually-hidden"> new</span></span>`
              : nothing
          }
        </button>
      </li>`;
    return html`<nav aria-label="Calls and chats">
      <ul>
        ${
          calls.all.length === 0
            ? tab("Desk", atChat === null, 0, () => chats.choose(NONE))
            : calls.all.map((call) =>
                tab(
                  `${whoWords(call) || "A visitor"}: ${TAB_WORDS[call.phase] ?? "in a call"}`,
                  call === current,
                  0,
                  () => {
                    calls.choose(call.id);
                    chats.choose(NONE);
                  },
                ),
              )
        }
        ${chats.all.map((chat) =>
          tab(
            `${chatterWords(chat)}: ${CHAT_TAB_WORDS[chat.part]}`,
            chat === atChat,
            chat.part === "offered" ? 0 : chat.unread || (chat.nudged ? 1 : 0),
            () => chats.choose(chat.id),
          ),
        )}
      </ul>
    </nav>`;
  }

  private renderNotices() {
    const { calls, line, problem, talk, trouble } = this.desk;
    const words = line ? LINE_WORDS[line.state] : undefined;
    return html`
      ${
        words
          ? html`<div class="notice bad" role="alert" data-line=${line?.state}>
              ${warningIcon}
              <p><b>${words[0]}</b> ${talk ? IN_CALL : calls.current?.talks ? ON_PHONE : words[1]}</p>
              ${
                line?.state === "lost"
                  ? html`<button class="button plain small" @click=${() => line.tryNow()}>Try now</button>`
                  : nothing
              }
            </div>`
          : nothing
      }
      ${
        problem
          ? html`<div class="notice bad" role="alert">
              ${warningIcon}
              <p><b>That did not work.</b> ${problem.message}</p>
            </div>`
          : nothing
      }
      ${
        trouble && !talk
          ? html`<problem-notice
              .problem=${trouble}
              action="All right"
              @remedy=${() => this.desk.forgive()}
            ></problem-notice>`
          : nothing
      }
      ${
        canTalk || calls.settings.own_phone
          ? nothing
          : html`<problem-notice .problem=${new LegProblem("unsupported")}></problem-notice>`
      }
      ${
        this.sound || talk
          ? nothing
          : html`<div class="notice" role="status" data-silent>
              ${warningIcon}
              <p>
                <b>This page cannot ring yet.</b> Your browser wants one click first, anywhere on the page.
              </p>
            </div>`
      }
    `;
  }

  /** For those who do not see the page change. */
  private said(): string {
    const { current } = this.desk.calls;
    const [last] = this.desk.past;
    const { own_phone: ownPhone } = this.desk.calls.settings;
    const [offer] = this.desk.chats.offered;
    if (current) return current.phase === "ringing" ? callWords(current, ownPhone) : "";
    if (offer) return `${chatterWords(offer)} wants to chat`;
    return last && this.hadCall ? `Call ended. ${outcomeWords(last.cause, last.talked)}.` : "";
  }

  private leave(): void {
    if (!this.desk.talk) void this.desk.logOut();
  }

  private reopen(): void {
    void this.desk.reopen();
  }
}

function callWords(call: DeskCall, ownPhone: boolean): string {
  const who = `${ringWords(call)}${call.number ? `, from ${call.number}` : ""}`;
  return call.here || !ownPhone ? `Incoming call: ${who}` : `Ringing on your phone: ${who}`;
}

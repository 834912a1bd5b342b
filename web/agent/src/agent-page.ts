/** The whole page: who is logged in, how the line is, and what there is to do now. */

import { audioContext } from "@ringback/browser-leg";
import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import { AgentApi } from "./agent-api";
import type { AgentCall } from "./agent-call";
import type { LineState } from "./agent-line";
import { Alerts, maySound } from "./alerts";
import "./call-panel";
import "./caller-facts";
import { Desk } from "./desk";
import { headsetIcon, leaveIcon, warningIcon } from "./icons";
import "./incoming-call";
import "./login-form";
import "./problem-notice";
import "./recent-calls";
import "./sound-check";
import "./status-card";
import { base, buttons, notices } from "./styles";
import { outcomeWords } from "./words";

const LINE_WORDS: Partial<Readonly<Record<LineState, readonly [what: string, mend: string]>>> = {
  lost: ["The connection to the server is lost.", "Trying again; calls cannot ring here meanwhile."],
  offline: ["This computer is offline.", "Calls ring here again as soon as its network is back."],
  too_many: ["This page is open too often.", "Close its other tabs; calls ring there, but not here."],
};
const IN_CALL = "Your call goes on, if its audio does.";

@customElement("agent-page")
export class AgentPage extends LitElement {
  private readonly desk = new Desk(new AgentApi());
  private readonly alerts = new Alerts();
  /** Counts changes, and seconds while somebody talks. */
  @state() private tick = 0;
  @state() private sound = true;
  @query("[data-main]") private main!: HTMLElement | null;
  private ticking: ReturnType<typeof setInterval> | undefined;
  private shown = "";
  private readonly stops: (() => void)[] = [];

  static override styles = [
    base,
    buttons,
    notices,
    css`
      header {
        display: flex;
        align-items: center;
        gap: 0.8rem;
        max-width: 66rem;
        margin: 0 auto;
        padding: 0.9rem clamp(0.9rem, 3vw, 1.5rem);
      }
      .mark {
        display: flex;
        align-items: center;
        gap: 0.6rem;
        margin-right: auto;
        font-weight: 700;
        letter-spacing: -0.01em;
      }
      .mark svg {
        width: 1.6rem;
        height: 1.6rem;
        padding: 0.2rem;
        border-radius: 8px;
        background: var(--brand);
        color: var(--brand-ink);
        box-sizing: content-box;
      }
      .who {
        font-weight: 600;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      header .button {
        flex: none;
      }
      main {
        max-width: 66rem;
        margin: 0 auto;
        padding: 0 clamp(0.9rem, 3vw, 1.5rem) 3rem;
      }
      .notices {
        display: grid;
        gap: 0.75rem;
      }
      .notices > * {
        margin-bottom: 0.25rem;
      }
      .notices:has(> *) {
        margin-bottom: 1rem;
      }
      @media (min-width: 40rem) {
        .notices .notice {
          grid-template-columns: auto minmax(0, 1fr) auto;
        }
        .notices .notice .button {
          grid-column: 3;
          margin: 0;
          align-self: center;
        }
      }
      .desk {
        display: grid;
        grid-template-columns: minmax(0, 1fr) 21.5rem;
        gap: 1.25rem;
        align-items: start;
      }
      aside {
        display: grid;
        gap: 1.25rem;
      }
      .desk.one {
        grid-template-columns: minmax(0, 44rem);
        justify-content: center;
        padding-top: 1rem;
      }
      .about {
        display: grid;
        gap: 0.9rem;
        padding: 1.35rem 1.4rem 1.5rem;
      }
      .centre {
        display: grid;
        justify-items: center;
        gap: 1rem;
        padding: 18vh 0;
        text-align: center;
      }
      .centre p {
        max-width: 26rem;
      }
      @media (max-width: 58rem) {
        .desk,
        .desk.one {
          grid-template-columns: minmax(0, 1fr);
        }
      }
      @media (max-width: 30rem) {
        .leave span {
          position: absolute;
          clip-path: inset(50%);
        }
        .leave {
          padding: 0.35rem 0.7rem;
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.stops.push(this.desk.on("changed", () => this.redraw()));
    const hear = (target: EventTarget, event: string, listener: () => void): void => {
      target.addEventListener(event, listener);
      this.stops.push(() => target.removeEventListener(event, listener));
    };
    hear(window, "online", () => this.desk.line?.tryNow());
    hear(window, "offline", () => this.desk.line?.networkLost());
    hear(document, "visibilitychange", () => {
      if (!document.hidden) this.desk.line?.tryNow();
    });
    // Browsers let a page sound only after somebody touched it.
    hear(audioContext(), "statechange", () => (this.sound = maySound()));
    for (const event of ["pointerdown", "keydown"]) hear(window, event, () => void audioContext());
    setTimeout(() => (this.sound = maySound()), 500);
    void this.desk.begin();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const stop of this.stops.splice(0)) stop();
    clearInterval(this.ticking);
  }

  private redraw(): void {
    this.tick += 1;
    const { talk, ringing } = this.desk;
    this.alerts.show(talk ? null : ringing, this.tabTitle());
    clearInterval(this.ticking);
    if (talk) this.ticking = setInterval(() => (this.tick += 1), 1_000);
  }

  private tabTitle(): string {
    const { choice, stage, talk } = this.desk;
    if (stage !== "desk") return "Ringback";
    if (talk) return `In a call · ${talk.ring.site || "Ringback"}`;
    return choice === "available" ? "Available · Ringback" : "Away · Ringback";
  }

  /** What is the page's matter now; when that changes, the focus goes there. */
  private get matter(): string {
    const { ringing, stage, talk } = this.desk;
    if (stage !== "desk") return stage;
    if (talk) return `talk ${talk.leg.leg}`;
    return ringing ? `ring ${ringing.leg.leg}` : "idle";
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
    const { me, ringing, talk } = this.desk;
    return html`
      <header>
        <span class="mark">${headsetIcon} Ringback</span>
        <span class="who">${me?.label}</span>
        <button
          class="button plain small leave"
          aria-disabled=${talk !== null || this.desk.busy}
          aria-label="Log out"
          title=${talk ? "Hang up first" : "Log out"}
          @click=${this.leave}
        >
          ${leaveIcon}<span>Log out</span>
        </button>
      </header>
      <main>
        <div class="notices">${this.renderNotices()}</div>
        <div class="desk ${ringing && !talk ? "one" : ""}">
          <div @reopen-microphone=${this.reopen}>${this.renderMatter()}</div>
          ${ringing && !talk ? nothing : this.renderAside()}
        </div>
        <p class="visually-hidden" role="status">${this.said()}</p>
      </main>
    `;
  }

  private renderAside() {
    const { past, talk } = this.desk;
    if (talk) {
      return html`<aside aria-label="The caller">
        <section class="card about" aria-labelledby="about">
          <h2 id="about">Who calls</h2>
          <caller-facts .ring=${talk.ring}></caller-facts>
        </section>
      </aside>`;
    }
    return html`<aside aria-label="Sound and calls">
      <sound-check .desk=${this.desk} .tick=${this.tick}></sound-check>
      <recent-calls .past=${past} .tick=${this.tick}></recent-calls>
    </aside>`;
  }

  private renderMatter() {
    const { ringing, talk } = this.desk;
    if (talk) return html`<call-panel data-main .call=${talk} .tick=${this.tick}></call-panel>`;
    if (ringing) return html`<incoming-call data-main .call=${ringing} .tick=${this.tick}></incoming-call>`;
    return html`<status-card data-main .desk=${this.desk} .tick=${this.tick}></status-card>`;
  }

  private renderNotices() {
    const { line, problem, talk, trouble } = this.desk;
    const words = line ? LINE_WORDS[line.state] : undefined;
    return html`
      ${
        words
          ? html`<div class="notice bad" role="alert" data-line=${line?.state}>
              ${warningIcon}
              <p><b>${words[0]}</b> ${talk ? IN_CALL : words[1]}</p>
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
              @mend=${() => this.desk.forgive()}
            ></problem-notice>`
          : nothing
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
    const { past, ringing, talk } = this.desk;
    const [last] = past;
    if (talk ?? ringing) return ringing && !talk ? callWords(ringing) : "";
    return last ? `Call over. ${outcomeWords(last.cause, last.talked)}.` : "";
  }

  private leave(): void {
    if (!this.desk.talk) void this.desk.logOut();
  }

  private reopen(): void {
    void this.desk.reopen();
  }
}

function callWords({ ring }: AgentCall): string {
  return `Incoming call: ${ring.site}${ring.number ? `, from ${ring.number}` : ""}`;
}

/** One call, as it rings, is talked on and wrapped up: who, what one can do, what is known, notes, pages. */

import { type LegProblem, MICROPHONE_PROBLEMS } from "@ringback/browser-leg";
import { css, html, LitElement, nothing } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import "./call-dock";
import "./call-head";
import "./call-sound";
import type { DeskCall } from "./desk-call";
import type { DeskCalls } from "./desk-calls";
import "./earlier-calls";
import "./note-pad";
import "./page-push";
import "./pop-panel";
import "./problem-notice";
import type { DeskViews } from "./shared-view/desk-views";
import "./shared-view/shared-view-card";
import { base } from "./styles";

/** What the button says that fixes a problem in the middle of a call; empty where no button can. */
function remedyWords({ kind }: LegProblem): string {
  if (kind === "sound_blocked") return "Turn on the sound";
  return MICROPHONE_PROBLEMS.has(kind) ? "Try the microphone again" : "";
}

/** Fires `reopen-microphone`. */
@customElement("call-view")
export class CallViewPanel extends LitElement {
  @property({ attribute: false }) call!: DeskCall;
  @property({ attribute: false }) calls!: DeskCalls;
  @property({ attribute: false }) views: DeskViews | null = null;
  @property({ attribute: false }) tick: unknown;
  @query("call-head") private head!: HTMLElement;

  static override styles = [
    base,
    css`
      .bar {
        position: relative;
        display: grid;
        grid-template-columns: minmax(15rem, 1fr) auto;
        align-items: start;
        gap: 1rem 1.5rem;
        padding: 1.35rem 1.5rem;
      }
      .bar.ringing {
        border-color: var(--call);
        box-shadow: 0 0 0 4px var(--call-soft);
      }
      /* Its parts are the bar's own. */
      .dock {
        display: contents;
      }
      call-sound,
      problem-notice {
        grid-column: 1 / -1;
      }
      .bar + shared-view-card {
        margin-top: 1.25rem;
      }
      .rest {
        display: grid;
        grid-template-columns: minmax(0, 1fr) 23rem;
        gap: 1.25rem;
        align-items: start;
        margin-top: 1.25rem;
      }
      .alone {
        grid-template-columns: minmax(0, 1fr);
      }
      .side {
        display: grid;
        gap: 1.25rem;
      }
      @media (max-width: 58rem) {
        .bar {
          grid-template-columns: minmax(0, 1fr);
          padding: 1.15rem 1.15rem 1.25rem;
        }
        /* In the reach of a thumb, however much is told of the caller. */
        .dock {
          display: block;
          position: fixed;
          z-index: 3;
          inset: auto 0 0;
          max-width: none;
          max-height: 85dvh;
          overflow-y: auto;
          padding: 0.75rem clamp(0.9rem, 3vw, 1.5rem) calc(0.75rem + env(safe-area-inset-bottom));
          background: var(--card);
          border-top: 1px solid var(--line);
          box-shadow: 0 -6px 24px rgb(0 0 0 / 0.14);
        }
        .rest {
          grid-template-columns: minmax(0, 1fr);
          gap: 1rem;
          margin: 1rem 0 7rem;
        }
        .side {
          gap: 1rem;
        }
        .over .side:last-child {
          order: -1;
        }
      }
    `,
  ];

  override focus(): void {
    this.head.focus();
  }

  protected override render() {
    const { call, calls, tick } = this;
    const { phase, pop } = call;
    const { codes, push } = calls.settings;
    const over = phase === "wrap_up" || phase === "ended";
    const problem = call.leg?.problem ?? null;
    const idle = !call.here && (phase === "ringing" || (call.talks && !call.mine));
    const pushes = call.mine && (push[call.siteName] ?? "off") !== "off";
    return html`
      <section class="card bar ${phase}" aria-label="The call" data-phase=${phase}>
        <call-head .call=${call} .tick=${tick}></call-head>
        <call-dock
          class="dock"
          ?hidden=${idle}
          .call=${call}
          .settings=${calls.settings}
          .tick=${tick}
        ></call-dock>
        ${
          problem
            ? html`<problem-notice
                .problem=${problem}
                action=${call.talks ? remedyWords(problem) : ""}
                @remedy=${this.remedy}
              ></problem-notice>`
            : nothing
        }
        ${call.leg && call.talks ? html`<call-sound .leg=${call.leg} .tick=${tick} other=${call.state?.transfer === "talking" ? "They" : "Caller"}></call-sound>` : nothing}
      </section>
      ${this.shares ? this.renderShared() : nothing}
      <div class="rest ${phase === "ringing" ? "alone" : over ? "over" : ""}">
        <div class="side">
          <pop-panel
            .call=${call}
            .blocked=${calls.blocked.get(call.id) ?? []}
            .tick=${tick}
            @opened=${({ detail }: CustomEvent<string>) => calls.opened(call.id, detail)}
          ></pop-panel>
          ${pop ? html`<earlier-calls .history=${pop.history}></earlier-calls>` : nothing}
        </div>
        ${
          phase === "ringing"
            ? nothing
            : html`<div class="side">
                <note-pad .call=${call} .codes=${codes} .tick=${tick}></note-pad>
                ${this.views && call.talks && !this.shares ? this.renderShared() : nothing}
                ${
                  pushes
                    ? html`<page-push .call=${call} .settings=${calls.settings} .tick=${tick}></page-push>`
                    : nothing
                }
              </div>`
        }
      </div>
    `;
  }

  /** Whether the page is looked at together; until then, the card for it is among the others. */
  private get shares(): boolean {
    return this.call.talks && (this.views?.of(this.call.id) ?? null) !== null;
  }

  private renderShared() {
    const { call, calls } = this;
    return html`<shared-view-card
      .views=${this.views}
      .talk=${call.id}
      .scopes=${calls.settings.views[call.siteName] ?? []}
      .mine=${call.mine}
      phone
      .tick=${this.tick}
    ></shared-view-card>`;
  }

  private remedy(): void {
    if (this.call.leg?.problem?.kind === "sound_blocked") this.call.leg.unblock();
    else this.dispatchEvent(new CustomEvent("reopen-microphone", { bubbles: true, composed: true }));
  }
}

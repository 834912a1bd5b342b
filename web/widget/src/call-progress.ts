/** A live call: both ends of it, one status line, the time, the story so far, and the way out. */

import { clockWords } from "@ringback/browser-leg";
import { type CallView, isLive, type TalkBy } from "@ringback/call-client";
import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import { clockIcon, hangUpIcon, letterIcon, personIcon, storeIcon } from "./icons";
import type { LiveCall } from "./live-call";
import { problemWords } from "./status-words";
import { base, buttons } from "./styles";
import { words } from "./words";

/** How one end of the call looks, and what is written below it. */
interface End {
  readonly look: "idle" | "ringing" | "there" | "waiting" | "gone";
  readonly words: string;
  readonly icon?: TemplateResult;
}

@customElement("ringback-call")
export class CallProgressPanel extends LitElement {
  @property({ attribute: false }) call!: LiveCall;
  /** Redraws with every change of the call and every tick of its clock. */
  @property({ attribute: false }) tick: unknown;
  /** Whether the shopper may be called by phone instead. */
  @property({ type: Boolean }) phone = false;
  /** The shop's name. */
  @property() shop = "";
  @query(".yours") private yours!: HTMLElement | null;
  @query(".theirs") private theirs!: HTMLElement | null;
  @query(".status") private status!: HTMLElement;

  static override styles = [
    base,
    buttons,
    css`
      :host {
        display: grid;
        gap: 1.25rem;
      }
      .ends {
        display: grid;
        grid-template-columns: 1fr 1fr;
        position: relative;
        padding: 1.5rem 0 0.5rem;
      }
      .end {
        display: grid;
        justify-items: center;
        gap: 0.5rem;
        text-align: center;
        font-weight: 600;
        line-height: 1.3;
      }
      .dot {
        position: relative;
        z-index: 1;
        display: grid;
        place-items: center;
        width: 4.25rem;
        height: 4.25rem;
        border-radius: 50%;
        border: 2px solid var(--line);
        background: var(--card);
        color: var(--ink-soft);
        transition:
          background 0.3s,
          border-color 0.3s,
          color 0.3s;
      }
      .dot svg {
        width: 1.8rem;
        height: 1.8rem;
      }
      .ringing .dot {
        border-color: var(--amber);
        background: var(--amber-soft);
        color: var(--amber);
      }
      .ringing .dot::after {
        content: "";
        position: absolute;
        inset: -2px;
        border-radius: 50%;
        border: 2px solid var(--amber);
        animation: ring 1.4s ease-out infinite;
      }
      /* A speaker has a halo, as wide as they are loud. */
      .voice {
        position: absolute;
        inset: -2px;
        border-radius: 50%;
        background: var(--call);
        opacity: 0.25;
        transition: transform 60ms linear;
      }
      .dot svg {
        position: relative;
      }
      .there .dot {
        border-color: var(--call);
        background: var(--call);
        color: var(--call-ink);
      }
      .waiting .dot {
        border-color: var(--amber);
        background: var(--amber-soft);
        color: var(--amber);
      }
      .gone .dot {
        background: var(--sunk);
      }
      .end small {
        font-weight: 400;
        color: var(--ink-soft);
        min-height: 1.3em;
      }
      .line {
        position: absolute;
        top: calc(1.5rem + 2.125rem - 2px);
        left: 25%;
        right: 25%;
        height: 4px;
        border-radius: 2px;
        background: var(--line);
        overflow: hidden;
      }
      .line::after {
        content: "";
        position: absolute;
        inset: 0;
        background: var(--call);
        transform: scaleX(0);
        transform-origin: left;
        transition: transform 0.6s;
      }
      .line.half::after {
        transform: scaleX(0.5);
      }
      .line.whole::after {
        transform: none;
      }
      .status {
        text-align: center;
        font-size: 1.3rem;
        line-height: 1.35;
        font-weight: 650;
        letter-spacing: -0.01em;
        text-wrap: balance;
        outline: none;
      }
      .clock {
        text-align: center;
        color: var(--ink-soft);
        font-variant-numeric: tabular-nums;
      }
      /* Whatever is shown, the way out stays in sight. */
      .out {
        position: sticky;
        bottom: 0;
        z-index: 2;
        margin: -0.75rem -1.5rem;
        padding: 0.75rem 1.5rem;
        background: var(--card);
      }
      .warning {
        padding: 0.6rem 0.9rem;
        border-radius: 10px;
        background: var(--amber-soft);
        text-align: center;
      }
      ol {
        border-top: 1px solid var(--line);
        padding-top: 1rem;
        display: grid;
        gap: 0.35rem;
        font-size: 0.9375rem;
        color: var(--ink-soft);
      }
      li {
        display: grid;
        grid-template-columns: 3.25rem 1fr;
        font-variant-numeric: tabular-nums;
      }
      @keyframes ring {
        from {
          transform: scale(1);
          opacity: 0.9;
        }
        to {
          transform: scale(1.55);
          opacity: 0;
        }
      }
    `,
  ];

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.call.showLevel = () => {};
  }

  // Not `connectedCallback`: an element that was drawn before this file came has no `call` yet.
  protected override willUpdate(): void {
    this.call.showLevel = (whose, level) => {
      const halo = whose === "yours" ? this.yours : this.theirs;
      if (halo) halo.style.transform = `scale(${1 + 0.45 * level})`;
    };
  }

  protected override render() {
    const { view, by } = this.call;
    if (!view) return nothing;
    const [you, store] = endsOf(view, by, this.call.callback?.state === "cancelled");
    const reach = view.phase === "connected" ? "whole" : you.look === "there" ? "half" : "";
    return html`
      <div class="ends" aria-hidden="true">
        <div class="line ${reach}"></div>
        <div class="end ${you.look}">
          <span class="dot">${this.renderVoice("yours", you)}${you.icon ?? personIcon}</span
          >${words.you}<small>${you.words}</small>
        </div>
        <div class="end ${store.look}">
          <span class="dot">${this.renderVoice("theirs", store)}${store.icon ?? storeIcon}</span>
          ${view.connectedTo ?? view.ringing[0] ?? this.shop}<small>${store.words}</small>
        </div>
      </div>
      <p class="status" tabindex="-1" data-phase=${view.phase}>${this.call.words}</p>
      ${this.renderClock(view)} ${this.warning ? html`<p class="warning">${this.warning}</p>` : nothing}
      ${this.renderLine(view)}
      ${
        isLive(view)
          ? html`<div class="out">
              <button class="button stop wide" aria-disabled=${this.call.hangingUp} @click=${this.hangUp}>
                ${hangUpIcon} ${this.call.hangingUp ? words.hangingUp : words.hangUp}
              </button>
            </div>`
          : nothing
      }
      ${this.renderCallback()}
      ${
        this.call.story.length === 0 || !isLive(view)
          ? nothing
          : html`<ol aria-label=${words.soFar}>
              ${this.call.story.map(
                ({ seconds, words: said }) =>
                  html`<li><span>${clockWords(seconds)}</span><span>${said}</span></li>`,
              )}
            </ol>`
      }
    `;
  }

  /** By phone nobody here knows who speaks. */
  private renderVoice(whose: "yours" | "theirs", { look }: End) {
    return this.call.by === "pc" && look === "there" ? html`<span class="voice ${whose}"></span>` : nothing;
  }

  /** This page's end of a call by PC: what is wrong with it, else what can be done. */
  private renderLine(view: CallView) {
    const { line } = this.call;
    if (!line) return nothing;
    const live = isLive(view);
    const problem = line.problem
      ? html`<ringback-trouble
          .problem=${line.problem}
          again=${live ? (line.problem.kind === "sound_blocked" ? words.soundOn : words.tryAgain) : ""}
          ?phone=${this.phone && !live}
          @remedy=${() => line.tryAgain()}
        ></ringback-trouble>`
      : nothing;
    const talks = live && (line.state === "connected" || line.state === "reconnecting");
    return html`${problem}${
      talks ? html`<ringback-controls .line=${line} .tick=${this.tick}></ringback-controls>` : nothing
    }`;
  }

  private renderClock(view: CallView) {
    const { talked, waited } = this.call;
    if (view.bridgedAt !== null) {
      return html`<p class="clock">${words.talkTime(clockWords(talked))}</p>`;
    }
    if (view.startedAt === null || !isLive(view)) return nothing;
    return html`<p class="clock">${words.sinceClick(clockWords(waited))}</p>`;
  }

  /** What is wrong, if something is. */
  private get warning(): string {
    const { connection, elsewhere, problem } = this.call;
    if (problem) return problemWords(problem, words);
    if (elsewhere && this.call.live) return words.elsewhere;
    return connection === "lost" ? words.lost : "";
  }

  private renderCallback() {
    const { callback, cancelling } = this.call;
    if (callback?.state !== "booked") return nothing;
    const [before, link, after] = words.keepLink;
    return html`
      <button class="button plain wide" aria-disabled=${cancelling} @click=${this.cancelCallback}>
        ${cancelling ? words.cancelling : words.cancelCallback}
      </button>
      <p class="clock">
        ${before} <a href=${callback.link} target="_blank" rel="noopener">${link}</a> ${after}
      </p>
    `;
  }

  private hangUp(): void {
    void this.call.hangUp();
  }

  private async cancelCallback(): Promise<void> {
    await this.call.cancelCallback();
    // The button is gone: the focus would be lost with it.
    if (this.call.callback?.state !== "booked") this.status.focus();
  }
}

type EndWords = keyof typeof words.ends;

const IDLE: End = { look: "idle", words: "" };
const end = (look: End["look"], says: EndWords, picture?: TemplateResult): End => ({
  look,
  words: words.ends[says],
  ...(picture && { icon: picture }),
});

/** How the shopper's end and the business's end look. */
function endsOf(view: CallView, by: TalkBy, cancelled: boolean): [you: End, store: End] {
  const there = end("there", "there");
  switch (view.phase) {
    case "requesting":
      return [IDLE, IDLE];
    case "calling_you":
      return [end("ringing", by === "pc" ? "connecting" : "ringing"), IDLE];
    case "greeting":
      return [there, IDLE];
    case "ringing_business":
      return [there, view.ringing.length > 0 ? end("ringing", "ringing") : IDLE];
    case "queued":
      return [there, end("waiting", "busy", clockIcon)];
    case "leaving_message":
      return [there, end("waiting", "message", letterIcon)];
    case "booking_callback":
      return [there, end("waiting", "callback", clockIcon)];
    case "apologising":
      return [there, end("waiting", "cannot", clockIcon)];
    case "connected":
      return [there, there];
    case "ending":
      return [end("gone", "over"), IDLE];
    case "ended":
      return endedEnds(view, cancelled);
  }
}

function endedEnds(view: CallView, cancelled: boolean): [you: End, store: End] {
  const gone = end("gone", "over");
  switch (view.disposition) {
    case "message_taken":
      return [gone, end("there", "has_message", letterIcon)];
    case "callback_booked":
      return [IDLE, cancelled ? IDLE : end("there", "callback", clockIcon)];
    default:
      return [gone, view.connectedTo === null ? IDLE : gone];
  }
}

/** Who calls, where the call stands, for how long, and how well it sounds. */

import type { Grade } from "@ringback/browser-leg";
import { clockWords } from "@ringback/browser-leg";
import { css, html, LitElement, nothing } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import type { DeskCallPhase, DeskCall } from "./desk-call";
import {
  checkIcon,
  deskPhoneIcon,
  headsetIcon,
  holdIcon,
  personIcon,
  phoneIcon,
  shieldIcon,
  signalIcon,
  unsureIcon,
} from "./icons";
import { base } from "./styles";
import { outcomeWords, whoWords } from "./words";

const GRADE_WORDS: Readonly<Record<Grade, readonly [lit: number, words: string]>> = {
  good: [3, "Good connection"],
  fair: [2, "Fair connection"],
  poor: [1, "Poor connection"],
};

@customElement("call-head")
export class CallHead extends LitElement {
  @property({ attribute: false }) call!: DeskCall;
  @property({ attribute: false }) tick: unknown;
  @query("h1") private heading!: HTMLElement;

  static override styles = [
    base,
    css`
      :host {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        align-items: center;
        gap: 0 1.1rem;
      }
      .face {
        position: relative;
        display: grid;
        place-items: center;
        width: 4rem;
        height: 4rem;
        border-radius: 50%;
        background: var(--call-soft);
        color: var(--call);
      }
      .face svg {
        width: 1.9rem;
        height: 1.9rem;
      }
      .ringing {
        background: var(--call);
        color: var(--call-ink);
      }
      .ringing svg {
        animation: shake 1.5s infinite;
      }
      .ringing::before,
      .ringing::after {
        content: "";
        position: absolute;
        inset: 0;
        border-radius: 50%;
        border: 2px solid var(--call);
        animation: wave 2s ease-out infinite;
      }
      .ringing::after {
        animation-delay: 1s;
      }
      .held,
      .reconnecting,
      .connecting {
        background: var(--amber-soft);
        color: var(--amber);
      }
      .reconnecting,
      .connecting {
        animation: breathe 1.6s ease-in-out infinite;
      }
      .wrap_up,
      .ended {
        background: var(--sunk);
        color: var(--ink-soft);
      }
      h1 {
        overflow-wrap: anywhere;
      }
      .verb {
        font-weight: 500;
        color: var(--ink-soft);
      }
      .who {
        display: flex;
        flex-wrap: wrap;
        gap: 0 0.9rem;
        font-weight: 600;
        font-variant-numeric: tabular-nums;
      }
      .who span {
        font-weight: 400;
      }
      .vouched,
      .claims {
        display: inline-flex;
        align-items: center;
        gap: 0.35rem;
        color: var(--call);
      }
      .claims {
        color: var(--ink-soft);
      }
      .who svg {
        width: 1.1rem;
        height: 1.1rem;
      }
      .now {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0 0.9rem;
        margin-top: 0.15rem;
        min-height: 1.5em;
      }
      .clock {
        font-weight: 650;
        font-variant-numeric: tabular-nums;
      }
      .quality {
        display: inline-flex;
        align-items: center;
        gap: 0.5rem;
      }
      .quality svg {
        width: 1.25rem;
        height: 1rem;
      }
      .good svg {
        color: var(--call);
      }
      .fair svg {
        color: var(--amber);
      }
      .poor {
        color: var(--stop);
        font-weight: 600;
      }
      @media (max-width: 30rem) {
        :host {
          gap: 0 0.9rem;
        }
        .face {
          width: 3.25rem;
          height: 3.25rem;
        }
        h1 {
          font-size: 1.35rem;
        }
      }
      @keyframes wave {
        from {
          transform: scale(1);
          opacity: 0.8;
        }
        to {
          transform: scale(1.6);
          opacity: 0;
        }
      }
      @keyframes breathe {
        50% {
          transform: scale(0.92);
          opacity: 0.7;
        }
      }
      @keyframes shake {
        0%,
        50%,
        100% {
          transform: none;
        }
        10%,
        30% {
          transform: rotate(-14deg);
        }
        20%,
        40% {
          transform: rotate(14deg);
        }
      }
    `,
  ];

  override focus(): void {
    this.heading.focus();
  }

  protected override render() {
    const { call } = this;
    const { name, nameSigned, number, phase, pop } = call;
    const who = whoWords(call);
    const held = phase === "joined" && call.state?.held;
    return html`<span class="face ${held ? "held" : phase}">${faceOf(call)}</span>
      <div>
        <h1 tabindex="-1" data-phase=${phase}>
          ${
            phase === "ringing"
              ? html`<bdi>${who || "Somebody"}</bdi> <span class="verb">is calling</span>`
              : html`<bdi>${who || "A visitor"}</bdi>`
          }
        </h1>
        ${
          number || pop?.place || name
            ? html`<p class="who">
                ${number ? html`<bdi>${number}</bdi>` : nothing}
                ${
                  number && pop && !pop.number_verified
                    ? html`<span class="claims">${unsureIcon} Number not verified</span>`
                    : nothing
                }
                ${pop?.place ? html`<span class="soft">${pop.place}</span>` : nothing}
                ${
                  name
                    ? nameSigned
                      ? html`<span class="vouched">${shieldIcon} Name verified</span>`
                      : html`<span class="claims">${unsureIcon} Name not verified</span>`
                    : nothing
                }
              </p>`
            : nothing
        }
        <p class="now">
          <span class="soft" role="status">${statusWords(call)}</span>
          ${this.renderClock()} ${this.renderQuality()}
        </p>
      </div>`;
  }

  private renderClock() {
    const { clock, phase, pop, seconds, talkSeconds } = this.call;
    if (phase === "wrap_up" || phase === "ended") {
      return seconds > 0 ? html`<span class="clock">${clockWords(seconds)}</span>` : nothing;
    }
    if (phase === "ringing" && pop) {
      return html`<span class="clock" title="Since their click"
        >${clockWords(clock.elapsed(pop.asked_at))}</span
      >`;
    }
    if (talkSeconds === null) return nothing;
    return html`<span class="clock" role="timer" aria-label="Talk time">${clockWords(talkSeconds)}</span>`;
  }

  private renderQuality() {
    const leg = this.call.leg?.leg;
    if (!leg?.quality || leg.state !== "connected") return nothing;
    const [lit, words] = GRADE_WORDS[leg.quality.grade];
    return html`<span class="quality ${leg.quality.grade}">${signalIcon(lit)} ${words}</span>`;
  }
}

function faceOf({ here, phase, state }: DeskCall) {
  if (phase === "ringing") return here ? phoneIcon : deskPhoneIcon;
  if (phase === "wrap_up" || phase === "ended") return checkIcon;
  if (state?.held) return state.transfer === "talking" ? headsetIcon : holdIcon;
  return here ? personIcon : deskPhoneIcon;
}

const PHASE_WORDS: Partial<Readonly<Record<DeskCallPhase, string>>> = {
  connecting: "Connecting…",
  answered: "You are on the line. Connecting the caller…",
  reconnecting: "The audio was lost. Reconnecting…",
};

function statusWords({ cause, here, phase, pop, seconds, state }: DeskCall): string {
  switch (phase) {
    case "ringing":
      if (!here) return "Your phone is ringing: answer it there";
      return pop?.by === "pc" ? "A visitor wants to talk in their browser" : "A visitor wants to talk";
    case "joined":
      if (state?.transfer === "talking") return `You are talking to ${state.consulting ?? "somebody else"}`;
      if (state?.shopper === "lost")
        return "The caller’s connection was lost. Waiting for them to reconnect…";
      if (state?.held) return "The caller is on hold";
      if (state?.shopper === "on_hold") return "The caller has put you on hold";
      return here ? "You are talking" : "You are talking, on your phone";
    case "wrap_up":
    case "ended":
      return cause ? `Call ended: ${lowered(outcomeWords(cause, seconds > 0))}` : "Call ended";
    default:
      return PHASE_WORDS[phase] ?? "";
  }
}

const lowered = (words: string): string => words.charAt(0).toLowerCase() + words.slice(1);

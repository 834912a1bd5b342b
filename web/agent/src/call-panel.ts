/** A call that is talked on: who, for how long, how well, and what one can do. */

import type { Grade } from "@ringback/browser-leg";
import { playKey } from "@ringback/browser-leg";
import { css, html, LitElement, nothing } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import type { AgentCall, Phase } from "./agent-call";
import {
  hangUpIcon,
  keypadIcon,
  microphoneIcon,
  mutedIcon,
  personIcon,
  signalIcon,
  speakerIcon,
} from "./icons";
import "./key-pad";
import type { KeyPad } from "./key-pad";
import "./level-bars";
import "./problem-notice";
import { remember, remembered } from "./settings";
import { hasKeys, shortcutWords } from "./shortcuts";
import { base, buttons } from "./styles";
import { clockWords } from "./words";

const PHASE_WORDS: Partial<Readonly<Record<Phase, string>>> = {
  connecting: "Connecting…",
  answered: "You are on the line. The caller is being put through…",
  joined: "You are talking",
  reconnecting: "The audio was lost. Reconnecting; the call is kept…",
};

const GRADE_WORDS: Readonly<Record<Grade, readonly [lit: number, words: string]>> = {
  good: [3, "Good connection"],
  fair: [2, "Fair connection"],
  poor: [1, "Poor connection"],
};

@customElement("call-panel")
export class CallPanel extends LitElement {
  @property({ attribute: false }) call!: AgentCall;
  @property({ attribute: false }) tick: unknown;
  @state() private keys = false;
  @query("h1") private heading!: HTMLElement;
  @query("key-pad") private pad!: KeyPad;

  static override styles = [
    base,
    buttons,
    css`
      .card {
        padding: 2rem clamp(1.15rem, 5vw, 2.5rem) 2rem;
        text-align: center;
      }
      .face {
        display: grid;
        place-items: center;
        width: 4.5rem;
        height: 4.5rem;
        margin: 0 auto 1.1rem;
        border-radius: 50%;
        background: var(--call-soft);
        color: var(--call);
      }
      .face svg {
        width: 2.2rem;
        height: 2.2rem;
      }
      [data-phase="reconnecting"] .face,
      [data-phase="connecting"] .face {
        background: var(--amber-soft);
        color: var(--amber);
        animation: breathe 1.6s ease-in-out infinite;
      }
      h1 {
        overflow-wrap: anywhere;
      }
      .number {
        font-size: 1.0625rem;
        font-weight: 600;
        font-variant-numeric: tabular-nums;
      }
      .status {
        margin-top: 0.2rem;
        min-height: 1.5em;
      }
      .facts-line {
        display: flex;
        justify-content: center;
        align-items: center;
        flex-wrap: wrap;
        gap: 0.4rem 1.4rem;
        margin: 0.7rem 0 1.3rem;
      }
      .clock {
        font-size: 1.5rem;
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
      problem-notice {
        max-width: 30rem;
        margin: 0 auto 1.2rem;
      }
      .levels {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        align-items: center;
        gap: 0.5rem 0.9rem;
        max-width: 30rem;
        margin: 0 auto 1.5rem;
        text-align: left;
        font-size: 0.9375rem;
      }
      .controls {
        display: grid;
        grid-template-columns: repeat(3, 1fr);
        gap: 0.6rem;
        max-width: 30rem;
        margin: 0 auto 1.4rem;
      }
      .control {
        display: grid;
        justify-items: center;
        gap: 0.4rem;
        padding: 0.85rem 0.25rem 0.7rem;
        border: 1.5px solid var(--line);
        border-radius: 16px;
        background: var(--sunk);
        font-size: 0.9375rem;
        font-weight: 600;
        cursor: pointer;
      }
      .control:hover {
        border-color: var(--control);
      }
      .control svg {
        width: 1.6rem;
        height: 1.6rem;
      }
      .control[aria-pressed="true"],
      .control[aria-expanded="true"] {
        background: var(--ink);
        color: var(--card);
        border-color: var(--ink);
      }
      .volume {
        cursor: default;
      }
      .volume input {
        width: 80%;
        height: 1.6rem;
        margin: 0;
        accent-color: var(--brand);
        cursor: pointer;
      }
      .volume span {
        display: inline-flex;
        align-items: center;
        gap: 0.4rem;
      }
      .volume svg {
        width: 1.2rem;
        height: 1.2rem;
      }
      key-pad {
        margin-bottom: 1.4rem;
      }
      .hang-up {
        width: 100%;
        max-width: 30rem;
        min-height: 3.6rem;
        font-size: 1.0625rem;
      }
      .keys {
        margin: 0.9rem 0 0;
        font-size: 0.875rem;
      }
      kbd {
        padding: 0.1rem 0.4rem;
        border: 1px solid var(--line);
        border-radius: 6px;
        background: var(--sunk);
        font: inherit;
      }
      @media (max-width: 26rem) {
        .volume span svg {
          display: none;
        }
      }
      @keyframes breathe {
        50% {
          transform: scale(0.92);
          opacity: 0.7;
        }
      }
    `,
  ];

  override focus(): void {
    this.heading.focus();
  }

  protected override firstUpdated(): void {
    const volume = Number(remembered("volume"));
    if (remembered("volume") !== "" && volume >= 0 && volume <= 1) this.call.leg.volume = volume;
  }

  protected override render() {
    const { call } = this;
    const { leg, phase, problem, ring } = call;
    return html`<section class="card" aria-labelledby="who" data-phase=${phase}>
      <span class="face">${personIcon}</span>
      <h1 id="who" tabindex="-1">${ring.site || "A visitor"}</h1>
      ${ring.number ? html`<p class="number">${ring.number}</p>` : nothing}
      <p class="status soft" role="status">${PHASE_WORDS[phase] ?? ""}</p>
      <p class="facts-line">${this.renderClock()} ${this.renderQuality()}</p>
      <problem-notice
        .problem=${problem}
        action=${problem?.kind === "sound_blocked" ? "Turn the sound on" : problem?.kind === "microphone_lost" ? "Try again" : ""}
        @mend=${this.mend}
      ></problem-notice>
      <div class="levels">
        <span>You</span>
        <level-bars name="Your voice" .source=${call.leg.microphone}></level-bars>
        <span>Caller</span>
        <level-bars name="The caller's voice" .source=${leg}></level-bars>
      </div>
      <div class="controls">
        <button
          class="control"
          aria-pressed=${leg.muted}
          aria-label=${leg.muted ? "Muted" : "Mute"}
          accesskey="m"
          @click=${this.mute}
        >
          ${leg.muted ? mutedIcon : microphoneIcon} ${leg.muted ? "Muted" : "Mute"}
        </button>
        <button
          class="control"
          aria-expanded=${this.keys}
          aria-controls="pad"
          accesskey="k"
          @click=${this.toggleKeys}
        >
          ${keypadIcon} Keypad
        </button>
        <label class="control volume">
          <input type="range" min="0" max="1" step="0.05" .value=${String(leg.volume)} @input=${this.turn} />
          <span>${speakerIcon} Volume</span>
        </label>
      </div>
      <div id="pad" ?hidden=${!this.keys}><key-pad @key-pressed=${this.press}></key-pad></div>
      <button class="button stop hang-up" accesskey="h" @click=${this.hangUp}>${hangUpIcon} Hang up</button>
      ${
        hasKeys()
          ? html`<p class="keys soft">
              <kbd>${shortcutWords("m")}</kbd> mutes, <kbd>${shortcutWords("k")}</kbd> opens the keypad,
              <kbd>${shortcutWords("h")}</kbd> hangs up
            </p>`
          : nothing
      }
    </section>`;
  }

  private renderClock() {
    const { joinedAt } = this.call;
    if (joinedAt === null) return nothing;
    return html`<span class="clock" role="timer" aria-label="Talk time"
      >${clockWords((Date.now() - joinedAt) / 1000)}</span
    >`;
  }

  private renderQuality() {
    const { quality, state: now } = this.call.leg;
    if (!quality || now !== "connected") return nothing;
    const [lit, words] = GRADE_WORDS[quality.grade];
    return html`<span class="quality ${quality.grade}">${signalIcon(lit)} ${words}</span>`;
  }

  private mute(): void {
    const { leg } = this.call;
    leg.muted = !leg.muted;
  }

  private async toggleKeys(): Promise<void> {
    this.keys = !this.keys;
    await this.updateComplete;
    if (this.keys) this.pad.focus();
  }

  private turn(event: Event): void {
    const { value } = event.target as HTMLInputElement;
    this.call.leg.volume = Number(value);
    remember("volume", value);
  }

  private press({ detail }: CustomEvent<string>): void {
    playKey(detail);
    this.call.leg.dtmf(detail);
  }

  private mend(): void {
    if (this.call.problem?.kind === "sound_blocked") this.call.unblock();
    else void this.dispatchEvent(new CustomEvent("reopen-microphone", { bubbles: true, composed: true }));
  }

  private hangUp(): void {
    this.call.leg.hangUp();
  }
}

/** What can be done in a call by PC: be silent, press keys, set the volume; and how the connection fares. */

import { type Grade, playKey } from "@ringback/browser-leg";
import type { PcLine } from "@ringback/call-client";
import "@ringback/look/key-pad";
import type { KeyPad } from "@ringback/look/key-pad";
import "@ringback/look/microphone-choice";
import { css, html, LitElement, nothing, svg } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { announce } from "./announcer";
import { keypadIcon, microphoneIcon, mutedIcon, speakerIcon } from "./icons";
import { base } from "./styles";
import { words } from "./words";

@customElement("ringback-controls")
export class CallControls extends LitElement {
  @property({ attribute: false }) line!: PcLine;
  /** Redraws with every change of the call and every tick of its clock. */
  @property({ attribute: false }) tick: unknown;
  @state() private keys = false;
  @query("ringback-keys") private pad!: KeyPad | null;

  static override styles = [
    base,
    css`
      :host {
        display: grid;
        gap: 1rem;
      }
      .quality {
        display: flex;
        align-items: center;
        justify-content: center;
        gap: 0.5rem;
        min-height: 1.5rem;
        color: var(--ink-soft);
        font-size: 0.9375rem;
      }
      .quality svg {
        flex: none;
        width: 1.25rem;
        height: 1.25rem;
        fill: var(--line);
      }
      .good .on {
        fill: var(--call);
      }
      .fair .on {
        fill: var(--amber);
      }
      .poor .on {
        fill: var(--stop);
      }
      .poor {
        color: var(--ink);
        font-weight: 600;
      }
      .tools {
        display: grid;
        grid-template-columns: auto auto 1fr;
        align-items: center;
        gap: 0.6rem;
      }
      button {
        display: inline-flex;
        align-items: center;
        gap: 0.5rem;
        min-height: 3rem;
        padding: 0 1rem;
        border: 1.5px solid var(--control);
        border-radius: 999px;
        background: transparent;
        font-weight: 600;
        cursor: pointer;
      }
      button:hover {
        background: var(--sunk);
      }
      button[aria-pressed="true"] {
        border-color: var(--stop);
        background: var(--stop-soft);
        color: var(--stop);
      }
      button[aria-expanded="true"] {
        border-color: var(--ink);
        background: var(--ink);
        color: var(--paper);
      }
      button svg,
      .volume svg {
        flex: none;
        width: 1.25rem;
        height: 1.25rem;
      }
      .volume {
        display: grid;
        grid-template-columns: auto 1fr;
        align-items: center;
        gap: 0.5rem;
        min-width: 0;
        padding-left: 0.4rem;
      }
      input {
        width: 100%;
        height: 2.75rem;
        margin: 0;
        accent-color: var(--call);
        cursor: pointer;
      }
      .muted {
        text-align: center;
        color: var(--stop);
        font-weight: 600;
      }
      @media (max-width: 24rem) {
        .tools {
          grid-template-columns: 1fr 1fr;
        }
        button {
          justify-content: center;
        }
        .volume {
          grid-column: 1 / -1;
        }
      }
    `,
  ];

  protected override updated(): void {
    const { line } = this;
    if (line.muted) announce(this, words.muted);
    else if (line.state === "reconnecting") announce(this, words.quality.cut);
    else if (line.quality?.grade === "poor") announce(this, words.quality.poor);
  }

  protected override render() {
    const { line } = this;
    return html`
      ${this.renderQuality()}
      <div class="tools" role="group" aria-label=${words.controls}>
        <button type="button" aria-pressed=${line.muted} @click=${() => (line.muted = !line.muted)}>
          ${line.muted ? mutedIcon : microphoneIcon} ${words.mute}
        </button>
        <button type="button" aria-expanded=${this.keys} aria-controls="keys" @click=${this.toggleKeys}>
          ${keypadIcon} ${words.keypad}
        </button>
        <label class="volume">
          ${speakerIcon}<span class="visually-hidden">${words.volume}</span>
          <input
            type="range"
            min="0"
            max="100"
            step="5"
            .value=${String(Math.round(100 * line.volume))}
            @input=${this.setVolume}
          />
        </label>
      </div>
      ${line.muted ? html`<p class="muted">${words.muted}</p>` : nothing}
      <ringback-microphone .microphone=${line.microphone} .words=${words.microphone}></ringback-microphone>
      <ringback-keys id="keys" .words=${words.keys} ?hidden=${!this.keys} @press=${this.press}></key-pad>
    `;
  }

  private renderQuality() {
    const quality = this.line.quality?.grade;
    if (this.line.state === "reconnecting") {
      return html`<p class="quality poor">${bars(0)} ${words.quality.cut}</p>`;
    }
    if (!quality) return html`<p class="quality">${bars(0)} ${words.quality.unknown}</p>`;
    return html`<p class="quality ${quality}">${bars(BARS[quality])} ${words.quality[quality]}</p>`;
  }

  private press({ detail: key }: CustomEvent<string>): void {
    playKey(key);
    this.line.press(key);
  }

  private setVolume(event: Event): void {
    this.line.volume = Number((event.target as HTMLInputElement).value) / 100;
  }

  private async toggleKeys(): Promise<void> {
    this.keys = !this.keys;
    await this.updateComplete;
    if (!this.keys) return;
    this.pad?.focus();
    this.pad?.scrollIntoView({ block: "nearest" });
  }
}

const BARS: Readonly<Record<Grade, number>> = { good: 3, fair: 2, poor: 1 };

const bars = (on: number) =>
  html`<svg viewBox="0 0 24 24" aria-hidden="true">
    ${[7, 13, 19].map(
      (height, index) =>
        svg`<rect class=${index < on ? "on" : ""} x=${2 + 7.5 * index} y=${21 - height} width="5" height=${height} rx="1.500"></rect>`,
    )}
  </svg>`;

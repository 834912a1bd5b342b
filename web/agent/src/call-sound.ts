/** Whether both are heard, and how loud the caller is. */

import "@ringback/look/microphone-choice";
import { css, html, LitElement, type PropertyValues } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { AgentLeg } from "./agent-leg";
import { speakerIcon } from "./icons";
import "./level-bars";
import { remember, remembered } from "./settings";
import { base } from "./styles";

@customElement("call-sound")
export class CallSound extends LitElement {
  @property({ attribute: false }) leg!: AgentLeg;
  /** Who else is heard. */
  @property() other = "Caller";
  @property({ attribute: false }) tick: unknown;

  static override styles = [
    base,
    css`
      :host {
        display: grid;
        grid-template-columns: repeat(3, minmax(0, 1fr));
        gap: 0.6rem 1.75rem;
        padding-top: 0.9rem;
        border-top: 1px solid var(--line);
        font-size: 0.875rem;
        color: var(--ink-soft);
      }
      .source {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        align-items: center;
        gap: 0.75rem;
        min-height: 1.6rem;
      }
      svg {
        width: 1.2rem;
        height: 1.2rem;
      }
      input {
        width: 100%;
        height: 1.6rem;
        margin: 0;
        accent-color: var(--brand);
        cursor: pointer;
      }
      ringback-microphone {
        grid-column: 1 / 3;
        grid-row: 2;
      }
      ringback-microphone + label {
        grid-column: 3;
        grid-row: 1;
      }
      @media (max-width: 40rem) {
        :host {
          grid-template-columns: repeat(2, minmax(0, 1fr));
        }
        ringback-microphone,
        ringback-microphone + label {
          grid-column: 1 / -1;
          grid-row: auto;
        }
      }
    `,
  ];

  protected override willUpdate(changed: PropertyValues<this>): void {
    const volume = Number(remembered("volume"));
    if (changed.has("leg") && remembered("volume") !== "" && volume >= 0 && volume <= 1) {
      this.leg.leg.volume = volume;
    }
  }

  protected override render() {
    const { leg } = this.leg;
    return html`
      <div class="source">
        <span>You</span><level-bars name="Your voice" .source=${leg.microphone}></level-bars>
      </div>
      <div class="source">
        <span>${this.other}</span><level-bars name="${this.other}: voice" .source=${leg}></level-bars>
      </div>
      <ringback-microphone .microphone=${leg.microphone} @chosen=${this.chosen}></ringback-microphone>
      <label class="source">
        ${speakerIcon}<span class="visually-hidden">Volume</span>
        <input type="range" min="0" max="1" step="0.05" .value=${String(leg.volume)} @input=${this.turn} />
      </label>
    `;
  }

  private chosen({ detail }: CustomEvent<string>): void {
    remember("microphone", detail);
  }

  private turn(event: Event): void {
    const { value } = event.target as HTMLInputElement;
    this.leg.leg.volume = Number(value);
    remember("volume", value);
  }
}

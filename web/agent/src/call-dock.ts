/** What one can do with a call, where a hand expects it: beside the caller's name, on a phone below the thumb. */

import { playKey } from "@ringback/browser-leg";
import "@ringback/look/key-pad";
import type { KeyPad } from "@ringback/look/key-pad";
import { css, html, LitElement, nothing } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import "./consult-card";
import type { ConsultCard } from "./consult-card";
import type { DeskCall } from "./desk-call";
import type { DeskSettings } from "./desk-messages";
import {
  checkIcon,
  hangUpIcon,
  keypadIcon,
  microphoneIcon,
  mutedIcon,
  pauseIcon,
  phoneIcon,
  playIcon,
  transferIcon,
  warningIcon,
} from "./icons";
import { hasKeys, shortcutWords } from "./shortcuts";
import { base, buttons, notices } from "./styles";
import "./transfer-panel";
import type { TransferPanel } from "./transfer-panel";
import { refusalWords } from "./words";

/** What of it is open. */
type Drawer = "keys" | "transfer" | null;

@customElement("call-dock")
export class CallDock extends LitElement {
  @property({ attribute: false }) call!: DeskCall;
  @property({ attribute: false }) settings!: DeskSettings;
  @property({ attribute: false }) tick: unknown;
  @state() private drawer: Drawer = null;
  @query("key-pad") private pad!: KeyPad | null;
  @query("consult-card") private card!: ConsultCard | null;
  @query("transfer-panel") private transfer!: TransferPanel | null;
  @query("[data-transfer]") private transferButton!: HTMLButtonElement | null;
  @query("[data-keys]") private keysButton!: HTMLButtonElement | null;
  private transferred: string | null = null;

  static override styles = [
    base,
    buttons,
    notices,
    css`
      .row {
        display: flex;
        justify-content: flex-end;
        gap: 0.5rem;
      }
      .control {
        display: grid;
        justify-items: center;
        align-content: center;
        gap: 0.25rem;
        min-width: 5rem;
        min-height: 4.1rem;
        padding: 0.5rem 0.4rem;
        border: 1.5px solid var(--line);
        border-radius: 15px;
        background: var(--sunk);
        font-size: 0.875rem;
        font-weight: 600;
        cursor: pointer;
        touch-action: manipulation;
      }
      .control:hover {
        border-color: var(--control);
      }
      .control[aria-disabled="true"] {
        opacity: 0.55;
        cursor: default;
      }
      .control svg {
        width: 1.5rem;
        height: 1.5rem;
      }
      .control[aria-pressed="true"],
      .control[aria-expanded="true"] {
        background: var(--ink);
        color: var(--card);
        border-color: var(--ink);
      }
      .control.held[aria-pressed="true"] {
        background: var(--amber);
        border-color: var(--amber);
      }
      .control.stop {
        background: var(--stop);
        border-color: var(--stop);
        color: var(--stop-ink);
      }
      .control.stop:hover {
        filter: brightness(1.08);
      }
      .row .button {
        min-height: 3.75rem;
        min-width: 9.5rem;
        font-size: 1.0625rem;
      }
      .drawer {
        margin-bottom: 0.9rem;
      }
      @media (min-width: 58.01rem) {
        .drawer {
          grid-column: 1 / -1;
          margin: 0;
        }
        /* What one opens lies over the page, so that nothing on it moves away. */
        .sheet {
          position: absolute;
          z-index: 3;
          top: 6.1rem;
          right: 1.5rem;
          width: 28rem;
          padding: 1.1rem;
          border: 1px solid var(--line);
          border-radius: var(--radius);
          background: var(--card);
          box-shadow: 0 12px 40px rgb(0 0 0 / 0.25);
        }
      }
      key-pad {
        max-width: 20rem;
        margin-inline: auto;
      }
      .wait {
        align-self: center;
        margin-right: 0.5rem;
        font-variant-numeric: tabular-nums;
      }
      .keys {
        margin-top: 0.6rem;
        text-align: right;
        font-size: 0.8438rem;
      }
      kbd {
        padding: 0.05rem 0.35rem;
        border: 1px solid var(--line);
        border-radius: 6px;
        background: var(--sunk);
        font: inherit;
      }
      @media (max-width: 58rem) {
        .row {
          justify-content: stretch;
        }
        .row > * {
          flex: 1 1 0;
          min-width: 0;
        }
        .row .button {
          min-width: 0;
          padding-inline: 0.5rem;
        }
        .row .wait {
          flex: 0 1 auto;
        }
      }
      @media (max-width: 30rem) {
        .row {
          gap: 0.35rem;
        }
        .control {
          padding-inline: 0.1rem;
          font-size: 0.7813rem;
          white-space: nowrap;
        }
      }
    `,
  ];

  /** Where a transfer has come to, its panel and buttons are others: the focus must not be lost with them. */
  protected override updated(): void {
    const transfer = this.call.state?.transfer ?? null;
    if (transfer === this.transferred) return;
    this.transferred = transfer;
    const focused = this.matches(":focus-within") || this.drawer === "transfer";
    if (transfer !== "failed" && this.drawer === "transfer") this.drawer = null;
    if (focused) void this.focusAfter();
  }

  private async focusAfter(): Promise<void> {
    await this.updateComplete;
    await this.card?.updateComplete;
    (this.card ?? this.transferButton)?.focus();
  }

  protected override render() {
    switch (this.call.phase) {
      case "ringing":
        return this.call.here ? this.renderRinging() : nothing;
      case "wrap_up":
      case "ended":
        return this.renderWrapUp();
      default:
        return this.renderTalk();
    }
  }

  private get consults(): boolean {
    return this.call.state?.transfer != null;
  }

  private renderRinging() {
    return html`<div>
      <div class="row">
        <button class="button stop" accesskey="x" @click=${() => this.call.leg?.decline()}>
          ${hangUpIcon} Decline
        </button>
        <button class="button call" accesskey="a" @click=${() => void this.call.leg?.take()}>
          ${phoneIcon} ${this.call.leg?.problem ? "Try again" : "Answer"}
        </button>
      </div>
      ${this.renderKeys(["a", "answers"], ["x", "declines"])}
    </div>`;
  }

  private renderWrapUp() {
    const { call } = this;
    const until = call.state?.state === "wrap_up" ? call.state.until : null;
    const left = until === null ? null : Math.max(0, Math.ceil(until - Date.now() / 1000));
    return html`<div class="row">
      ${left === null ? nothing : html`<span class="wait soft">Calls ring again in ${left} s</span>`}
      ${
        call.phase === "wrap_up"
          ? html`<button class="button brand" @click=${() => call.finish()}>${checkIcon} Done</button>`
          : nothing
      }
    </div>`;
  }

  private renderTalk() {
    const { call } = this;
    return html`
      ${this.narrow ? this.renderDrawers() : nothing}
      <div>
        <div class="row" role="group" aria-label="Call controls">
          ${call.here ? this.renderSound() : nothing} ${this.consults ? nothing : this.renderHold()}
          ${call.here ? this.renderKeypad() : nothing} ${this.consults ? nothing : this.renderLeave()}
        </div>
        ${call.here && !this.consults ? this.renderKeys(["m", "mutes"], ["l", "holds"], ["h", "hangs up"]) : nothing}
      </div>
      ${this.narrow ? nothing : this.renderDrawers()}
    `;
  }

  private renderSound() {
    const leg = this.call.leg?.leg;
    const muted = leg?.muted ?? false;
    return html`<button
      class="control"
      aria-pressed=${muted}
      accesskey="m"
      @click=${() => {
        if (leg) leg.muted = !leg.muted;
      }}
    >
      ${muted ? mutedIcon : microphoneIcon} ${muted ? "Muted" : "Mute"}
    </button>`;
  }

  private renderHold() {
    const { call } = this;
    const held = call.state?.held ?? false;
    return html`<button
        class="control held"
        aria-pressed=${held}
        aria-disabled=${!call.mine}
        accesskey="l"
        @click=${() => {
          if (!call.mine) return;
          if (held) call.resume();
          else call.hold();
        }}
      >
        ${held ? playIcon : pauseIcon} ${held ? "On hold" : "Hold"}
      </button>
      ${
        this.settings.transfers.length > 0 || this.settings.numbers
          ? html`<button
              class="control"
              data-transfer
              aria-expanded=${this.drawer === "transfer"}
              aria-disabled=${!call.mine}
              accesskey="t"
              @click=${() => call.mine && void this.open("transfer")}
            >
              ${transferIcon} Transfer
            </button>`
          : nothing
      }`;
  }

  private renderKeypad() {
    return html`<button
      class="control"
      data-keys
      aria-expanded=${this.drawer === "keys"}
      accesskey="k"
      @click=${() => void this.open("keys")}
    >
      ${keypadIcon} Keypad
    </button>`;
  }

  private renderLeave() {
    const { call } = this;
    if (!call.here && !call.mine) return nothing;
    return html`<button class="control stop" accesskey="h" @click=${() => call.hangUp()}>
      ${hangUpIcon} Hang up
    </button>`;
  }

  private renderDrawers() {
    const { call } = this;
    const { refused } = call;
    const elsewhere = ["push_page", "wrap_up"].includes(refused?.request ?? "") || this.drawer === "transfer";
    return html`
      ${
        refused && !elsewhere
          ? html`<div class="drawer">
              <div class="notice bad" role="alert">
                ${warningIcon}
                <p>${refusalWords(refused)}</p>
              </div>
            </div>`
          : nothing
      }
      ${
        this.consults
          ? html`<consult-card
              class="drawer"
              .call=${call}
              .tick=${this.tick}
              @ask=${() => void this.open("transfer")}
            ></consult-card>`
          : nothing
      }
      ${this.drawer === null ? nothing : html`<div class="drawer sheet" @keydown=${this.escape}>${this.renderSheet()}</div>`}
    `;
  }

  private renderSheet() {
    if (this.drawer === "keys") return html`<key-pad @press=${this.press}></key-pad>`;
    return html`<transfer-panel
      .call=${this.call}
      .settings=${this.settings}
      .tick=${this.tick}
    ></transfer-panel>`;
  }

  private renderKeys(...keys: readonly (readonly [key: string, words: string])[]) {
    if (!hasKeys()) return nothing;
    return html`<p class="keys soft">
      ${keys.map(([key, words], index) => html`${index > 0 ? ", " : ""}<kbd>${shortcutWords(key)}</kbd> ${words}`)}
    </p>`;
  }

  /** Below the thumb what opens does so above its button. */
  private get narrow(): boolean {
    return matchMedia("(max-width: 58rem)").matches;
  }

  private async open(drawer: Drawer): Promise<void> {
    this.drawer = this.drawer === drawer ? null : drawer;
    this.call.refused = null;
    await this.updateComplete;
    if (this.drawer === "keys") this.pad?.focus();
    if (this.drawer === "transfer") this.transfer?.focus();
  }

  private escape(event: KeyboardEvent): void {
    if (event.key !== "Escape") return;
    const button = this.drawer === "keys" ? this.keysButton : this.transferButton;
    this.drawer = null;
    button?.focus();
  }

  private press({ detail: key }: CustomEvent<string>): void {
    playKey(key);
    this.call.leg?.leg.dtmf(key);
  }
}

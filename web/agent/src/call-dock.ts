/** What one can do with a call, where a hand expects it: beside the caller's name, on a phone below the thumb. */

import { playKey } from "@ringback/browser-leg";
import "@ringback/look/key-pad";
import type { KeyPad } from "@ringback/look/key-pad";
import { html, LitElement, nothing } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import "./consult-card";
import type { ConsultCard } from "./consult-card";
import type { DeskCall } from "./desk-call";
import type { DeskSettings } from "./messages";
import { dockStyles } from "./dock-styles";
import {
  checkIcon,
  hangUpIcon,
  keypadIcon,
  microphoneIcon,
  mutedIcon,
  holdIcon,
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
  @query("ringback-keys") private pad!: KeyPad | null;
  @query("consult-card") private card!: ConsultCard | null;
  @query("transfer-panel") private transfer!: TransferPanel | null;
  @query("[data-transfer]") private transferButton!: HTMLButtonElement | null;
  @query("[data-keys]") private keysButton!: HTMLButtonElement | null;
  private transferred: string | null = null;

  static override styles = [base, buttons, notices, dockStyles];

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
    const left = until === null ? null : Math.max(0, Math.ceil(until - call.clock.now));
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
        ${held ? playIcon : holdIcon} ${held ? "On hold" : "Hold"}
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
    if (this.drawer === "keys") return html`<ringback-keys @press=${this.press}></key-pad>`;
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

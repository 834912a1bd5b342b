/** Who to transfer the call to, and how: searched for by name, or dialled. */

import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import type { DeskCall, Mode } from "./desk-call";
import type { Target } from "./desk-settings";
import type { DeskSettings } from "./messages";
import { deskPhoneIcon, headsetIcon, keypadIcon, personIcon, tabsIcon, warningIcon } from "./icons";
import { base, buttons, fields, notices } from "./styles";
import { findTargets } from "./transfer-targets";
import { agentWords, refusalWords } from "./words";

const ICONS = {
  agent: headsetIcon,
  destination: deskPhoneIcon,
  route: tabsIcon,
  number: keypadIcon,
  unknown: personIcon,
};

@customElement("transfer-panel")
export class TransferPanel extends LitElement {
  @property({ attribute: false }) call!: DeskCall;
  @property({ attribute: false }) settings!: DeskSettings;
  @property({ attribute: false }) tick: unknown;
  @state() private typed = "";
  @state() private chosen: Target | null = null;
  /** The option that the arrow keys are at. */
  @state() private at = -1;
  @query("input") private field!: HTMLInputElement;
  @query("[data-first]") private first!: HTMLButtonElement;
  @query("[aria-selected='true']") private lit!: HTMLElement | null;

  static override styles = [
    base,
    buttons,
    fields,
    notices,
    css`
      :host {
        text-align: left;
      }
      input {
        background: var(--card);
      }
      [role="listbox"] {
        max-height: 15rem;
        margin-top: 0.4rem;
        overflow-y: auto;
        border-radius: 11px;
      }
      [role="option"] {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr) auto;
        align-items: center;
        gap: 0.75rem;
        min-height: 2.9rem;
        padding: 0.3rem 0.75rem;
        border-radius: 11px;
        cursor: pointer;
      }
      [role="option"]:hover,
      [role="option"].at {
        background: var(--sunk);
      }
      [role="option"].at {
        box-shadow: inset 0 0 0 2px var(--focus);
      }
      [aria-selected="true"] {
        background: var(--brand-soft) !important;
      }
      [role="option"] svg {
        width: 1.3rem;
        height: 1.3rem;
        color: var(--ink-soft);
      }
      b {
        font-weight: 600;
        overflow-wrap: anywhere;
      }
      .state {
        font-size: 0.875rem;
        color: var(--ink-soft);
      }
      .available {
        color: var(--call);
        font-weight: 600;
      }
      .none {
        padding: 0.75rem;
      }
      .ways {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: 0.6rem;
        margin-top: 0.8rem;
      }
      .ways .button {
        padding-inline: 0.75rem;
      }
      .notice {
        margin-top: 0.75rem;
      }
    `,
  ];

  override focus(): void {
    this.field.focus();
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("at")) this.renderRoot.querySelector(".at")?.scrollIntoView({ block: "nearest" });
    else if (changed.has("chosen")) this.lit?.scrollIntoView({ block: "nearest" });
  }

  protected override render() {
    const { call, chosen, found } = this;
    const refused = call.refused?.request === "transfer" ? call.refused : null;
    return html`<div role="group" aria-label="Transfer the call">
      <label class="name" for="to">Transfer the call to</label>
      <input
        id="to"
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls="found"
        aria-autocomplete="list"
        aria-activedescendant=${this.at >= 0 ? `option-${this.at}` : nothing}
        autocomplete="off"
        autocapitalize="none"
        spellcheck="false"
        placeholder=${this.settings.numbers ? "Search, or dial a number" : "Search"}
        .value=${this.typed}
        @input=${this.search}
        @keydown=${this.key}
      />
      <div id="found" role="listbox" aria-label="Transfer targets">
        ${found.map(
          (target, index) =>
            html`<div
              id="option-${index}"
              role="option"
              class=${index === this.at ? "at" : ""}
              aria-selected=${target.to === chosen?.to}
              @click=${() => this.choose(target)}
            >
              ${ICONS[target.kind]}<b dir="auto">${target.label}</b>
              ${
                target.kind === "agent"
                  ? html`<span class="state ${target.state ?? "unknown"}"
                      >${agentWords(target.state ?? "unknown")}</span
                    >`
                  : nothing
              }
            </div>`,
        )}
      </div>
      ${found.length === 0 ? html`<p class="none soft" role="status">Nothing found.</p>` : nothing}
      <div class="ways">
        <button
          class="button brand"
          data-first
          aria-disabled=${!chosen}
          title="The caller is on hold while you talk to them"
          @click=${() => this.go("attended")}
        >
          Ask first
        </button>
        <button
          class="button plain"
          aria-disabled=${!chosen}
          title="You leave the call at once"
          @click=${() => this.go("blind")}
        >
          Transfer now
        </button>
      </div>
      ${
        refused
          ? html`<div class="notice bad" role="alert">
              ${warningIcon}
              <p>${refusalWords(refused)}</p>
            </div>`
          : nothing
      }
    </div>`;
  }

  private get found(): readonly Target[] {
    return findTargets(this.settings, this.typed);
  }

  private search(): void {
    this.typed = this.field.value;
    const { found } = this;
    this.at = this.typed !== "" && found.length > 0 ? 0 : -1;
    this.chosen = null;
  }

  private key(event: KeyboardEvent): void {
    const { found } = this;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (found.length > 0)
        this.at = (Math.max(this.at, step > 0 ? -1 : 0) + step + found.length) % found.length;
    } else if (event.key === "Enter") {
      event.preventDefault();
      const target = found[Math.max(0, this.at)];
      if (target && (this.at >= 0 || found.length === 1)) {
        this.choose(target);
        this.first.focus();
      }
    }
  }

  private choose(target: Target): void {
    this.chosen = target;
    this.at = -1;
  }

  private go(mode: Mode): void {
    if (this.chosen) this.call.transfer(this.chosen.to, mode);
    else this.field.focus();
  }
}

/** Says for as long as it is so that somebody sees this page, and how to end it; opened: what they may do, and did. */

import { isolated } from "@ringback/browser-leg";
import { type Deed, type Scope, SCOPES, type ViewState } from "@ringback/call-client/shared-view";
import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { live } from "lit/directives/live.js";
import { base, buttons } from "../styles";
import { deedWords } from "./deed-words";
import type { RecorderState } from "./recorder";
import { viewWords } from "./view-words";

/** Fires `end`, `move`, and `revoked` with a scope. */
@customElement("ringback-view-bar")
export class ViewBar extends LitElement {
  @property({ attribute: false }) view!: ViewState;
  @property({ attribute: false }) deeds: readonly Deed[] = [];
  @property({ attribute: false }) recorder: RecorderState = "off";
  /** Whether it stands at the bottom. */
  @property({ type: Boolean }) low = false;
  @state() private open = false;
  /** What was agreed to, also what was taken back: a box that is unticked must not go from under the finger. */
  private had: readonly Scope[] = [];

  static override styles = [
    base,
    buttons,
    css`
      section {
        border-radius: calc(var(--radius) * 1.3);
        background: var(--card);
        color: var(--ink);
        box-shadow:
          0 0 0 2px var(--call),
          0 8px 30px rgb(0 0 0 / 0.28);
        overflow: hidden;
      }
      .line {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.25rem 0.75rem;
        padding: 0.4rem 0.5rem 0.4rem 1rem;
      }
      .who {
        display: flex;
        align-items: center;
        gap: 0.6rem;
        flex: 1 1 9rem;
        min-width: 0;
        line-height: 1.3;
      }
      .who span {
        overflow-wrap: anywhere;
      }
      .who small {
        display: block;
        color: var(--ink-soft);
        font-size: 0.875rem;
      }
      .dot {
        flex: none;
        width: 0.8rem;
        height: 0.8rem;
        border-radius: 50%;
        background: var(--stop);
      }
      .acts {
        display: flex;
        gap: 0.4rem;
      }
      .more {
        padding-inline: 0.9rem;
      }
      .details {
        display: grid;
        gap: 0.75rem;
        max-height: min(24rem, 60dvh);
        padding: 0.75rem 1rem 1rem;
        border-block-start: 1px solid var(--line);
        overflow-y: auto;
        overscroll-behavior: contain;
      }
      h3,
      legend {
        padding: 0;
        font-size: 1rem;
        font-weight: 650;
      }
      fieldset {
        display: grid;
        min-width: 0;
        margin: 0;
        padding: 0;
        border: 0;
      }
      label {
        display: flex;
        align-items: center;
        gap: 0.7rem;
        min-height: 2.5rem;
        cursor: pointer;
      }
      input {
        flex: none;
        width: 1.3rem;
        height: 1.3rem;
        margin: 0;
        accent-color: var(--call);
      }
      ol {
        display: grid;
        gap: 0.35rem;
      }
      li {
        overflow-wrap: anywhere;
        font-size: 0.9375rem;
      }
      time {
        color: var(--ink-soft);
        font-variant-numeric: tabular-nums;
      }
      .hint {
        color: var(--ink-soft);
        font-size: 0.9375rem;
      }
      @media (forced-colors: active) {
        section {
          border: 2px solid CanvasText;
        }
        .dot {
          background: Highlight;
          forced-color-adjust: none;
        }
      }
    `,
  ];

  protected override willUpdate(): void {
    this.had = SCOPES.filter((scope) => this.had.includes(scope) || this.view.agreed.includes(scope));
  }

  protected override render() {
    const { low, open, view } = this;
    const who = isolated(view.agents.length > 0 ? view.agents.join(", ") : view.agent);
    const how = this.how;
    return html`<section aria-label=${viewWords.region}>
      ${low && open ? this.renderDetails(who) : nothing}
      <div class="line">
        <p class="who">
          <i class="dot" aria-hidden="true"></i>
          <span>${viewWords.sees(who)}${how ? html`<small role="status">${how}</small>` : nothing}</span>
        </p>
        <div class="acts">
          <button class="button plain small more" aria-expanded=${open} @click=${() => (this.open = !open)}>
            ${open ? viewWords.less : viewWords.more}
          </button>
          <button class="button stop small" @click=${() => this.tell("end")}>${viewWords.end}</button>
        </div>
      </div>
      ${!low && open ? this.renderDetails(who) : nothing}
    </section>`;
  }

  private renderDetails(who: string) {
    const { deeds, view } = this;
    const minutes = view.endsAt === null ? null : Math.ceil((view.endsAt - Date.now()) / 60_000);
    return html`<div class="details" tabindex="0" role="group" aria-label=${viewWords.more}>
      <fieldset>
        <legend>${viewWords.mayDo(who)}</legend>
        ${this.had.map((scope) => {
          const agreed = view.agreed.includes(scope);
          return html`<label
            ><input
              type="checkbox"
              name=${scope}
              .checked=${live(agreed)}
              aria-disabled=${!agreed}
              @change=${() => this.revoke(scope)}
            />${viewWords.scopes[scope]}</label
          >`;
        })}
      </fieldset>
      <h3>${viewWords.deeds}</h3>
      ${
        deeds.length === 0
          ? html`<p class="hint">${viewWords.noDeeds}</p>`
          : html`<ol>
              ${deeds.map((deed) => html`<li><time>${clockOf(deed.at)}</time> ${deedWords(deed)}</li>`).reverse()}
            </ol>`
      }
      <p class="hint">${viewWords.escape} ${minutes === null ? nothing : viewWords.endsIn(minutes)}</p>
      <button class="button plain small" @click=${() => this.tell("move")}>
        ${this.low ? viewWords.moveUp : viewWords.moveDown}
      </button>
    </div>`;
  }

  /** How it stands, where that is not as it should be. */
  private get how(): string {
    const { recorder, view } = this;
    if (!view.connected) return viewWords.reconnecting;
    if (recorder === "connecting") return viewWords.connecting;
    if (recorder === "too_large") return viewWords.tooLarge;
    return recorder === "failed" ? viewWords.failed : "";
  }

  /** What is taken back comes back when it is asked for once more, not by a tick. */
  private revoke(scope: Scope): void {
    if (!this.view.agreed.includes(scope)) return this.requestUpdate();
    this.dispatchEvent(new CustomEvent<Scope>("revoked", { detail: scope }));
  }

  private tell(what: "end" | "move"): void {
    this.dispatchEvent(new Event(what));
  }
}

const clockOf = (at: number): string =>
  new Date(at).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });

/** A transfer on its way: who the agent asks, and the ways out of it. Fires `ask` for somebody else. */

import { css, html, LitElement, type TemplateResult } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import type { DeskCall } from "./desk-call";
import { backIcon, transferIcon } from "./icons";
import { base, buttons } from "./styles";

@customElement("consult-card")
export class ConsultCard extends LitElement {
  @property({ attribute: false }) call!: DeskCall;
  @property({ attribute: false }) tick: unknown;
  @query("button") private first!: HTMLButtonElement | null;

  static override styles = [
    base,
    buttons,
    css`
      section {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr));
        align-items: center;
        gap: 0.8rem;
        padding: 0.9rem 1rem;
        border-radius: 14px;
        background: var(--amber-soft);
      }
      .talking {
        background: var(--brand-soft);
      }
      b {
        display: block;
      }
      div {
        display: flex;
        flex-wrap: wrap;
        justify-content: flex-end;
        gap: 0.6rem;
      }
      .button {
        flex: 1 1 auto;
        padding-inline: 0.9rem;
      }
    `,
  ];

  override focus(): void {
    this.first?.focus();
  }

  protected override render() {
    const { call } = this;
    const { consulting, transfer } = call.state ?? {};
    const who = consulting ?? "somebody";
    switch (transfer) {
      case "ringing":
        return this.renderCard(
          "ringing",
          html`<b>Ringing ${who}…</b> The caller is on hold.`,
          html`<button class="button plain small" @click=${() => call.completeTransfer()}>
            Transfer now
          </button>`,
        );
      case "talking":
        return this.renderCard(
          "talking",
          html`<b>You are talking to ${who}.</b> The caller is on hold and hears neither of you.`,
          html`<button class="button brand small" accesskey="t" @click=${() => call.completeTransfer()}>
            ${transferIcon} Put the caller through
          </button>`,
        );
      case "unknown":
        return this.renderCard("", html`<b>A transfer is under way.</b>`, html``);
      default:
        return this.renderCard(
          "failed",
          html`<b>Nobody answered.</b> The caller is still on hold.`,
          html`<button class="button plain small" @click=${() => this.dispatchEvent(new CustomEvent("ask"))}>
            Ask someone else
          </button>`,
        );
    }
  }

  private renderCard(look: string, words: TemplateResult, way: TemplateResult) {
    return html`<section class=${look} aria-label="Transfer">
      <p role="status">${words}</p>
      <div>
        <button class="button plain small" accesskey="b" @click=${() => this.call.resume()}>
          ${backIcon} Back to the caller
        </button>
        ${way}
      </div>
    </section>`;
  }
}

/** Asks before a page opens that an agent wants to show the shopper. */

import { type PagePush, pushWords } from "@ringback/call-client";
import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import { pageIcon } from "./icons";
import type { LiveCall } from "./live-call";
import { base, buttons } from "./styles";

@customElement("page-push-dialog")
export class PagePushDialog extends LitElement {
  @property({ attribute: false }) call!: LiveCall;
  @property({ attribute: false }) tick: unknown;
  @query("dialog") private dialog!: HTMLDialogElement;
  @query("h2") private heading!: HTMLElement | null;
  private shown: PagePush | null = null;

  static override styles = [
    base,
    buttons,
    css`
      dialog {
        width: min(27rem, calc(100vw - 2rem));
        padding: 1.6rem 1.6rem 1.5rem;
        border: 0;
        border-radius: 22px;
        background: var(--card);
        color: var(--ink);
        box-shadow: 0 20px 70px rgb(0 0 0 / 0.4);
        text-align: center;
      }
      dialog::backdrop {
        background: rgb(12 18 28 / 0.5);
      }
      .picture {
        display: inline-grid;
        place-items: center;
        width: 3.75rem;
        height: 3.75rem;
        border-radius: 50%;
        background: var(--call-soft);
        color: var(--call);
      }
      .picture svg {
        width: 1.8rem;
        height: 1.8rem;
      }
      h2 {
        margin-top: 0.9rem;
        font-size: 1.3rem;
        outline: none;
      }
      .page {
        margin: 1rem 0 0.4rem;
        padding: 0.8rem 1rem;
        border-radius: 14px;
        background: var(--sunk);
        overflow-wrap: anywhere;
      }
      .page b {
        display: block;
      }
      .page span,
      .hint {
        font-size: 0.9375rem;
        color: var(--ink-soft);
      }
      .ways {
        display: grid;
        gap: 0.6rem;
        margin-top: 1.25rem;
      }
    `,
  ];

  protected override updated(_: PropertyValues<this>): void {
    const { asked } = this.call;
    if (asked === this.shown) return;
    this.shown = asked;
    if (!asked) this.dialog.close();
    else if (!this.dialog.open) this.dialog.showModal();
    this.heading?.focus();
  }

  protected override render() {
    const { asked, view } = this.call;
    const { host, pathname } = asked ? new URL(asked.url) : { host: "", pathname: "" };
    return html`<dialog aria-labelledby="title" @cancel=${this.refuse}>
      ${
        asked
          ? html`
              <span class="picture">${pageIcon}</span>
              <h2 id="title" tabindex="-1">${view ? pushWords(view) : nothing}</h2>
              <p class="page"><b>${asked.title}</b><span>${host}${pathname === "/" ? "" : pathname}</span></p>
              <p class="hint">Your call goes on, and you can come back here.</p>
              <div class="ways">
                <button class="button call wide" @click=${() => this.call.answerPush(true)}>
                  Open the page
                </button>
                <button class="button plain wide" @click=${this.refuse}>No, stay here</button>
              </div>
            `
          : nothing
      }
    </dialog>`;
  }

  /** Also by the Escape key. */
  private refuse(): void {
    this.call.answerPush(false);
  }
}

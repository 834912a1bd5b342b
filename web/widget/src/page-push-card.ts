/** Asks before a page opens that an agent wants to show the shopper; it takes no focus, the shopper may be typing. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { announce } from "./announcer";
import { pageIcon } from "./icons";
import type { LiveCall } from "./live-call";
import { pushWords } from "./status-words";
import { base, buttons } from "./styles";
import { words } from "./words";

@customElement("ringback-push")
export class PagePushCard extends LitElement {
  @property({ attribute: false }) call!: LiveCall;
  /** Redraws with every change of the call. */
  @property({ attribute: false }) tick: unknown;

  static override styles = [
    base,
    buttons,
    css`
      section {
        display: grid;
        gap: 0.5rem;
        padding: 1.1rem 1.2rem;
        border: 2px solid var(--call);
        border-radius: var(--radius);
        background: var(--card);
        text-align: center;
      }
      .picture {
        justify-self: center;
        display: grid;
        place-items: center;
        width: 3rem;
        height: 3rem;
        border-radius: 50%;
        background: var(--call-soft);
        color: var(--call);
      }
      .picture svg {
        width: 1.5rem;
        height: 1.5rem;
      }
      h3 {
        font-size: 1.1rem;
      }
      .page {
        padding: 0.6rem 0.9rem;
        border-radius: var(--radius);
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
    `,
  ];

  protected override updated(): void {
    const { asked, view } = this.call;
    if (asked && view) announce(this, `${pushWords(view, words)}: ${asked.title}`);
  }

  protected override render() {
    const { asked, view } = this.call;
    if (!asked || !view) return nothing;
    const { host, pathname } = new URL(asked.url);
    return html`<section aria-labelledby="title" @keydown=${this.key}>
      <span class="picture">${pageIcon}</span>
      <h3 id="title">${pushWords(view, words)}</h3>
      <p class="page">
        <b dir="auto">${asked.title}</b><span dir="ltr">${host}${pathname === "/" ? "" : pathname}</span>
      </p>
      <p class="hint">${words.push.goesOn}</p>
      <button class="button call wide" @click=${() => this.call.answerPush(true)}>${words.push.open}</button>
      <button class="button plain wide" @click=${this.refuse}>${words.push.stay}</button>
    </section>`;
  }

  private key(event: KeyboardEvent): void {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    this.refuse();
  }

  private refuse(): void {
    this.call.answerPush(false);
  }
}

/** Something that an agent suggests: a value, which the shopper may change, or a page. It takes no focus. */

import { isolated } from "@ringback/browser-leg";
import { css, html, LitElement } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import { announce } from "../announcer";
import { base, buttons } from "../styles";
import type { Offer } from "./actor";
import { cardStyles } from "./view-styles";
import { viewWords } from "./view-words";

@customElement("ringback-offer")
export class OfferCard extends LitElement {
  @property({ attribute: false }) offer!: Offer;
  @query("input") private field!: HTMLInputElement | null;

  static override styles = [
    base,
    buttons,
    cardStyles,
    css`
      input {
        width: 100%;
        min-height: 3rem;
        padding: 0 0.9rem;
        border: 1.5px solid var(--control);
        border-radius: 10px;
        background: var(--card);
      }
      .page {
        padding: 0.6rem 0.9rem;
        border-radius: var(--radius);
        background: var(--sunk);
        overflow-wrap: anywhere;
      }
    `,
  ];

  protected override updated(changed: Map<string, unknown>): void {
    const { offer } = this;
    if (changed.has("offer")) announce(this, `${this.title_} ${offer.value ?? offer.what}`);
  }

  private get title_(): string {
    const { agent, value, what } = this.offer;
    const who = isolated(agent);
    return value === null
      ? viewWords.opens(who)
      : viewWords.proposes(who, isolated(what || viewWords.something));
  }

  protected override render() {
    const { value, what } = this.offer;
    const isPage = value === null;
    return html`<form
      class="card"
      role="group"
      aria-labelledby="title"
      @submit=${this.take}
      @keydown=${this.key}
    >
      <h2 id="title">${this.title_}</h2>
      ${
        isPage
          ? html`<p class="page" dir="ltr">${what}</p>`
          : html`<input aria-label=${viewWords.value} autocomplete="off" .value=${value} dir="auto" />`
      }
      <div class="row">
        <button class="button call">${isPage ? viewWords.open : viewWords.take}</button>
        <button type="button" class="button plain" @click=${this.leave}>
          ${isPage ? viewWords.stay : viewWords.leave}
        </button>
      </div>
    </form>`;
  }

  private take(event: Event): void {
    event.preventDefault();
    this.offer.answer(this.field?.value ?? "");
  }

  private leave(): void {
    this.offer.answer(null);
  }

  private key(event: KeyboardEvent): void {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    this.leave();
  }
}

/** On a page that was shown to the shopper in a call: the way back to where they were. */

import { forgetWay, wayBack } from "@ringback/call-client";
import { css, html, LitElement, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { backIcon, closeIcon } from "./icons";
import { base, buttons } from "./styles";
import { words } from "./words";

@customElement("ringback-shown")
export class ShownBar extends LitElement {
  @state() private from = wayBack(window.location.href);

  static override styles = [
    base,
    buttons,
    css`
      section {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: center;
        gap: 0.5rem 1rem;
        padding: 0.6rem 1rem;
        padding-inline-end: 3.5rem;
        border-radius: var(--radius);
        position: relative;
        background: var(--call-soft);
      }
      a {
        color: inherit;
        text-decoration: none;
        background: var(--card);
      }
      .close {
        position: absolute;
        inset-inline-end: 0.5rem;
        display: grid;
        place-items: center;
        width: 2.75rem;
        height: 2.75rem;
        border: 0;
        border-radius: 50%;
        background: transparent;
        cursor: pointer;
      }
      .close:hover {
        background: var(--card);
      }
      .close svg {
        width: 1.25rem;
        height: 1.25rem;
      }
    `,
  ];

  protected override render() {
    if (this.from === null) return nothing;
    return html`<section aria-label=${words.push.region}>
      <p>${words.push.shown}</p>
      <a class="button plain small" href=${this.from} @click=${() => forgetWay()}
        >${backIcon} ${words.push.back}</a
      >
      <button class="close" aria-label=${words.push.here} @click=${this.stay}>${closeIcon}</button>
    </section>`;
  }

  private stay(): void {
    forgetWay();
    this.from = null;
  }
}

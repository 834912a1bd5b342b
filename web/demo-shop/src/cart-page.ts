/** The cart, with a field for promotion codes: where shoppers get stuck, and are invited to talk. */

import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { PRICE, worthOf } from "./cart";
import { ringback } from "./ringback";

/** Fires `empty`. */
@customElement("cart-page")
export class CartPage extends LitElement {
  @property({ type: Number }) items = 0;
  @state() private off = 0;
  @state() private problem = "";

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render() {
    const value = this.items * PRICE;
    const off = Math.min(this.off, value);
    return html`
      <h1>Your cart</h1>
      ${
        this.items === 0
          ? html`<p>Nothing is in it yet.</p>`
          : html`<dl>
              <dt>${this.items} × The Harbor</dt>
              <dd>$${value}</dd>
              ${
                off > 0
                  ? html`<dt>Promotion</dt>
                      <dd>−$${off}</dd>`
                  : nothing
              }
              <dt class="sum">Sum</dt>
              <dd class="sum">$${value - off}</dd>
            </dl>`
      }
      <form class="promo" novalidate @submit=${this.apply}>
        <label for="promo">Promotion code</label>
        <input
          id="promo"
          name="promo"
          autocomplete="off"
          maxlength="20"
          aria-invalid=${this.problem !== ""}
          aria-describedby="promo-problem"
        />
        <button class="button ink">Apply</button>
        <p class="form-error" id="promo-problem" role="alert">${this.problem}</p>
      </form>
      <p><a href="./checkout">To the checkout</a> · <a href="./">To the Harbor</a></p>
    `;
  }

  private apply(event: Event): void {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const code = String(new FormData(form).get("promo") ?? "")
      .trim()
      .toUpperCase();
    if (code === "") return;
    const worth = worthOf(code);
    this.off = typeof worth === "number" ? worth : 0;
    this.problem = typeof worth === "string" ? worth : "";
    ringback("set", "promo.code", code);
    // What a shop's own code knows best, it tells: the invitation's rule counts on it.
    if (this.problem !== "") ringback("count", "promo.failed");
  }
}

/** The checkout: an address whose ZIP code is wrong at first, where an agent can help who sees the page, and a payment. */

import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { PRICE } from "./cart";

/** A ZIP code of the United States. */
const ZIP = /^\d{5}$/;

@customElement("checkout-page")
export class CheckoutPage extends LitElement {
  @property({ type: Number }) items = 0;
  @state() private zip = "0213";
  @state() private ordered = false;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render() {
    const wrong = !ZIP.test(this.zip);
    return html`
      <h1>Checkout</h1>
      <p>${Math.max(1, this.items)} × The Harbor, $${Math.max(1, this.items) * PRICE}</p>
      <form class="checkout" novalidate @submit=${this.order}>
        <label>Name <input name="name" autocomplete="name" value="Alex Morgan" /></label>
        <label>Street <input name="street" autocomplete="street-address" value="12 Harbor Street" /></label>
        <label
          >ZIP code
          <input
            id="zip"
            name="zip"
            autocomplete="postal-code"
            inputmode="numeric"
            maxlength="10"
            .value=${this.zip}
            aria-invalid=${wrong}
            aria-describedby="zip-problem"
            @input=${this.typed}
        /></label>
        <p class="form-error" id="zip-problem" role="alert">
          ${wrong ? "A ZIP code has five digits." : nothing}
        </p>
        ${ZIP.test(this.zip) ? html`<p role="status">We deliver to ${this.zip} within three days.</p>` : nothing}
        <iframe title="Payment, of a payment service" src="./pay.html" sandbox></iframe>
        <button class="button ink">Pay</button>
        <p role="status">${this.ordered ? "Thank you! Nothing was paid: this is a demo." : nothing}</p>
      </form>
      <p><a href="./cart">To the cart</a></p>
    `;
  }

  private typed(event: Event): void {
    this.zip = (event.target as HTMLInputElement).value;
    this.ordered = false;
  }

  private order(event: Event): void {
    event.preventDefault();
    this.ordered = ZIP.test(this.zip);
  }
}

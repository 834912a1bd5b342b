/** The whole page of Acme Bikes: one product, a cart, and the way to talk to somebody. */

import { clockWords } from "@ringback/browser-leg";
import { type Json, type TalkBy, wayBack } from "@ringback/call-client";
import { html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import "./bike-picture";
import "../../widget/src/call-panel";
import type { CallPanel } from "../../widget/src/call-panel";
import { type DemoSetup, fetchSetup } from "./demo-setup";
import { cartIcon, headsetIcon, phoneIcon } from "./icons";
import { infoOf } from "./info-page";
import { talkWords } from "../../widget/src/way-words";
import { LiveCall } from "../../widget/src/live-call";
import "../../widget/src/page-push-dialog";
import { shopStyles } from "./shop-styles";
import "../../widget/src/shown-bar";
import { base, buttons } from "./styles";

const PRICE = 749;
const COLOURS = [
  { name: "Harbor blue", value: "#2f6db5" },
  { name: "Brick red", value: "#b5402f" },
  { name: "Moss green", value: "#4d7a47" },
] as const;

@customElement("shop-page")
export class ShopPage extends LitElement {
  @state() private setup: DemoSetup | null | "loading" = "loading";
  @state() private colour: (typeof COLOURS)[number] = COLOURS[0];
  @state() private inCart = cartBefore();
  @query("call-panel") private drawer!: CallPanel | null;
  private readonly call = new LiveCall(this);

  static override styles = [base, buttons, shopStyles];

  override connectedCallback(): void {
    super.connectedCallback();
    fetchSetup().then(
      (setup) => (this.setup = setup),
      () => (this.setup = null),
    );
  }

  protected override updated(changed: PropertyValues): void {
    // After a reload in a call the shopper goes on talking; after a pushed page they want to see it.
    const shown = wayBack(window.location.href) !== null;
    if (changed.has("setup") && this.ready && this.call.rejoined && !shown) void this.reopen();
  }

  protected override render() {
    const info = infoOf(window.location.href);
    return html`
      <div>
        <shown-bar></shown-bar>
        <p class="demo-bar">
          A demo shop. Calls made here are real SIP calls between simulated phones on this computer.
        </p>
      </div>
      <header>
        <a class="brand" href="./" aria-label="Acme Bikes, home">
          <img src="./favicon.svg" alt="" width="36" height="36" />Acme Bikes
        </a>
        <p class="cart" role="status">${cartIcon}<span>${this.cartWords()}</span></p>
      </header>
      ${info ? html`<main><info-page page=${info}></info-page></main>` : this.renderBike()}
      <footer>
        <p>Acme Bikes does not exist. This page shows Ringback: click-to-call that you host yourself.</p>
      </footer>
      ${this.renderPill()}
      <page-push-dialog .call=${this.call} .tick=${Symbol()}></page-push-dialog>
      ${
        this.ready
          ? html`<call-panel
              .setup=${this.setup}
              .call=${this.call}
              .context=${this.context()}
              .tick=${Symbol()}
            ></call-panel>`
          : nothing
      }
    `;
  }

  private renderBike() {
    return html`
      <main>
        <figure>
          <bike-picture
            .colour=${this.colour.value}
            name="The Harbor city bike in ${this.colour.name}"
          ></bike-picture>
        </figure>
        <div class="product">
          <p class="kind">City bikes</p>
          <h1>The Harbor</h1>
          <p class="price">$${PRICE}</p>
          <p class="lead">
            Upright, quiet and ready for rain: eight hub gears, mudguards, a basket that holds a week of
            bread.
          </p>
          <fieldset>
            <legend>Colour: <span>${this.colour.name}</span></legend>
            ${COLOURS.map((colour) => this.renderColour(colour))}
          </fieldset>
          <div class="actions">
            <button class="button ink" @click=${this.addToCart}>${cartIcon} Add to cart</button>
            ${this.talk.map((by) => this.renderTalk(by))}
          </div>
          ${
            this.setup === null
              ? html`<p class="trouble" role="alert">
                  The demo's server does not answer. Is <code>ringback demo</code> still running?
                </p>`
              : html`<p class="hint">Questions about size or delivery? Talk to us within seconds.</p>`
          }
        </div>
        <ul class="facts">
          <li><b>Two-year warranty</b>on frame and gears</li>
          <li><b>Try it in the store</b>Boston and Cambridge</li>
          <li><b>Delivered assembled</b>ready to ride</li>
        </ul>
      </main>
    `;
  }

  private get ready(): boolean {
    return this.setup !== null && this.setup !== "loading";
  }

  /** How shoppers may talk; until that is known, as most may. */
  private get talk(): readonly TalkBy[] {
    return this.setup === null || this.setup === "loading" ? ["phone"] : this.setup.talk;
  }

  private renderTalk(by: TalkBy) {
    return html`<button
      class="button call"
      aria-haspopup="dialog"
      ?disabled=${!this.ready}
      @click=${() => this.drawer?.show(by)}
    >
      ${by === "pc" ? headsetIcon : phoneIcon} ${talkWords(by)}
    </button>`;
  }

  private renderColour(colour: (typeof COLOURS)[number]) {
    return html`<label class="swatch">
      <input
        type="radio"
        name="colour"
        .checked=${colour === this.colour}
        @change=${() => (this.colour = colour)}
      />
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <circle cx="16" cy="16" r="15" fill=${colour.value}></circle>
      </svg>
      <span class="visually-hidden">${colour.name}</span>
    </label>`;
  }

  /** The call goes on while the drawer is closed: this leads back to it. */
  private renderPill() {
    const { view } = this.call;
    if (!view) return nothing;
    const talked = view.phase === "connected" ? ` ${clockWords(this.call.talked)}` : "";
    return html`<button class="button call pill" @click=${this.open}>
      ${this.call.by === "pc" ? headsetIcon : phoneIcon} ${this.call.words}${talked}
    </button>`;
  }

  private context(): Record<string, Json> {
    return {
      product: `The Harbor, ${this.colour.name}`,
      cart: { items: this.inCart, value: this.inCart * PRICE },
    };
  }

  private cartWords(): string {
    return this.inCart === 0 ? "Cart is empty" : `${this.inCart} in cart, $${this.inCart * PRICE}`;
  }

  private addToCart(): void {
    this.inCart += 1;
    try {
      sessionStorage.setItem(CART, String(this.inCart));
    } catch {
      // Forbidden: then the cart lasts as long as the page.
    }
  }

  private open(): void {
    this.drawer?.show();
  }

  /** Open the drawer as soon as it is there. */
  private async reopen(): Promise<void> {
    await this.drawer?.updateComplete;
    this.open();
  }
}

const CART = "acme.cart";

/** What was in the cart before the page was left or reloaded. */
function cartBefore(): number {
  try {
    return Math.trunc(Number(sessionStorage.getItem(CART))) || 0;
  } catch {
    return 0;
  }
}

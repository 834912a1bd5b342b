/** The whole page of Acme Bikes: one product, a cart, and the way to talk to somebody, embedded as in any shop. */

import { html, LitElement, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import "./bike-picture";
import "./call-record";
import "./cart-page";
import { cartBefore, keepCart, PRICE } from "./cart";
import "./checkout-page";
import {
  bringCompany,
  type DemoSetup,
  fetchPageToken,
  fetchSetup,
  fetchSigned,
  type Story,
} from "./demo-setup";
import { isHandheld } from "../../widget/src/device";
import { cartIcon, headsetIcon, phoneIcon } from "./icons";
import { infoOf } from "./info-page";
import { ringback } from "./ringback";
import { shopStyles } from "./shop-styles";
import "./story-choice";
import { base, buttons } from "./styles";

const COLOURS = [
  { name: "Harbor blue", value: "#2f6db5" },
  { name: "Brick red", value: "#b5402f" },
  { name: "Moss green", value: "#4d7a47" },
] as const;

/** Nobody who holds a phone wants to talk "by PC". */
const HANDHELD = isHandheld();
const STORY = "acme.story";
const CUSTOMER = "acme.customer";

/** What the panel tells of a call that is about to be asked for. */
interface Calling {
  readonly way: string;
  readonly number: string;
  readonly country: string;
}

@customElement("shop-page")
export class ShopPage extends LitElement {
  @state() private setup: DemoSetup | null | "loading" = "loading";
  @state() private colour: (typeof COLOURS)[number] = COLOURS[0];
  @state() private inCart = cartBefore();
  @state() private customer = kept(CUSTOMER) ?? "";
  @state() private story: Story | null = null;
  /** The call that ended last on this page. */
  @state() private lastCall: string | null = null;

  /** In the page itself, as shops are: the loader finds its buttons there. */
  protected override createRenderRoot(): HTMLElement {
    const sheets = [base, buttons, shopStyles].map(({ styleSheet }) => styleSheet);
    document.adoptedStyleSheets.push(...sheets.filter((sheet) => sheet !== undefined));
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    ringback("on", "calling", (wish: Calling) => this.sign(wish));
    ringback("on", "contact", () => (this.lastCall = null));
    ringback("on", "ended", ({ id }: { id: string }) => (this.lastCall = id));
    fetchSetup().then(
      (setup) => this.begin(setup),
      () => (this.setup = null),
    );
    this.tellCart();
  }

  protected override render() {
    const info = infoOf(window.location.href);
    return html`
      <div class="demo-bar">
        A demo shop. Calls made here are real SIP calls between simulated phones on this computer.
        ${this.renderCustomer()}
      </div>
      <header>
        <a class="brand" href="./" aria-label="Acme Bikes, home">
          <img src="./favicon.svg" alt="" width="36" height="36" />Acme Bikes
        </a>
        <a class="cart" href="./cart">${cartIcon}<span>${this.cartWords()}</span></a>
        <span class="visually-hidden" role="status">${this.cartWords()}</span>
      </header>
      ${this.renderMain(info)}
      <footer>
        <p>Acme Bikes does not exist. This page shows Ringback: click-to-call that you host yourself.</p>
      </footer>
    `;
  }

  private renderMain(info: ReturnType<typeof infoOf>) {
    if (info)
      return html`<main>
        <info-page page=${info}></info-page>
        ${info === "repairs" ? this.renderTalk() : nothing} ${this.renderBehind()}
      </main>`;
    if (window.location.pathname.endsWith("/cart")) {
      return html`<main>
        <cart-page class="basket" .items=${this.inCart} @empty=${() => this.setCart(0)}></cart-page>
        ${this.renderTalk()} ${this.renderBehind()}
      </main>`;
    }
    if (window.location.pathname.endsWith("/checkout")) {
      return html`<main>
        <checkout-page class="basket" .items=${this.inCart}></checkout-page>
        ${this.renderTalk()} ${this.renderBehind()}
      </main>`;
    }
    return this.renderBike();
  }

  private renderCustomer() {
    if (this.setup === null || this.setup === "loading") return nothing;
    return html`<label class="customer"
      >You are
      <select @change=${this.logIn}>
        ${this.setup.customers.map(
          ({ id, label }) => html`<option value=${id} ?selected=${id === this.customer}>${label}</option>`,
        )}
      </select>
    </label>`;
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
            <button class="button ink" @click=${() => this.setCart(this.inCart + 1)}>
              ${cartIcon} Add to cart
            </button>
          </div>
          ${this.renderTalk()}
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
        ${this.renderBehind()}
      </main>
    `;
  }

  /** Any element with `data-ringback` is a button of Ringback's. */
  private renderTalk() {
    return html`<div class="actions">
      <button class="button call talk" data-ringback="phone">${phoneIcon} Talk by Phone</button>
      <button class="button call talk" data-ringback="pc">
        ${headsetIcon} ${HANDHELD ? "Talk in the browser" : "Talk by PC"}
      </button>
    </div>`;
  }

  /** What no shop would show: how the next call goes, and how the last one went. */
  private renderBehind() {
    const { setup } = this;
    if (setup === null || setup === "loading") return nothing;
    return html`<section class="behind" aria-label="Behind the scenes">
      ${this.lastCall === null ? nothing : html`<call-record .callId=${this.lastCall}></call-record>`}
      <story-choice
        .stories=${setup.stories}
        .chosen=${this.story}
        .agent=${setup.agent}
        @choose=${(event: CustomEvent<Story>) => this.choose(event.detail)}
      ></story-choice>
      <p>
        One story has a shop of its own: at <a href="./radiators">Coolway Radiators</a>, a guided chat finds
        the nearest workshop that is open, and its counter sees the vehicle before it answers.
      </p>
      <h2>Look at the page together</h2>
      <ol class="steps">
        <li>
          Log in as ${setup.agent.label} at
          <a href=${setup.agent.url} target="_blank" rel="noopener">the agents’ page</a>, chat with her from
          <a href="./checkout">the checkout</a>, whose ZIP code is wrong, and have her take the chat.
        </li>
        <li>As ${setup.agent.label}, ask to see the page. As the shopper, tick all three, and agree.</li>
        <li>
          Highlight the ZIP code, “this one, please”, and fill in 02134. The shopper reads in the bar what was
          done; the card’s number is nothing that ${setup.agent.label} can see or fill in.
        </li>
      </ol>
      <h2>Be the operator</h2>
      <ol class="steps">
        <li>
          <a href="${setup.operator.url}#/settings/hours/repairs" target="_blank" rel="noopener"
            >Open the hours of repairs at the portal</a
          >
          and log in as <code>${setup.operator.name}</code> with the password
          <code>${setup.operator.password}</code>. <a href="./repairs">Repairs</a> are a page of this shop
          with opening hours of its own.
        </li>
        <li>Have Saturday close at 14:00 instead of 16:00, and review your draft.</li>
        <li>
          Press “Replay last week”: it lists the calls that nobody would have answered. They would have been
          called back the next morning.
        </li>
        <li>Apply it; a call that is going on hears nothing of it. Then undo it, under “Changes”.</li>
      </ol>
    </section>`;
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

  private begin(setup: DemoSetup): void {
    this.setup = setup;
    if (!setup.customers.some(({ id }) => id === this.customer)) this.customer = setup.customers[0]?.id ?? "";
    const before = setup.stories.find(({ id }) => id === kept(STORY));
    const [first] = setup.stories;
    if (before ?? first) this.choose((before ?? first) as Story);
    void this.identify();
  }

  private logIn(event: Event): void {
    this.customer = (event.target as HTMLSelectElement).value;
    keep(CUSTOMER, this.customer);
    void this.identify();
  }

  private async identify(): Promise<void> {
    const token = await fetchPageToken(this.customer);
    if (token !== null) ringback("identify", token);
  }

  /** The number decides how a call goes: it is filled into the panel's form. */
  private choose(story: Story): void {
    this.story = story;
    keep(STORY, story.id);
    ringback("set", { "contact.number": story.number, "contact.country": story.country });
  }

  /** Before a call: the story's other shoppers come first, and the shop's server signs whose call it is. */
  private async sign({ way, number, country }: Calling): Promise<{ signed: string } | null> {
    if (way === "pc" && this.story?.company) await bringCompany(this.story);
    const signed = await fetchSigned(this.customer, number, country);
    return signed === null ? null : { signed };
  }

  private cartWords(): string {
    return this.inCart === 0 ? "Cart is empty" : `${this.inCart} in cart, $${this.inCart * PRICE}`;
  }

  private setCart(items: number): void {
    this.inCart = items;
    keepCart(items);
    this.tellCart();
  }

  /** What rules may read, and agents see. */
  private tellCart(): void {
    ringback("set", {
      "product.name": `The Harbor, ${this.colour.name}`,
      "cart.count": this.inCart,
      "cart.value": this.inCart * PRICE,
    });
  }
}

function keep(key: string, value: string): void {
  try {
    sessionStorage.setItem(key, value);
  } catch {
    // Forbidden: then it lasts as long as the page.
  }
}

function kept(key: string): string | null {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

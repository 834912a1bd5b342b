// Custom elements with shadow roots and adopted style sheets, as Lit writes them.
import { css, html, LitElement } from "lit";

class HarborField extends LitElement {
  static properties = { label: {}, kind: {}, value: {} };
  static formAssociated = true;
  static styles = css`
    :host { display: block; margin-bottom: 1rem; }
    label { display: grid; gap: 0.2rem; font-weight: 600; }
    input { padding: 0.5rem; border: 2px solid #0b6e4f; border-radius: 7px; font: inherit; }
  `;
  render() {
    return html`<label>${this.label}
      <input class=${this.kind ?? ""} .value=${this.value ?? ""} @input=${this.typed} /></label>`;
  }
  typed(event) {
    this.value = event.target.value;
    this.dispatchEvent(new CustomEvent("typed", { detail: this.value }));
  }
}
customElements.define("harbor-field", HarborField);

class HarborDelivery extends LitElement {
  static properties = { zip: { state: true }, more: { state: true } };
  static styles = css`
    h1 { color: #0b6e4f; margin: 0 0 1rem; }
    button { padding: 0.5rem 1rem; border: 0; border-radius: 999px; background: #22303a; color: #fff; font: inherit; }
  `;
  render() {
    return html`<h1>Delivery with Lit</h1>
      <p class="account-number" title="SECRET-lit-title">SECRET-lit-account</p>
      <harbor-field label="Name" value="SECRET-lit-name"></harbor-field>
      <harbor-field label="ZIP code" kind="shown" .value=${this.zip ?? ""} @typed=${({ detail }) => (this.zip = detail)}></harbor-field>
      <output>${this.zip ? `Delivery to ${this.zip}` : ""}</output>
      <p><button type="button" @click=${() => (this.more = true)}>Tell me more</button></p>
      ${this.more ? html`<p>There is more.</p>` : ""}
      <slot></slot>`;
  }
}
customElements.define("harbor-delivery", HarborDelivery);
document.getElementById("root").innerHTML = "<harbor-delivery><p>Slotted text</p></harbor-delivery>";

// Every kind of field in a shadow root, with listeners and live values as Lit writes them.
import { html, LitElement } from "lit";
import { live } from "lit/directives/live.js";
import { masked } from "./masked.js";

class HarborFields extends LitElement {
  static properties = { known: { state: true } };
  constructor() {
    super();
    this.known = { text: "", digits: "1", remarks: "", size: "s", gift: false, pay: "card", day: "" };
  }
  render() {
    const { known } = this;
    const typed = ({ target }) => this.keep(target.id, target.value);
    return html`
      <input id="text" .value=${live(known.text)} @input=${typed}>
      <input id="digits" .value=${live(known.digits)}
        @input=${({ target }) => (/^\d*$/.test(target.value) ? this.keep("digits", target.value) : this.requestUpdate())}>
      <textarea id="remarks" .value=${live(known.remarks)} @change=${typed}></textarea>
      <select id="size" @change=${typed}><option value="s" selected>Small</option><option value="l">Large</option></select>
      <input id="gift" type="checkbox" .checked=${live(known.gift)} @change=${({ target }) => this.keep("gift", target.checked)}>
      <input id="fixed" type="checkbox" checked @click=${(event) => event.preventDefault()}>
      ${["card", "invoice"].map(
        (each) => html`<input id=${each} type="radio" name="pay" value=${each} .checked=${live(known.pay === each)}
          @change=${() => this.keep("pay", each)}>`,
      )}
      <input id="day" type="date" .value=${live(known.day)} @blur=${typed}>
      <input id="phone">
      <input id="short" maxlength="5">
      <input id="closed" readonly value="x">
      <fieldset disabled><input id="shut"></fieldset>
      <div id="editor" contenteditable></div>
      <output id="known">${JSON.stringify(known)}</output>`;
  }
  firstUpdated() {
    masked(this.renderRoot.getElementById("phone"), (value) => this.keep("phone", value));
  }
  keep(name, value) {
    this.known = { ...this.known, [name]: value };
  }
}
customElements.define("harbor-fields", HarborFields);
document.getElementById("root").append(document.createElement("harbor-fields"));

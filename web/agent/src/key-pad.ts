/** The twelve keys. Fires `key-pressed` with the digit, by mouse, touch or keyboard. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import { base } from "./styles";

const KEYS: readonly (readonly [digit: string, letters: string])[] = [
  ["1", ""],
  ["2", "abc"],
  ["3", "def"],
  ["4", "ghi"],
  ["5", "jkl"],
  ["6", "mno"],
  ["7", "pqrs"],
  ["8", "tuv"],
  ["9", "wxyz"],
  ["*", ""],
  ["0", "+"],
  ["#", ""],
];
const NAMES: Readonly<Record<string, string>> = { "*": "star", "#": "hash" };

@customElement("key-pad")
export class KeyPad extends LitElement {
  @state() private pressed = "";
  @query("button") private first!: HTMLButtonElement;

  static override styles = [
    base,
    css`
      .pad {
        display: grid;
        grid-template-columns: repeat(3, 1fr);
        gap: 0.5rem;
        max-width: 17rem;
        margin: 0 auto;
      }
      output {
        display: block;
        min-height: 1.9rem;
        text-align: center;
        font-size: 1.2rem;
        letter-spacing: 0.12em;
        font-variant-numeric: tabular-nums;
        overflow: hidden;
        white-space: nowrap;
      }
      button {
        display: grid;
        place-content: center;
        min-height: 3.3rem;
        border: 1px solid var(--line);
        border-radius: 13px;
        background: var(--sunk);
        font-size: 1.35rem;
        line-height: 1.1;
        font-weight: 600;
        cursor: pointer;
      }
      button:hover {
        border-color: var(--control);
      }
      button:active {
        background: var(--line);
      }
      small {
        font-size: 0.68rem;
        letter-spacing: 0.08em;
        font-weight: 500;
        color: var(--ink-soft);
      }
    `,
  ];

  override focus(): void {
    this.first.focus();
  }

  protected override render() {
    return html`
      <output aria-label="Keys pressed">${this.pressed.slice(-18)}</output>
      <div class="pad" role="group" aria-label="Keypad" @keydown=${this.typed}>
        ${KEYS.map(
          ([digit, letters]) =>
            html`<button
              type="button"
              aria-label=${NAMES[digit] ?? nothing}
              @click=${() => this.press(digit)}
            >
              ${digit}${letters ? html`<small aria-hidden="true">${letters}</small>` : ""}
            </button>`,
        )}
      </div>
    `;
  }

  private typed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey || !/^[0-9*#]$/.test(event.key)) return;
    event.preventDefault();
    this.press(event.key);
  }

  private press(digit: string): void {
    this.pressed += digit;
    this.dispatchEvent(new CustomEvent("key-pressed", { detail: digit }));
  }
}

/** Twelve keys for the menus and mailboxes of telephone systems, pressed by mouse, touch or keyboard. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { plain } from "./styles";

const KEYS: readonly (readonly [key: string, letters: string])[] = [
  ["1", ""],
  ["2", "ABC"],
  ["3", "DEF"],
  ["4", "GHI"],
  ["5", "JKL"],
  ["6", "MNO"],
  ["7", "PQRS"],
  ["8", "TUV"],
  ["9", "WXYZ"],
  ["*", ""],
  ["0", "+"],
  ["#", ""],
];
/** What is said of the keys; `star` and `hash` by a screen reader alone. */
export interface KeyWords {
  readonly label: string;
  readonly hint: string;
  readonly star: string;
  readonly hash: string;
}
const ENGLISH: KeyWords = {
  label: "Keys",
  hint: "Press keys here, or type them",
  star: "star",
  hash: "hash",
};
const NAMES: Readonly<Record<string, "star" | "hash">> = { "*": "star", "#": "hash" };
/** As many as are shown of what was pressed. */
const SHOWN = 16;

/** Fires `press` with the key; silent itself. */
@customElement("ringback-keys")
export class KeyPad extends LitElement {
  @property({ attribute: false }) words = ENGLISH;
  @state() private pressed = "";

  static override shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: true };

  static override styles = [
    plain,
    css`
      :host {
        padding: 0.9rem;
        border-radius: var(--radius);
        background: var(--sunk);
      }
      output {
        display: block;
        min-height: 2rem;
        margin-bottom: 0.5rem;
        font-size: 1.25rem;
        font-variant-numeric: tabular-nums;
        letter-spacing: 0.12em;
        text-align: center;
        overflow: hidden;
      }
      output.empty {
        font-size: 0.9375rem;
        letter-spacing: 0;
        color: var(--ink-soft);
      }
      .keys {
        display: grid;
        grid-template-columns: repeat(3, minmax(0, 5.5rem));
        justify-content: center;
        gap: 0.5rem;
      }
      button {
        display: grid;
        align-content: center;
        justify-items: center;
        min-height: 3.25rem;
        padding: 0;
        border: 1.5px solid var(--line);
        border-radius: 12px;
        background: var(--card);
        font-size: 1.3rem;
        font-weight: 600;
        line-height: 1.1;
        cursor: pointer;
        touch-action: manipulation;
      }
      button:hover {
        border-color: var(--control);
      }
      button:active {
        background: var(--call-soft);
        border-color: var(--call);
      }
      small {
        min-height: 1em;
        font-size: 0.6875rem;
        font-weight: 500;
        letter-spacing: 0.1em;
        color: var(--ink-soft);
      }
    `,
  ];

  constructor() {
    super();
    this.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
      if (KEYS.some(([key]) => key === event.key)) this.press(event.key);
    });
  }

  protected override render() {
    return html`
      <output class=${this.pressed === "" ? "empty" : ""}
        >${this.pressed === "" ? this.words.hint : this.pressed.slice(-SHOWN)}</output
      >
      <div class="keys" role="group" aria-label=${this.words.label}>
        ${KEYS.map(
          ([key, letters]) =>
            html`<button
              type="button"
              aria-label=${this.nameOf(key) ?? nothing}
              @click=${() => this.press(key)}
            >
              ${key}<small aria-hidden="true">${letters}</small>
            </button>`,
        )}
      </div>
    `;
  }

  private nameOf(key: string): string | undefined {
    const name = NAMES[key];
    return name && this.words[name];
  }

  private press(key: string): void {
    this.pressed += key;
    this.dispatchEvent(new CustomEvent<string>("press", { detail: key }));
  }
}

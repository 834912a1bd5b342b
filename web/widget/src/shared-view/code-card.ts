/** The code that the shopper reads out on the phone, large, with the time that is left. */

import { clockWords } from "@ringback/browser-leg";
import { css, html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import { announce } from "../announcer";
import { closeIcon } from "../icons";
import { base, buttons } from "../styles";
import type { ShownCode } from "./code";
import { cardStyles } from "./view-styles";
import { viewWords } from "./view-words";

/** Fires `again` for a new code, and `put-away`. */
@customElement("ringback-code")
export class CodeCard extends LitElement {
  @property({ attribute: false }) code!: ShownCode | "coming" | "failed";
  private clock: ReturnType<typeof setInterval> | undefined;

  static override styles = [
    base,
    buttons,
    cardStyles,
    css`
      header {
        display: flex;
        align-items: center;
        justify-content: space-between;
      }
      .digits {
        font-size: clamp(2.4rem, 14vw, 3.4rem);
        font-weight: 700;
        line-height: 1.1;
        letter-spacing: 0.08em;
        text-align: center;
        font-variant-numeric: tabular-nums;
        user-select: all;
      }
      .digits span + span {
        margin-inline-start: 0.35em;
      }
      .time {
        text-align: center;
        font-variant-numeric: tabular-nums;
      }
      .close {
        display: grid;
        place-items: center;
        width: 2.75rem;
        height: 2.75rem;
        margin: -0.5rem -0.6rem -0.5rem 0;
        border: 0;
        border-radius: 50%;
        background: transparent;
        cursor: pointer;
      }
      .close:hover {
        background: var(--sunk);
      }
      .close svg {
        width: 1.25rem;
        height: 1.25rem;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.clock = setInterval(() => this.requestUpdate(), 1_000);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.clock);
  }

  protected override updated(changed: Map<string, unknown>): void {
    const { code } = this;
    if (changed.has("code") && typeof code === "object")
      announce(this, `${viewWords.codeTitle}: ${[...code.digits].join(" ")}. ${viewWords.codeHow}`);
  }

  protected override render() {
    const { code } = this;
    const left = typeof code === "object" ? Math.max(0, Math.ceil((code.until - Date.now()) / 1000)) : 0;
    const again = html`<button class="button call" @click=${() => this.tell("again")}>
      ${viewWords.codeAgain}
    </button>`;
    return html`<section class="card" role="group" aria-labelledby="title" @keydown=${this.key}>
      <header>
        <h2 id="title">${viewWords.codeTitle}</h2>
        <button class="close" aria-label=${viewWords.close} @click=${() => this.tell("put-away")}>
          ${closeIcon}
        </button>
      </header>
      ${
        code === "coming"
          ? html`<p>${viewWords.codeWait}</p>`
          : code === "failed"
            ? html`<p role="status">${viewWords.codeFailed}</p>
                ${again}`
            : left > 0
              ? html`<p class="digits" dir="ltr">
                    <span>${code.digits.slice(0, 3)}</span><span>${code.digits.slice(3)}</span>
                  </p>
                  <p class="time hint">${viewWords.codeEnds(clockWords(left))}</p>
                  <p class="hint">${viewWords.codeHow}</p>`
              : html`<p role="status">${viewWords.codeOver}</p>
                  ${again}`
      }
    </section>`;
  }

  private key(event: KeyboardEvent): void {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    this.tell("put-away");
  }

  private tell(what: "again" | "put-away"): void {
    this.dispatchEvent(new Event(what));
  }
}

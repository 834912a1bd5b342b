/** What keeps somebody from talking by PC, what to do about it, and the ways on. */

import type { LegProblem } from "@ringback/browser-leg";
import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { phoneIcon, warningIcon } from "./icons";
import { base, buttons } from "./styles";
import { words } from "./words";

/** Fires `remedy` and `by-phone`. */
@customElement("ringback-trouble")
export class ProblemCard extends LitElement {
  @property({ attribute: false }) problem!: LegProblem;
  /** What the button says that tries again; empty: there is none. */
  @property() again = "";
  /** Whether the shopper may be called by phone instead. */
  @property({ type: Boolean }) phone = false;

  static override styles = [
    base,
    buttons,
    css`
      :host {
        padding: 1rem 1.1rem 1.1rem;
        border-radius: var(--radius);
        background: var(--amber-soft);
      }
      .what {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 0 0.75rem;
      }
      svg {
        width: 1.5rem;
        height: 1.5rem;
      }
      .what > svg {
        color: var(--amber);
      }
      b {
        font-weight: 650;
      }
      .remedy {
        grid-column: 2;
        margin-top: 0.15rem;
        font-size: 0.9375rem;
        text-wrap: pretty;
      }
      .ways {
        display: flex;
        flex-wrap: wrap;
        gap: 0.6rem;
        margin-top: 0.9rem;
      }
      .button {
        flex: 1 1 auto;
      }
    `,
  ];

  protected override render() {
    const [what, remedy] = words.troubles[this.problem.kind];
    return html`
      <div class="what" role="alert">
        ${warningIcon}
        <b>${what}</b>
        <p class="remedy">${remedy}</p>
      </div>
      ${
        this.again === "" && !this.phone
          ? nothing
          : html`<div class="ways">
              ${
                this.again === ""
                  ? nothing
                  : html`<button type="button" class="button ink small" @click=${() => this.fire("remedy")}>
                      ${this.again}
                    </button>`
              }
              ${
                this.phone
                  ? html`<button
                      type="button"
                      class="button plain small"
                      @click=${() => this.fire("by-phone")}
                    >
                      ${phoneIcon} ${words.byPhone}
                    </button>`
                  : nothing
              }
            </div>`
      }
    `;
  }

  private fire(name: "remedy" | "by-phone"): void {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true }));
  }
}

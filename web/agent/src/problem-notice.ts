/** A problem: what is wrong, what to do about it, and a way to try again. */

import type { LegProblem } from "@ringback/browser-leg";
import { html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { warningIcon } from "./icons";
import { base, buttons, notices } from "./styles";

@customElement("problem-notice")
export class ProblemNotice extends LitElement {
  @property({ attribute: false }) problem: LegProblem | null = null;
  /** What its button says; without words there is none. Fires `remedy`. */
  @property() action = "";

  static override styles = [base, buttons, notices];

  protected override render() {
    const { problem } = this;
    if (!problem) return nothing;
    return html`<div class="notice bad" role="alert" data-kind=${problem.kind}>
      ${warningIcon}
      <p><b>${problem.words}</b> ${problem.remedy}</p>
      ${
        this.action
          ? html`<button class="button plain small" @click=${this.remedy}>${this.action}</button>`
          : nothing
      }
    </div>`;
  }

  private remedy(): void {
    this.dispatchEvent(new CustomEvent("remedy"));
  }
}

/** Asks the shopper, in the server's words, what an agent may do. It takes no focus: the shopper may be typing. */

import { isolated } from "@ringback/browser-leg";
import { type Question, SCOPES, type Scope } from "@ringback/call-client/shared-view";
import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { announce } from "../announcer";
import { base, buttons } from "../styles";
import { cardStyles } from "./view-styles";
import { viewWords } from "./view-words";

/** Fires `answered` with the scopes that were agreed to; none of them: declined. */
@customElement("ringback-consent")
export class ConsentCard extends LitElement {
  @property({ attribute: false }) question!: Question;
  /** Whether they have agreed to something already. */
  @property({ type: Boolean }) more = false;
  @state() private ticked: readonly Scope[] = [];

  static override styles = [base, buttons, cardStyles];

  protected override willUpdate(changed: Map<string, unknown>): void {
    const before = changed.get("question") as Question | undefined;
    if (changed.has("question") && before?.consent !== this.question.consent) this.ticked = [];
  }

  protected override updated(changed: Map<string, unknown>): void {
    if (changed.has("question")) announce(this, this.title_);
  }

  private get title_(): string {
    const who = isolated(this.question.agent);
    return this.more ? viewWords.asksMore(who) : viewWords.asks(who);
  }

  protected override render() {
    const { consent, scopes } = this.question;
    return html`<section class="card" role="group" aria-labelledby="title" @keydown=${this.key}>
      <h2 id="title">${this.title_}</h2>
      <fieldset lang=${consent.language}>
        ${scopes.map(
          (scope) =>
            html`<label class="tick">
              <input
                type="checkbox"
                name=${scope}
                .checked=${this.ticked.includes(scope)}
                @change=${() => this.toggle(scope)}
              />
              <span><b>${viewWords.scopes[scope]}</b><span class="hint">${consent.words[scope]}</span></span>
            </label>`,
        )}
      </fieldset>
      ${consent.note ? html`<p class="hint" lang=${consent.language}>${consent.note}</p>` : nothing}
      <p class="hint">${viewWords.never}</p>
      <div class="row">
        <button class="button call" aria-disabled=${this.ticked.length === 0} @click=${this.agree}>
          ${viewWords.agree}
        </button>
        <button class="button plain" @click=${this.decline}>${viewWords.decline}</button>
      </div>
    </section>`;
  }

  /** Nobody points at, or fills in, what they do not see. */
  private toggle(scope: Scope): void {
    const { scopes } = this.question;
    const on = !this.ticked.includes(scope);
    let next = SCOPES.filter((each) => (each === scope ? on : this.ticked.includes(each)));
    if (on && scopes.includes("see") && !next.includes("see")) next = ["see", ...next];
    if (!on && scope === "see") next = [];
    this.ticked = next;
  }

  private key(event: KeyboardEvent): void {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    this.decline();
  }

  private agree(): void {
    if (this.ticked.length > 0) this.tell(this.ticked);
  }

  private decline(): void {
    this.tell([]);
  }

  private tell(scopes: readonly Scope[]): void {
    this.dispatchEvent(new CustomEvent<readonly Scope[]>("answered", { detail: scopes }));
  }
}

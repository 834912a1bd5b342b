/** Looking at the shopper's page together, at a call or a chat: ask, join by a code, see, end. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { warningIcon } from "../icons";
import { base, buttons, fields, notices } from "../styles";
import type { DeskViews } from "./desk-views";
import { readSeam } from "./seam";
import { endedWords, SCOPE_WORDS, stateWords, type Scope } from "./view-words";

@customElement("shared-view-card")
export class SharedViewCard extends LitElement {
  @property({ attribute: false }) views!: DeskViews;
  /** The id of the call or chat. */
  @property() talk = "";
  /** What this agent may ask for. */
  @property({ attribute: false }) scopes: readonly Scope[] = [];
  /** Whether the shopper may be at the phone alone, and read out a code. */
  @property({ type: Boolean }) phone = false;
  /** Whether the agent may begin one here, and not only look at one. */
  @property({ type: Boolean }) mine = false;
  @property({ attribute: false }) tick: unknown;
  @state() private left: ReadonlySet<Scope> = new Set();
  @query("iframe") private frame!: HTMLIFrameElement | null;
  @query("#code") private code!: HTMLInputElement | null;

  static override styles = [
    base,
    buttons,
    fields,
    notices,
    css`
      .card {
        padding: 1.25rem 1.3rem 1.3rem;
      }
      .begin {
        display: grid;
        gap: 0.9rem;
      }
      fieldset {
        display: flex;
        flex-wrap: wrap;
        gap: 0.4rem 1.2rem;
        margin: 0;
        padding: 0;
        border: 0;
      }
      legend {
        margin-bottom: 0.3rem;
        padding: 0;
        font-weight: 650;
      }
      fieldset label {
        display: flex;
        align-items: center;
        gap: 0.5rem;
        min-height: 2rem;
      }
      input[type="checkbox"] {
        width: 1.15rem;
        height: 1.15rem;
        accent-color: var(--brand);
      }
      .code {
        display: grid;
        grid-template-columns: minmax(0, 9rem) auto;
        align-items: end;
        gap: 0.6rem;
        justify-content: start;
      }
      .code label {
        grid-column: 1 / -1;
        margin: 0;
      }
      #code {
        letter-spacing: 0.2em;
        font-variant-numeric: tabular-nums;
      }
      .error {
        color: var(--stop);
        font-weight: 600;
      }
      .head {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.5rem 1rem;
        padding: 0.8rem 1rem;
      }
      .head p {
        flex: 1 1 14rem;
      }
      .shown {
        padding: 0;
        overflow: clip;
      }
      iframe {
        display: block;
        width: 100%;
        height: clamp(26rem, 76vh, 54rem);
        border: 0;
        border-top: 1px solid var(--line);
        background: var(--card);
      }
      @media (max-width: 46rem) {
        iframe {
          height: 85vh;
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("message", this.heard);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("message", this.heard);
  }

  protected override render() {
    const view = this.views.of(this.talk);
    if (!view) return this.mine && this.scopes.includes("see") ? this.renderBegin() : nothing;
    if (view.state === "ended")
      return html`<section class="card shown" aria-label="The page together">
        <div class="head">
          <p role="status"><b>The shared view is over.</b> ${endedWords(view.reason)}</p>
          <button class="button plain small" @click=${() => this.views.dismiss(this.talk)}>All right</button>
        </div>
      </section>`;
    return html`<section class="card shown" aria-label="The page together">
      <div class="head">
        <h2>The page together</h2>
        <p class="soft" role="status">${stateWords(view)}</p>
        ${
          this.mine
            ? html`<button class="button stop small" @click=${() => this.views.end(this.talk)}>
                ${view.state === "asked" ? "Take the question back" : "End it"}
              </button>`
            : nothing
        }
      </div>
      ${
        view.state === "asked"
          ? nothing
          : html`<iframe
              src="view/?view=${encodeURIComponent(view.view)}"
              title="The shopper’s page"
              allow=""
              referrerpolicy="no-referrer"
            ></iframe>`
      }
    </section>`;
  }

  private renderBegin() {
    const refusal = this.views.refusal(this.talk);
    return html`<section class="card begin" aria-labelledby="title">
      <div>
        <h2 id="title">Look at the page together</h2>
        <p class="soft">The shopper is asked first. What is private stays hidden, and nothing is recorded.</p>
      </div>
      <fieldset>
        <legend>Ask whether you may</legend>
        ${this.scopes.map(
          (scope) =>
            html`<label>
              <input
                type="checkbox"
                .checked=${!this.left.has(scope)}
                ?disabled=${scope === "see"}
                @change=${() => this.toggle(scope)}
              />
              ${SCOPE_WORDS[scope]}
            </label>`,
        )}
      </fieldset>
      <div>
        <button class="button brand small" data-ask @click=${() => this.views.ask(this.talk, this.wished)}>
          Ask the shopper
        </button>
      </div>
      ${
        this.phone
          ? html`<form class="code" @submit=${this.join}>
              <label class="name" for="code">Or type the code that they read out</label>
              <input
                id="code"
                type="text"
                inputmode="numeric"
                autocomplete="off"
                maxlength="11"
                placeholder="000000"
                aria-describedby="error"
              />
              <button class="button plain small">Join</button>
            </form>`
          : nothing
      }
      ${
        refusal
          ? html`<div class="notice bad" role="alert" id="error">
              ${warningIcon}
              <p>${refusal}</p>
            </div>`
          : nothing
      }
    </section>`;
  }

  private get wished(): readonly Scope[] {
    return this.scopes.filter((scope) => scope === "see" || !this.left.has(scope));
  }

  private toggle(scope: Scope): void {
    const left = new Set(this.left);
    if (!left.delete(scope)) left.add(scope);
    this.left = left;
  }

  private join(event: Event): void {
    event.preventDefault();
    // People read digits in groups, and agents type them so.
    const code = (this.code?.value ?? "").replace(/\D/g, "");
    if (code.length === 6) this.views.join(this.talk, code, this.wished);
    else this.code?.focus();
  }

  private readonly heard = (event: MessageEvent<unknown>): void => {
    const to = this.frame?.contentWindow ?? null;
    const message = readSeam(event, to, location.origin);
    const view = this.views.of(this.talk)?.view;
    if (message?.ringback !== "token_wanted" || !view) return;
    this.views.token(view, (token) => to?.postMessage({ ringback: "token", view, token }, location.origin));
  };
}

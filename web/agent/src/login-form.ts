/** Name and password. */

import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import type { Desk } from "./desk";
import { headsetIcon, warningIcon } from "./icons";
import { remembered } from "./settings";
import { base, buttons, fields, notices } from "./styles";
import { loginWords } from "./words";

@customElement("login-form")
export class LoginForm extends LitElement {
  @property({ attribute: false }) desk!: Desk;
  /** Redraws with every change of the desk. */
  @property({ attribute: false }) tick: unknown;
  @state() private missing = "";
  @query("#agent") private agent!: HTMLInputElement;
  @query("#password") private password!: HTMLInputElement;
  @query("#code") private code!: HTMLInputElement | null;
  /** Whether this agent has an authenticator app. */
  @state() private wantsCode = false;
  private told: unknown = null;

  static override styles = [
    base,
    buttons,
    fields,
    notices,
    css`
      :host {
        max-width: 25rem;
        margin: 0 auto;
        padding: clamp(1.5rem, 9vh, 6rem) 0 3rem;
      }
      .card {
        padding: 2rem 1.75rem 1.9rem;
      }
      .mark {
        display: grid;
        place-items: center;
        width: 3.4rem;
        height: 3.4rem;
        margin-bottom: 1.1rem;
        border-radius: 16px;
        background: var(--brand);
        color: var(--brand-ink);
      }
      .mark svg {
        width: 2rem;
        height: 2rem;
      }
      h1 + p {
        margin: 0.3rem 0 1.5rem;
      }
      form {
        display: grid;
        gap: 1.1rem;
      }
      form .button {
        margin-top: 0.3rem;
      }
    `,
  ];

  protected override firstUpdated(): void {
    const field = this.agent.value === "" ? this.agent : this.password;
    field.focus();
  }

  protected override updated(_: PropertyValues<this>): void {
    const { problem } = this.desk;
    if (problem === this.told) return;
    this.told = problem;
    if (problem?.id === "code_required") {
      this.wantsCode = true;
      void this.updateComplete.then(() => this.code?.focus());
      return;
    }
    if (problem?.id === "login_refused") this.password.select();
    if (problem) this.password.focus();
  }

  protected override render() {
    const { busy, notice, problem } = this.desk;
    const error = this.missing || (problem ? loginWords(problem) : "");
    const wrong = this.missing !== "" || problem?.id === "login_refused";
    return html`<section class="card">
      <span class="mark">${headsetIcon}</span>
      <h1>Log in to take calls</h1>
      <p class="soft">Calls ring in this browser. There is nothing to install.</p>
      <form novalidate @submit=${this.submit}>
        ${notice ? html`<p class="notice" role="status">${warningIcon}<span>${notice}</span></p>` : nothing}
        <div>
          <label class="name" for="agent">Agent</label>
          <input
            id="agent"
            type="text"
            name="username"
            autocomplete="username"
            autocapitalize="none"
            spellcheck="false"
            required
            .value=${remembered("agent")}
            aria-invalid=${wrong}
            aria-describedby=${error ? "error" : nothing}
            @input=${this.typed}
          />
        </div>
        <div>
          <label class="name" for="password">Password</label>
          <input
            id="password"
            type="password"
            name="password"
            autocomplete="current-password"
            required
            aria-invalid=${wrong}
            aria-describedby=${error ? "error" : nothing}
            @input=${this.typed}
          />
        </div>
        ${
          this.wantsCode
            ? html`<div>
                <label class="name" for="code">Code from your authenticator app</label>
                <input
                  id="code"
                  type="text"
                  name="code"
                  inputmode="numeric"
                  autocomplete="one-time-code"
                  maxlength="7"
                  aria-invalid=${wrong}
                  aria-describedby=${error ? "error" : nothing}
                  @input=${this.typed}
                />
              </div>`
            : nothing
        }
        <div role="alert" ?hidden=${!error}>
          ${error ? html`<p class="notice bad" id="error">${warningIcon}<span>${error}</span></p>` : nothing}
        </div>
        <button class="button brand wide" aria-disabled=${busy}>${busy ? "One moment…" : "Log in"}</button>
      </form>
    </section>`;
  }

  private typed(): void {
    this.missing = "";
  }

  private submit(event: Event): void {
    event.preventDefault();
    const [agent, password] = [this.agent.value.trim(), this.password.value];
    if (agent === "") {
      this.missing = "Please give your agent name.";
      this.agent.focus();
    } else if (password === "") {
      this.missing = "Please give your password.";
      this.password.focus();
    } else {
      this.missing = "";
      void this.desk.logIn(agent, password, this.code?.value.replaceAll(/\D/g, "") ?? "");
    }
  }
}

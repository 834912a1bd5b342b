/** Name, password, and the code of an authenticator app: what people of every kind log in with. */

import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { query, state } from "lit/decorators.js";
import { warningIcon } from "./icons";
import { base, buttons, fields, notices } from "./page-styles";

/** Why the last try was refused, by the server's stable id. */
export interface LoginProblem {
  readonly id: string;
  readonly message: string;
  /** Seconds to wait before trying again makes sense. */
  readonly retryAfter: number | null;
}

/** How a log-in stands. */
export interface LoginStanding {
  readonly busy: boolean;
  /** Why it is asked for again, such as a session that expired. */
  readonly notice: string;
  readonly problem: LoginProblem | null;
}

/** What a page says around the fields. */
export interface LoginWords {
  readonly picture: TemplateResult;
  readonly heading: string;
  readonly hint: string;
  /** What the name is called: "Agent". */
  readonly name: string;
  readonly nameMissing: string;
  problem(problem: LoginProblem): string;
}

export abstract class LoginCard extends LitElement {
  @state() private missing = "";
  @query("#name") private name!: HTMLInputElement;
  @query("#password") private password!: HTMLInputElement;
  @query("#code") private code!: HTMLInputElement | null;
  /** Whether this person has an authenticator app. */
  @state() private wantsCode = false;
  private told: LoginProblem | null = null;

  protected abstract readonly words: LoginWords;
  protected abstract readonly standing: LoginStanding;
  /** Who logged in here before; empty for nobody. */
  protected abstract readonly remembered: string;
  protected abstract logIn(name: string, password: string, code: string): void;

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
    const field = this.name.value === "" ? this.name : this.password;
    field.focus();
  }

  protected override updated(_: PropertyValues<this>): void {
    const { problem } = this.standing;
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
    const { busy, notice, problem } = this.standing;
    const { words } = this;
    const error = this.missing || (problem ? words.problem(problem) : "");
    const wrong = this.missing !== "" || problem?.id === "login_refused";
    return html`<section class="card">
      <span class="mark">${words.picture}</span>
      <h1>${words.heading}</h1>
      <p class="soft">${words.hint}</p>
      <form novalidate @submit=${this.submit}>
        ${notice ? html`<p class="notice" role="status">${warningIcon}<span>${notice}</span></p>` : nothing}
        <div>
          <label class="name" for="name">${words.name}</label>
          <input
            id="name"
            type="text"
            name="username"
            autocomplete="username"
            autocapitalize="none"
            spellcheck="false"
            required
            .value=${this.remembered}
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
    const [name, password] = [this.name.value.trim(), this.password.value];
    if (name === "") {
      this.missing = this.words.nameMissing;
      this.name.focus();
    } else if (password === "") {
      this.missing = "Please give your password.";
      this.password.focus();
    } else {
      this.missing = "";
      this.logIn(name, password, this.code?.value.replaceAll(/\D/g, "") ?? "");
    }
  }
}

/** What is wrong, in words; `invalid` where the name could be nobody's. */
export function loginProblemWords(problem: LoginProblem, invalid: string): string {
  switch (problem.id) {
    case "login_refused":
      return "The name or password is wrong. Check capital letters. Your administrator can give you a new password.";
    case "code_required":
      return "Please type the code that your authenticator app shows now.";
    case "limit_login":
      return `Too many tries. Please try again ${waitWords(problem.retryAfter ?? 900)}.`;
    case "server_unreachable":
      return "The server cannot be reached. Check your connection, and try again.";
    case "origin_refused":
      return "The server does not accept log-ins at this address. Open the page at its usual address, or ask your administrator to correct server.public_url.";
    case "validation_failed":
      return invalid;
    default:
      return problem.message || "The server could not log you in. Please try again in a moment.";
  }
}

function waitWords(seconds: number): string {
  if (seconds < 90) return `in ${Math.ceil(seconds)} seconds`;
  return `in ${Math.ceil(seconds / 60)} minutes`;
}

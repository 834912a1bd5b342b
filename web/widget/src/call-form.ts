/** What must be known before the call: the number to call, or that the microphone works. */

import type { Microphone } from "@ringback/browser-leg";
import { type CallProblem, isAboutNumber, type NumberReading, type TalkBy } from "@ringback/call-client";
import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { announce } from "./announcer";
import { headsetIcon, microphoneIcon, phoneIcon } from "./icons";
import type { MicrophoneCheck } from "./microphone-check";
import { digitsOf } from "./numbers";
import type { Typed } from "./typed";
import type { SitePlan } from "./plan";
import { problemWords } from "./status-words";
import { base, buttons, fields } from "./styles";
import { words } from "./words";

/** How the server reads a number. Throws where it does not answer. */
export type ReadNumber = (number: string, country: string) => Promise<NumberReading>;

/** Ms after the last key before the number is read. */
const READ_AFTER = 250;

/** Fires `typed` with what was typed so far, `wanted` at the first focus, and `call-me` when all is there. */
@customElement("ringback-form")
export class CallForm extends LitElement {
  @property({ attribute: false }) plan!: SitePlan;
  @property({ attribute: false }) read!: ReadNumber;
  @property({ attribute: false }) typed!: Typed;
  @property({ attribute: false }) problem: CallProblem | null = null;
  /** Null while what a call by PC needs is being loaded. */
  @property({ attribute: false }) microphone: Microphone | null = null;
  @property() by: TalkBy = "phone";
  @property({ type: Boolean }) busy = false;
  /** What is missing, before anything was sent. */
  @state() private missing = "";
  /** A problem of what has been changed since. */
  @state() private answered: CallProblem | null = null;
  /** What will be called, as the server reads what was typed; null: not known. */
  @state() private reading: NumberReading | null = null;
  private asking: ReturnType<typeof setTimeout> | undefined;
  @query("#number") private field!: HTMLInputElement;
  @query("ringback-check") private check!: MicrophoneCheck | null;

  static override styles = [
    base,
    buttons,
    fields,
    css`
      form {
        display: grid;
        gap: 1rem;
      }
      .optional {
        font-weight: 400;
        color: var(--ink-soft);
      }
      .reading {
        margin-top: -0.6rem;
        min-height: 1.4em;
      }
      .reading b {
        color: var(--ink);
        white-space: nowrap;
      }
      .error {
        padding: 0.7rem 0.9rem;
        border-radius: var(--radius);
        background: var(--stop-soft);
        color: var(--stop);
        font-weight: 600;
      }
      [role="alert"]:empty {
        margin-top: -1rem;
      }
      .note {
        color: var(--ink-soft);
        font-size: 0.875rem;
      }
    `,
  ];

  protected override willUpdate(changed: PropertyValues<this>): void {
    // Also when the shop's page fills it in.
    if (changed.has("typed")) this.changed();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.asking);
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("problem") && this.problem && isAboutNumber(this.problem)) this.field.focus();
    if (this.reading?.number) announce(this, `${this.readingLabel} ${this.reading.number}`);
  }

  protected override render() {
    const problem = this.problem === this.answered ? null : this.problem;
    const aboutNumber = this.missing !== "" || (problem !== null && isAboutNumber(problem));
    const error = this.missing || (problem ? problemWords(problem, words) : "");
    const byPc = this.by === "pc";
    return html`<form novalidate @submit=${this.submit} @focusin=${() => this.fire("wanted")}>
      ${
        byPc && this.microphone
          ? html`<ringback-check
              .microphone=${this.microphone}
              ?phone=${this.plan.ways.includes("phone")}
              @microphone=${() => this.requestUpdate()}
            ></ringback-check>`
          : nothing
      }
      ${this.renderCountry()}
      <div>
        <label class="name" for="number"
          >${words.number} ${byPc ? html`<span class="optional">${words.optional}</span>` : nothing}</label
        >
        <input
          id="number"
          type="tel"
          autocomplete="tel"
          maxlength="40"
          ?required=${!byPc}
          .value=${this.typed.number}
          aria-invalid=${aboutNumber}
          dir="ltr"
          aria-describedby="reading ${byPc ? "why " : ""}${error === "" ? "" : "error"}"
          @input=${this.typeNumber}
        />
      </div>
      <p class="note reading" id="reading">${this.renderReading()}</p>
      ${byPc ? html`<p class="note" id="why">${words.numberWhy}</p>` : nothing}
      <div role="alert">${error === "" ? nothing : html`<p class="error" id="error">${error}</p>`}</div>
      <button class="button call wide" aria-disabled=${this.busy}>${this.renderGo()}</button>
    </form>`;
  }

  /** Where the number is of; where the site calls one country alone there is nothing to choose. */
  private renderCountry() {
    const { countries } = this.plan;
    if (countries.length < 2) return nothing;
    const names = new Intl.DisplayNames(words.language, { type: "region" });
    const named = countries.map((code) => ({ code, name: names.of(code) ?? code }));
    named.sort((one, other) => one.name.localeCompare(other.name, words.language));
    return html`<div>
      <label class="name" for="country">${words.country}</label>
      <select id="country" autocomplete="country" @change=${this.pickCountry}>
        ${named.map(
          ({ code, name }) =>
            html`<option value=${code} ?selected=${code === this.typed.country}>${name}</option>`,
        )}
      </select>
    </div>`;
  }

  /** The button says what it will do. */
  private renderGo() {
    if (this.busy || (this.by === "pc" && !this.microphone))
      return html`${this.by === "pc" ? headsetIcon : phoneIcon} ${words.moment}`;
    const later = this.plan.states[this.by] === "later" ? this.plan.later.way : null;
    if (this.by === "pc") {
      return this.microphone?.stream
        ? html`${headsetIcon} ${later === "message" ? words.leaveMessage : words.callNow}`
        : html`${microphoneIcon} ${words.checkMicrophone}`;
    }
    const label =
      later === "callback" ? words.callBack : later === "message" ? words.leaveMessage : words.callMe;
    return html`${phoneIcon} ${label}`;
  }

  private pickCountry(event: Event): void {
    this.type({ ...this.typed, country: (event.target as HTMLSelectElement).value });
  }

  private typeNumber(event: Event): void {
    this.type({ ...this.typed, number: (event.target as HTMLInputElement).value });
  }

  private type(typed: Typed): void {
    this.typed = typed;
    this.fire("typed", typed);
  }

  /** What was wrong with the number before need not be wrong with this one. */
  private changed(): void {
    this.missing = "";
    this.answered = this.problem;
    this.reading = null;
    clearTimeout(this.asking);
    if (digitsOf(this.typed.number) !== "") this.asking = setTimeout(() => void this.ask(), READ_AFTER);
  }

  private async ask(): Promise<void> {
    const { typed } = this;
    // Where the server does not answer nothing is said of the number.
    const reading = await this.read(typed.number, typed.country).catch(() => null);
    if (typed === this.typed) this.reading = reading;
  }

  private get readingLabel(): string {
    return this.by === "phone" ? words.willCall : words.yourNumber;
  }

  private renderReading() {
    const { reading } = this;
    if (!reading) return nothing;
    if (reading.number === null) return (words.language === "en" && reading.hint) || words.numberPart;
    return html`${this.readingLabel} <b dir="ltr">${reading.number}</b>`;
  }

  private submit(event: Event): void {
    event.preventDefault();
    if (this.busy) return;
    if (this.by === "phone" && digitsOf(this.typed.number) === "") {
      this.missing = words.numberMissing;
      this.field.focus();
      return;
    }
    if (this.by === "pc" && !this.check?.ready) {
      this.check?.scrollIntoView({ block: "nearest" });
      void this.check?.check();
      return;
    }
    this.fire("call-me", { number: this.typed.number.trim(), country: this.typed.country });
  }

  private fire(name: "typed" | "wanted" | "call-me", detail?: Typed): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

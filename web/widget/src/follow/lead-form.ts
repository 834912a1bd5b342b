/** The panel's own form: a number or an address, a question, and perhaps a time, and the shop answers later. */

import type { Json } from "@ringback/call-client";
import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import type { PanelContext } from "../../../page/src/widget-seam";
import { announce } from "../announcer";
import type { SitePlan } from "../plan";
import { randomKey } from "../random-key";
import { base, buttons, fields } from "../styles";
import type { Typed } from "../typed";
import { words } from "../words";
import { type FreeTimes, timesInWords } from "./free-times";
import { LeadApi } from "./lead-api";
import { leadFormWords } from "./lead-words";

type Field = "number" | "email" | "at" | "";

/** Fires `typed` with the number that was typed so far. */
@customElement("ringback-lead")
export class LeadForm extends LitElement {
  @property({ attribute: false }) context!: PanelContext;
  /** What the page tells of its shopper. */
  @property({ attribute: false }) passed!: () => Readonly<Record<string, Json>>;
  @property({ attribute: false }) plan!: SitePlan;
  @property({ attribute: false }) typed!: Typed;
  @state() private times: FreeTimes | null = null;
  @state() private problem = "";
  @state() private wrong: Field = "";
  @state() private busy = false;
  /** What will happen, once it is sent. */
  @state() private done: { readonly words: string; readonly link: string } | null = null;
  @query("form") private form!: HTMLFormElement;
  @query("h3") private heading!: HTMLElement;
  private wish: { readonly key: string; readonly of: string } | null = null;
  private readonly zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

  static override styles = [
    base,
    buttons,
    fields,
    css`
      form,
      .done {
        display: grid;
        gap: 0.9rem;
      }
      input,
      textarea {
        width: 100%;
        min-height: 3rem;
        padding: 0.6rem 0.9rem;
        border: 1.5px solid var(--control);
        border-radius: 10px;
        background: var(--card);
        resize: vertical;
      }
      #clock {
        margin-top: 0.4rem;
      }
      .optional,
      .note {
        font-weight: 400;
        color: var(--ink-soft);
      }
      .note {
        font-size: 0.875rem;
        text-wrap: pretty;
      }
      .error {
        padding: 0.7rem 0.9rem;
        border-radius: var(--radius);
        background: var(--stop-soft);
        color: var(--stop);
        font-weight: 600;
      }
      [role="alert"]:empty {
        margin-top: -0.9rem;
      }
    `,
  ];

  protected override firstUpdated(_: PropertyValues<this>): void {
    if (this.plan.form?.times) void this.lookForTimes();
  }

  protected override render() {
    const own = leadFormWords(words.language);
    if (this.done) {
      const [before, link, after] = own.keep;
      return html`<div class="done">
        <h3 tabindex="-1">${own.thanks}</h3>
        <p>${this.done.words}</p>
        ${
          this.done.link === ""
            ? nothing
            : html`<p class="note">
                ${before}
                <a href=${this.done.link} target="_blank" rel="noopener noreferrer">${link}</a> ${after}
              </p>`
        }
      </div>`;
    }
    const consent = this.plan.form?.consent ?? {};
    const agreed = consent[words.language] ?? Object.values(consent)[0] ?? "";
    const optional = html`<span class="optional">${words.optional}</span>`;
    return html`<form novalidate @submit=${this.submit} @input=${this.mended}>
      <h3>${own.title}</h3>
      ${this.renderCountry()}
      <div>
        <label class="name" for="number">${words.number}</label>
        <input
          id="number"
          name="number"
          type="tel"
          autocomplete="tel"
          maxlength="40"
          dir="ltr"
          .value=${this.typed.number}
          aria-invalid=${this.wrong === "number"}
          aria-describedby=${this.wrong === "number" ? "error" : nothing}
          @input=${this.typeNumber}
        />
      </div>
      <div>
        <label class="name" for="email">${own.email} ${optional}</label>
        <input
          id="email"
          name="email"
          type="email"
          autocomplete="email"
          maxlength="254"
          dir="ltr"
          aria-invalid=${this.wrong === "email"}
          aria-describedby=${this.wrong === "email" ? "error" : nothing}
        />
      </div>
      <div>
        <label class="name" for="name">${own.name} ${optional}</label>
        <input id="name" name="name" autocomplete="name" maxlength="80" />
      </div>
      <div>
        <label class="name" for="said">${own.said} ${optional}</label>
        <textarea id="said" name="said" rows="3" maxlength="2000"></textarea>
      </div>
      ${this.renderTimes()} ${agreed ? html`<p class="note">${agreed}</p>` : nothing}
      <div role="alert">
        ${this.problem === "" ? nothing : html`<p class="error" id="error">${this.problem}</p>`}
      </div>
      <button class="button call wide" aria-disabled=${this.busy}>
        ${this.busy ? words.moment : own.send}
      </button>
    </form>`;
  }

  private renderCountry() {
    const { countries } = this.plan;
    if (countries.length < 2) return nothing;
    const names = new Intl.DisplayNames(words.language, { type: "region" });
    return html`<div>
      <label class="name" for="country">${words.country}</label>
      <select id="country" name="country" autocomplete="country" @change=${this.typeNumber}>
        ${countries.map(
          (code) =>
            html`<option value=${code} ?selected=${code === this.typed.country}>
              ${names.of(code) ?? code}
            </option>`,
        )}
      </select>
    </div>`;
  }

  private renderTimes() {
    const { times } = this;
    if (!times || times.starts.length === 0) return nothing;
    const own = leadFormWords(words.language);
    const { days, elsewhere } = timesInWords(times, words.language, this.zone);
    return html`<div>
      <label class="name" for="at">${own.when}</label>
      <select id="at" name="at" aria-invalid=${this.wrong === "at"} aria-describedby="clock">
        <option value="">${own.soon}</option>
        ${days.map(
          ({ day, times: ofDay }) =>
            html`<optgroup label=${day}>
              ${ofDay.map((time) => html`<option value=${time.start}>${time.words}</option>`)}
            </optgroup>`,
        )}
      </select>
      <p class="note" id="clock">
        ${own.within(Math.round(times.seconds / 60))} ${elsewhere ? own.byYourClock(elsewhere) : nothing}
      </p>
    </div>`;
  }

  private async lookForTimes(): Promise<void> {
    this.times = await new LeadApi(this.context).times();
  }

  private readonly typeNumber = (): void => {
    const { number, country } = this.given;
    const detail: Typed = { number: number ?? "", country: country || this.typed.country };
    this.dispatchEvent(new CustomEvent("typed", { detail }));
  };

  /** What was wrong before need not be wrong now. */
  private readonly mended = (): void => {
    this.problem = this.wrong = "";
  };

  private get given(): Readonly<Record<string, string>> {
    const told = [...new FormData(this.form)].map(([name, value]) => [name, String(value).trim()]);
    return Object.fromEntries(told);
  }

  private readonly submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (this.busy) return;
    const own = leadFormWords(words.language);
    const { number = "", email = "", name = "", said = "", at = "", country = "" } = this.given;
    if (number === "" && email === "") return this.refuse("number", own.needed);
    if (number === "" && at !== "") return this.refuse("number", own.numberForTime);
    this.busy = true;
    this.problem = this.wrong = "";
    const form = {
      name,
      said,
      email,
      number: number || null,
      country: country || this.typed.country || null,
      context: this.passed(),
      ...(at !== "" && { at: Number(at), zone: this.zone }),
    };
    const of = JSON.stringify(form);
    if (this.wish?.of !== of) this.wish = { key: randomKey(), of };
    const came = await new LeadApi(this.context).send({ ...form, request: this.wish.key });
    this.busy = false;
    if (came.sent) return this.thank(at, came.link);
    const { id, field } = came;
    if (id === "time_gone") await this.lookForTimes();
    const about: Field =
      id === "time_gone" ? "at" : field === "email" || id.startsWith("email") ? "email" : numberOf(id, field);
    this.refuse(
      about,
      about === "email" ? own.emailWrong : (own.problems[id] ?? words.problems[id] ?? words.problem),
    );
  };

  private thank(at: string, link: string): void {
    const own = leadFormWords(words.language);
    const chosen =
      this.form.querySelector<HTMLOptionElement>("#at option:checked")?.textContent?.trim() ?? "";
    const place = this.times ? timesInWords(this.times, words.language, this.zone).elsewhere : "";
    const when = place ? chosen.replace(/\)$/, ` ${place})`) : chosen;
    this.done = { words: at === "" ? own.weAnswer : own.weCall(when), link };
    announce(this, this.done.words);
    this.context.tell("booked", { kind: at === "" ? "message" : "callback" });
    void this.updateComplete.then(() => this.heading.focus());
  }

  /** Say what is wrong, and go there. */
  private refuse(field: Field, problem: string): void {
    this.problem = problem;
    this.wrong = field;
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<HTMLElement>(`#${field || "error"}`)?.focus(),
    );
  }
}

const numberOf = (id: string, field: string): Field =>
  field === "number" || id.startsWith("number") || id.startsWith("country") ? "number" : "";

/** "Talk by Phone": country and number, with the demo's stories as ready numbers. */

import { type CallProblem, isAboutNumber, problemWords } from "@ringback/call-client";
import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { type DemoSetup, digitsOf, type Story } from "./demo-setup";
import { phoneIcon } from "./icons";
import { base, buttons } from "./styles";

/** What the form asks for; fired as `call-me`. */
export interface CallWish {
  readonly number: string;
  readonly country: string;
}

@customElement("call-form")
export class CallForm extends LitElement {
  @property({ attribute: false }) setup!: DemoSetup;
  @property({ attribute: false }) problem: CallProblem | null = null;
  @property({ type: Boolean }) busy = false;
  @state() private number = "";
  @state() private country = "";
  /** What is missing, before anything was sent. */
  @state() private missing = "";
  @query("#number") private field!: HTMLInputElement;

  static override styles = [
    base,
    buttons,
    css`
      form {
        display: grid;
        gap: 1.25rem;
      }
      fieldset {
        border: 0;
        margin: 0;
        padding: 0;
        min-width: 0;
      }
      legend,
      label.name {
        padding: 0;
        margin-bottom: 0.4rem;
        font-weight: 650;
        display: block;
      }
      .stories {
        display: grid;
        gap: 0.5rem;
      }
      .story {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 0.1rem 0.75rem;
        padding: 0.7rem 0.9rem;
        border: 1.5px solid var(--line);
        border-radius: var(--radius);
        cursor: pointer;
      }
      .story:hover {
        border-color: var(--control);
      }
      .story:has(:checked) {
        border-color: var(--call);
        background: var(--call-soft);
      }
      .story:has(:focus-visible) {
        outline: 3px solid var(--focus);
        outline-offset: 2px;
      }
      .story input {
        grid-row: span 2;
        width: 1.15rem;
        height: 1.15rem;
        margin: 0.2rem 0 0;
        accent-color: var(--call);
        outline: none;
      }
      .story b {
        font-weight: 600;
        line-height: 1.35;
      }
      .story small {
        color: var(--ink-soft);
        font-size: 0.875rem;
        line-height: 1.4;
      }
      .where {
        display: grid;
        grid-template-columns: minmax(0, 10rem) minmax(0, 1fr);
        gap: 0.75rem;
      }
      input[type="tel"],
      select {
        width: 100%;
        min-height: 3rem;
        padding: 0 0.9rem;
        border: 1.5px solid var(--control);
        border-radius: 10px;
        background: var(--card);
      }
      input[type="tel"] {
        font-variant-numeric: tabular-nums;
        font-size: 1.0625rem;
      }
      [aria-invalid="true"] {
        border-color: var(--stop) !important;
        border-width: 2px !important;
      }
      .error {
        padding: 0.7rem 0.9rem;
        border-radius: 10px;
        background: var(--stop-soft);
        color: var(--stop);
        font-weight: 550;
      }
      /* In view however long the list of stories is. */
      .go {
        position: sticky;
        bottom: 0;
        z-index: 1;
        margin: -0.5rem -1.5rem;
        padding: 0.75rem 1.5rem;
        background: var(--card);
        border-top: 1px solid var(--line);
      }
      .note {
        color: var(--ink-soft);
        font-size: 0.875rem;
      }
      @media (max-width: 26rem) {
        .where {
          grid-template-columns: 1fr;
        }
      }
    `,
  ];

  protected override willUpdate(changed: PropertyValues<this>): void {
    const [first] = this.setup.stories;
    if (changed.has("setup") && this.number === "" && first) this.choose(first);
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("problem") && this.problem && isAboutNumber(this.problem)) this.field.focus();
  }

  protected override render() {
    const aboutNumber = this.missing !== "" || (this.problem !== null && isAboutNumber(this.problem));
    const error = this.missing || (this.problem ? problemWords(this.problem) : "");
    return html`<form novalidate @submit=${this.submit}>
      <fieldset>
        <legend>Choose how the call goes</legend>
        <div class="stories">${this.setup.stories.map((story) => this.renderStory(story))}</div>
      </fieldset>
      <div class="where">
        <div>
          <label class="name" for="country">Country</label>
          <select id="country" autocomplete="country" .value=${this.country} @change=${this.pickCountry}>
            ${this.setup.countries.map(
              ({ code, name }) =>
                html`<option value=${code} ?selected=${code === this.country}>${name}</option>`,
            )}
          </select>
        </div>
        <div>
          <label class="name" for="number">Your phone number</label>
          <input
            id="number"
            type="tel"
            autocomplete="tel"
            required
            .value=${this.number}
            aria-invalid=${aboutNumber}
            aria-describedby="note ${error === "" ? "" : "error"}"
            @input=${this.typeNumber}
          />
        </div>
      </div>
      <div role="alert">${error === "" ? nothing : html`<p class="error" id="error">${error}</p>`}</div>
      <div class="go">
        <button class="button call wide" aria-disabled=${this.busy}>
          ${phoneIcon} ${this.busy ? "One moment…" : "Call me now"}
        </button>
      </div>
      <p class="note" id="note">
        No real phone rings: whatever the number, simulated phones on this computer take the call, over real
        SIP and RTP.
      </p>
    </form>`;
  }

  private renderStory(story: Story) {
    const chosen = digitsOf(story.number) === digitsOf(this.number) && story.country === this.country;
    return html`<label class="story">
      <input
        type="radio"
        name="story"
        value=${story.id}
        .checked=${chosen}
        @change=${() => this.choose(story)}
      />
      <b>${story.title}</b>
      <small>${story.explains}</small>
    </label>`;
  }

  private choose(story: Story): void {
    this.number = story.number;
    this.country = story.country;
    this.missing = "";
  }

  private pickCountry(event: Event): void {
    this.country = (event.target as HTMLSelectElement).value;
  }

  private typeNumber(event: Event): void {
    this.number = (event.target as HTMLInputElement).value;
    this.missing = "";
  }

  private submit(event: Event): void {
    event.preventDefault();
    if (this.busy) return;
    if (digitsOf(this.number) === "") {
      this.missing = "Please give the phone number that we should call.";
      this.field.focus();
      return;
    }
    const detail: CallWish = { number: this.number.trim(), country: this.country };
    this.dispatchEvent(new CustomEvent<CallWish>("call-me", { detail }));
  }
}

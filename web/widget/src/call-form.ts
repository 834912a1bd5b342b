/** What must be known before the call: how it shall go, the number to call, or that the microphone works. */

import type { Microphone } from "@ringback/browser-leg";
import { type CallProblem, isAboutNumber, problemWords, type TalkBy } from "@ringback/call-client";
import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import {
  type DemoSetup,
  digitsOf,
  type Reading,
  readNumber,
  type Story,
} from "../../demo-shop/src/demo-setup";
import { headsetIcon, microphoneIcon, phoneIcon } from "./icons";
import "./microphone-check";
import type { MicrophoneCheck } from "./microphone-check";
import "../../demo-shop/src/story-choice";
import { base, buttons, fields } from "./styles";

/** What the form asks for; fired as `call-me`. */
export interface CallWish {
  /** Empty only for a call by PC. */
  readonly number: string;
  readonly country: string;
  /** The story that the number tells, if it is one's. */
  readonly story: Story | null;
}

@customElement("call-form")
export class CallForm extends LitElement {
  @property({ attribute: false }) setup!: DemoSetup;
  @property({ attribute: false }) problem: CallProblem | null = null;
  @property({ attribute: false }) microphone!: Microphone;
  @property() by: TalkBy = "phone";
  @property({ type: Boolean }) busy = false;
  @state() private number = "";
  @state() private country = "";
  /** What is missing, before anything was sent. */
  @state() private missing = "";
  /** A problem of what has been changed since. */
  @state() private answered: CallProblem | null = null;
  /** What will be called, as the server reads what was typed. */
  @state() private reading: Reading | null = null;
  private asking: ReturnType<typeof setTimeout> | undefined;
  @query("#number") private field!: HTMLInputElement;
  @query("microphone-check") private check!: MicrophoneCheck | null;

  static override styles = [
    base,
    buttons,
    fields,
    css`
      form {
        display: grid;
        gap: 1.25rem;
      }
      .where {
        display: grid;
        grid-template-columns: minmax(0, 10rem) minmax(0, 1fr);
        gap: 0.75rem;
      }
      .optional {
        font-weight: 400;
        color: var(--ink-soft);
      }
      .where + .note {
        margin-top: -0.75rem;
        min-height: 1.4em;
      }
      .reading b {
        color: var(--ink);
        white-space: nowrap;
      }
      .error {
        padding: 0.7rem 0.9rem;
        border-radius: 10px;
        background: var(--stop-soft);
        color: var(--stop);
        font-weight: 600;
      }
      [role="alert"]:empty {
        margin-top: -1.25rem;
      }
      /* The stories are more than a small screen shows: the way on stays in sight. */
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
    const [first] = this.stories;
    const unknown = this.number === "" && !this.hasUpdated;
    // A story that is told in another way only is none to choose here.
    const untold = changed.has("by") && this.setup.stories.some((story) => this.tells(story)) && !this.chosen;
    if ((unknown || untold) && first) this.choose(first);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.asking);
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("problem") && this.problem && isAboutNumber(this.problem)) this.field.focus();
  }

  protected override render() {
    const problem = this.problem === this.answered ? null : this.problem;
    const aboutNumber = this.missing !== "" || (problem !== null && isAboutNumber(problem));
    const error = this.missing || (problem ? problemWords(problem) : "");
    const byPc = this.by === "pc";
    return html`<form novalidate @submit=${this.submit}>
      ${
        byPc
          ? html`<microphone-check
              .microphone=${this.microphone}
              ?phone=${this.setup.talk.includes("phone")}
              @microphone=${() => this.requestUpdate()}
            ></microphone-check>`
          : nothing
      }
      <story-choice
        .stories=${this.stories}
        .chosen=${this.chosen}
        .agent=${this.setup.agent}
        by=${this.by}
        @choose=${(event: CustomEvent<Story>) => this.choose(event.detail)}
      ></story-choice>
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
          <label class="name" for="number"
            >Your phone number ${byPc ? html`<span class="optional">(optional)</span>` : nothing}</label
          >
          <input
            id="number"
            type="tel"
            autocomplete="tel"
            ?required=${!byPc}
            .value=${this.number}
            aria-invalid=${aboutNumber}
            dir="ltr"
            aria-describedby="reading ${byPc ? "why " : ""}note ${error === "" ? "" : "error"}"
            @input=${this.typeNumber}
          />
        </div>
      </div>
      <p class="note reading" id="reading" role="status">${this.renderReading()}</p>
      ${byPc ? html`<p class="note" id="why">In case we get cut off, or to call you back.</p>` : nothing}
      <div role="alert">${error === "" ? nothing : html`<p class="error" id="error">${error}</p>`}</div>
      <div class="go">
        <button class="button call wide" aria-disabled=${this.busy}>${this.renderGo()}</button>
      </div>
      <p class="note" id="note">${NOTES[this.by]}</p>
    </form>`;
  }

  /** The button says what it will do. */
  private renderGo() {
    if (this.by === "phone") return html`${phoneIcon} ${this.busy ? "One moment…" : "Call me now"}`;
    if (this.busy) return html`${headsetIcon} One moment…`;
    return this.microphone.stream
      ? html`${headsetIcon} Call now`
      : html`${microphoneIcon} Check my microphone`;
  }

  private get stories(): readonly Story[] {
    return this.setup.stories.filter((story) => story.explains[this.by] !== undefined);
  }

  private get chosen(): Story | null {
    return this.stories.find((story) => this.tells(story)) ?? null;
  }

  /** Whether the number and country are those of a story. */
  private tells({ number, country }: Story): boolean {
    return digitsOf(number) === digitsOf(this.number) && country === this.country;
  }

  private choose(story: Story): void {
    this.number = story.number;
    this.country = story.country;
    this.changed();
  }

  private pickCountry(event: Event): void {
    this.country = (event.target as HTMLSelectElement).value;
    this.changed();
  }

  private typeNumber(event: Event): void {
    this.number = (event.target as HTMLInputElement).value;
    this.changed();
  }

  /** What was wrong with the number before need not be wrong with this one. */
  private changed(): void {
    this.missing = "";
    this.answered = this.problem;
    this.reading = null;
    clearTimeout(this.asking);
    if (digitsOf(this.number) !== "") this.asking = setTimeout(() => void this.read(), READ_AFTER);
  }

  private async read(): Promise<void> {
    const { country, number } = this;
    const reading = await readNumber(number, country);
    if (number === this.number && country === this.country) this.reading = reading;
  }

  private renderReading() {
    const { reading } = this;
    if (!reading) return nothing;
    if (reading.number === null) return reading.hint ?? "This is not a whole phone number yet.";
    return html`${this.by === "phone" ? "We will call" : "Your number:"} <b dir="ltr">${reading.number}</b>`;
  }

  private submit(event: Event): void {
    event.preventDefault();
    if (this.busy) return;
    if (this.by === "phone" && digitsOf(this.number) === "") {
      this.missing = "Please give the phone number that we should call.";
      this.field.focus();
      return;
    }
    if (this.check && !this.check.ready) {
      this.check.scrollIntoView({ block: "nearest" });
      void this.check.check();
      return;
    }
    const detail: CallWish = { number: this.number.trim(), country: this.country, story: this.chosen };
    this.dispatchEvent(new CustomEvent<CallWish>("call-me", { detail }));
  }
}

/** Ms after the last key before the number is read. */
const READ_AFTER = 250;

const NOTES: Readonly<Record<TalkBy, string>> = {
  phone:
    "No real phone rings: whatever the number, simulated phones on this computer take the call, over real SIP and RTP.",
  pc: "You talk with simulated phones on this computer, over real WebRTC, SIP and RTP. In this demo, the number also decides how the call goes.",
};

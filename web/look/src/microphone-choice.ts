/** Which microphone a call is talked into: another one can be chosen, and it says when one took over by itself. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { plain } from "./styles";

/** What of a microphone is used here. */
export interface ChoosableMicrophone {
  readonly device: string;
  readonly stream: unknown;
  list(): Promise<readonly { readonly id: string; readonly label: string }[]>;
  choose(device: string): Promise<void>;
  on(name: "switched", heard: (label: string) => void): () => void;
  on(name: "devices" | "opened" | "problem", heard: () => void): () => void;
}

export interface MicrophoneWords {
  readonly label: string;
  readonly none: string;
  readonly choose: string;
  readonly another: string;
  /** Before the name of the one that took over. */
  readonly switched: string;
}
const ENGLISH: MicrophoneWords = {
  label: "Microphone",
  none: "none",
  choose: "Choose one",
  another: "another one",
  switched: "Your microphone was disconnected. You now use",
};

/** Ms for which it is said that another one took over. */
const SAID_FOR = 12_000;

/** Fires `chosen` with the id, once another one is asked for; what is wrong with that one the microphone itself tells. */
@customElement("ringback-microphone")
export class MicrophoneChoice extends LitElement {
  @property({ attribute: false }) microphone!: ChoosableMicrophone;
  @property({ attribute: false }) words = ENGLISH;
  @state() private devices: readonly { readonly id: string; readonly label: string }[] = [];
  @state() private switched = "";
  private listened: ChoosableMicrophone | null = null;
  private readonly stops: (() => void)[] = [];
  private silence: ReturnType<typeof setTimeout> | undefined;

  static override styles = [
    plain,
    css`
      details {
        font-size: 0.875rem;
        color: var(--ink-soft);
      }
      summary {
        display: flex;
        gap: 0.5rem;
        align-items: center;
        min-height: 2.25rem;
        border-radius: 9px;
        cursor: pointer;
      }
      summary::before {
        content: "";
        flex: none;
        width: 0.45rem;
        height: 0.45rem;
        margin: 0 0.2rem;
        border: solid currentColor;
        border-width: 0 2px 2px 0;
        rotate: -45deg;
      }
      [open] summary::before {
        rotate: 45deg;
      }
      summary b {
        overflow: hidden;
        font-weight: 500;
        color: var(--ink);
        white-space: nowrap;
        text-overflow: ellipsis;
      }
      select {
        width: 100%;
        min-width: 0;
        min-height: 2.75rem;
        padding: 0 0.7rem;
        border: 1.5px solid var(--control);
        border-radius: 11px;
        background: var(--card);
        color: var(--ink);
        text-overflow: ellipsis;
      }
      p {
        padding: 0.5rem 0.8rem;
        border-radius: 11px;
        background: var(--call-soft);
        overflow-wrap: anywhere;
      }
      details + p {
        margin-top: 0.6rem;
      }
      p.none {
        margin: 0 !important;
        padding: 0;
      }
    `,
  ];

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.listen(null);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (this.hasUpdated) this.listen(this.microphone);
  }

  protected override willUpdate(): void {
    if (this.isConnected) this.listen(this.microphone);
  }

  protected override render() {
    // One that nobody can choose from is no choice, unless the one in use is not among them.
    const some = this.devices.length > 1 || (this.devices.length === 1 && this.microphone.stream === null);
    const now = this.devices.find(({ id }) => id === this.microphone.device);
    return html`${
        some
          ? html`<details ?open=${this.microphone.stream === null}>
              <summary>
                ${this.words.label}:
                <b dir="auto">${now && this.microphone.stream !== null ? now.label : this.words.none}</b>
              </summary>
              <select aria-label=${this.words.label} @change=${this.choose}>
                ${now ? nothing : html`<option value="" selected>${this.words.choose}</option>`}
                ${this.devices.map(
                  ({ id, label }) =>
                    html`<option value=${id} ?selected=${id === this.microphone.device}>${label}</option>`,
                )}
              </select>
            </details>`
          : nothing
      }
      <p role="status" class=${this.switched ? "" : "none"}>
        ${this.switched ? html`${this.words.switched} <b dir="auto">${this.switched}</b>.` : nothing}
      </p>`;
  }

  private listen(microphone: ChoosableMicrophone | null): void {
    if (microphone === this.listened) return;
    for (const stop of this.stops.splice(0)) stop();
    clearTimeout(this.silence);
    this.listened = microphone;
    if (!microphone) return;
    const look = (): void => void this.look();
    this.stops.push(
      microphone.on("devices", look),
      microphone.on("opened", look),
      microphone.on("problem", look),
      microphone.on("switched", (label) => this.tell(label)),
    );
    look();
  }

  private async look(): Promise<void> {
    this.devices = await this.microphone.list();
    this.requestUpdate();
  }

  private tell(label: string): void {
    this.switched = label || this.words.another;
    clearTimeout(this.silence);
    this.silence = setTimeout(() => (this.switched = ""), SAID_FOR);
  }

  private async choose(event: Event): Promise<void> {
    const { value } = event.target as HTMLSelectElement;
    if (value === "") return;
    this.switched = "";
    this.dispatchEvent(new CustomEvent<string>("chosen", { detail: value, bubbles: true, composed: true }));
    try {
      await this.microphone.choose(value);
    } catch {
      // The microphone tells its listeners what is wrong with it.
    }
    this.requestUpdate();
  }
}

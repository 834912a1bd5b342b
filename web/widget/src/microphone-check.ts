/** Before a call by PC: does the microphone work, and is something heard? */

import { type Device, LegProblem, type Microphone, playTestSound } from "@ringback/browser-leg";
import { css, html, LitElement, nothing } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { microphoneIcon, speakerIcon } from "./icons";
import { announce } from "./announcer";
import "./problem-card";
import { base, buttons, fields } from "./styles";
import { words } from "./words";

/** Louder than this for so many looks (twenty a second) is somebody who speaks. */
const SPEECH = 0.3;
const LOOKS = 3;
/** Milliseconds of silence after which we wonder. */
const PATIENCE = 7_000;

/** Fires `microphone` whenever it begins or ceases to be ready. */
@customElement("ringback-check")
export class MicrophoneCheck extends LitElement {
  @property({ attribute: false }) microphone!: Microphone;
  /** Whether the shopper may be called by phone instead. */
  @property({ type: Boolean }) phone = false;
  @state() private asking = false;
  @state() private problem: LegProblem | null = null;
  @state() private devices: readonly Device[] = [];
  @state() private hearing: "waiting" | "speech" | "silence" = "waiting";
  @state() private sound: "untested" | "playing" | "played" = "untested";
  @query(".fill") private fill!: HTMLElement | null;
  @query("h3") private heading!: HTMLElement | null;
  @query(".meter") private meter!: HTMLElement | null;
  private loud = 0;
  private patience: ReturnType<typeof setTimeout> | undefined;
  private readonly stops: (() => void)[] = [];

  static override styles = [
    base,
    buttons,
    fields,
    css`
      section {
        display: grid;
        gap: 0.9rem;
        padding: 1rem 1.1rem 1.1rem;
        border: 1.5px solid var(--line);
        border-radius: var(--radius);
      }
      section.ready {
        border-color: var(--call);
      }
      h3 {
        font-size: 1rem;
        font-weight: 650;
        outline: none;
      }
      p {
        color: var(--ink-soft);
        font-size: 0.9375rem;
      }
      .row {
        display: grid;
        grid-template-columns: 1.5rem 1fr;
        align-items: center;
        gap: 0.35rem 0.75rem;
      }
      .row > svg {
        width: 1.5rem;
        height: 1.5rem;
        color: var(--ink-soft);
      }
      .row:has(.sound) {
        align-items: start;
      }
      .row:has(.sound) > svg {
        margin-top: 0.6rem; /* beside the button, even where the words are below it */
      }
      .row > p,
      .row > select {
        grid-column: 2;
      }
      .ready .row > svg.on {
        color: var(--call);
      }
      .meter {
        height: 0.9rem;
        border-radius: 0.45rem;
        background: var(--sunk);
        box-shadow: inset 0 0 0 1px var(--line);
        overflow: hidden;
      }
      .fill {
        height: 100%;
        border-radius: inherit;
        background: var(--call);
        transform: translateX(-100%);
        transition: transform 60ms linear;
      }
      .heard {
        color: var(--call);
        font-weight: 600;
      }
      .sound {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.5rem 0.9rem;
      }
      .sound p {
        flex: 1 1 10rem;
      }
    `,
  ];

  /** Whether a call can be placed. */
  get ready(): boolean {
    return this.microphone.stream !== null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.stops.push(
      this.microphone.on("level", (level) => this.show(level)),
      this.microphone.on("opened", () => this.listen()),
      this.microphone.on("closed", () => this.changed()),
      this.microphone.on("problem", (problem) => {
        this.problem = problem;
        this.changed();
      }),
      // One was plugged in: what was wrong need not be any more.
      this.microphone.on("devices", () => void this.devicesChanged()),
    );
    void this.openIfAllowed();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.patience);
    for (const stop of this.stops.splice(0)) stop();
  }

  /** Open the microphone; asks the user the first time. */
  async check(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    const solved = this.problem !== null;
    try {
      await this.microphone.open();
      this.problem = null;
      this.devices = await this.microphone.list();
    } catch (problem) {
      if (!(problem instanceof LegProblem)) throw problem;
      // A shopper who closed the drawer while the browser asked knows why there is none.
      if (problem.kind !== "microphone_lost") this.problem = problem;
    } finally {
      this.asking = false;
    }
    await this.updateComplete;
    // The button that was pressed is gone: the focus would be lost with it.
    if (solved && this.problem === null) this.heading?.focus();
  }

  protected override updated(): void {
    if (this.asking) announce(this, words.check.asking);
    else if (this.ready) announce(this, words.check[this.hearing]);
  }

  protected override render() {
    if (this.problem) {
      return html`<ringback-trouble
        .problem=${this.problem}
        again=${this.asking ? words.tryingAgain : words.tryAgain}
        ?phone=${this.phone}
        @remedy=${() => void this.check()}
      ></ringback-trouble>`;
    }
    return html`<section class=${this.ready ? "ready" : ""} aria-labelledby="title">
      <h3 id="title" tabindex="-1">${words.check.title}</h3>
      ${this.ready ? this.renderCheck() : this.renderIntro()}
    </section>`;
  }

  private renderIntro() {
    return html`<p>${this.asking ? html`<b>${words.check.asking}</b>` : words.check.intro}</p>`;
  }

  private renderCheck() {
    return html`
      <div class="row">
        ${microphoneIcon}
        <div
          class="meter"
          role="meter"
          aria-label=${words.check.level}
          aria-valuemin="0"
          aria-valuemax="100"
          aria-valuenow="0"
        >
          <div class="fill"></div>
        </div>
        <p class=${this.hearing === "speech" ? "heard" : ""}>${words.check[this.hearing]}</p>
        ${this.devices.length > 1 ? this.renderDevices() : nothing}
      </div>
      <div class="row">
        ${speakerIcon}
        <div class="sound">
          <button
            type="button"
            class="button plain small"
            aria-disabled=${this.sound === "playing"}
            @click=${this.playSound}
          >
            ${words.check.play}
          </button>
          <p>${words.check[this.sound]}</p>
        </div>
      </div>
    `;
  }

  private renderDevices() {
    return html`<select aria-label=${words.microphone.label} @change=${this.choose}>
      ${this.devices.map(
        ({ id, label }) =>
          html`<option value=${id} ?selected=${id === this.microphone.device}>${label}</option>`,
      )}
    </select>`;
  }

  /** Nobody is asked what they have answered already. */
  private async openIfAllowed(): Promise<void> {
    if (this.ready) {
      this.listen();
      return;
    }
    try {
      const { state } = await navigator.permissions.query({ name: "microphone" as PermissionName });
      if (state === "granted" && this.isConnected) await this.check();
    } catch (error) {
      // A browser that does not tell about microphones: then there is a button.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  private listen(): void {
    this.problem = null;
    this.hearing = "waiting";
    this.loud = 0;
    clearTimeout(this.patience);
    this.patience = setTimeout(() => {
      if (this.hearing === "waiting") this.hearing = "silence";
    }, PATIENCE);
    this.changed();
  }

  private async devicesChanged(): Promise<void> {
    if (this.ready) this.devices = await this.microphone.list();
    else if (this.problem?.kind === "no_microphone") await this.openIfAllowed();
  }

  private show(level: number): void {
    if (this.fill) this.fill.style.transform = `translateX(${100 * (level - 1)}%)`;
    this.meter?.setAttribute("aria-valuenow", String(10 * Math.round(10 * level)));
    this.loud = level > SPEECH ? this.loud + 1 : 0;
    if (this.loud >= LOOKS && this.hearing !== "speech") this.hearing = "speech";
  }

  private async choose(event: Event): Promise<void> {
    try {
      await this.microphone.choose((event.target as HTMLSelectElement).value);
    } catch (problem) {
      if (!(problem instanceof LegProblem)) throw problem;
      this.problem = problem;
      this.changed();
    }
  }

  private async playSound(): Promise<void> {
    if (this.sound === "playing") return;
    this.sound = "playing";
    await playTestSound();
    this.sound = "played";
  }

  private changed(): void {
    this.requestUpdate();
    this.dispatchEvent(new CustomEvent("microphone", { bubbles: true, composed: true }));
  }
}

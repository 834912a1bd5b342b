/** Before a call: does the microphone hear, do the ears hear, may the page notify? */

import { type Device, LegProblem, playTestSound } from "@ringback/browser-leg";
import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { notificationPermission } from "./alerts";
import type { Desk } from "./desk";
import { bellIcon, checkIcon, microphoneIcon, speakerIcon } from "./icons";
import "./level-bars";
import "./problem-notice";
import { base, buttons, fields } from "./styles";

/** A level that only somebody's voice reaches. */
const VOICE = 0.3;
/** Ms of hearing nothing before we say so. */
const SILENT_AFTER = 5_000;

@customElement("sound-check")
export class SoundCheck extends LitElement {
  @property({ attribute: false }) desk!: Desk;
  @property({ attribute: false }) tick: unknown;
  @state() private problem: LegProblem | null = null;
  @state() private opening = false;
  @state() private playing = false;
  @state() private played = false;
  @state() private heard: "nothing" | "silence" | "voice" = "nothing";
  @state() private devices: readonly Device[] = [];
  @state() private permission = notificationPermission();
  private silence: ReturnType<typeof setTimeout> | undefined;
  private stop: (() => void) | undefined;

  static override styles = [
    base,
    buttons,
    fields,
    css`
      .card {
        padding: 1.35rem 1.4rem 1.5rem;
      }
      h2 + p {
        margin-top: 0.2rem;
        font-size: 0.9375rem;
      }
      ul {
        display: grid;
        gap: 1.1rem;
        margin-top: 1.15rem;
      }
      li {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: 0.5rem 0.85rem;
        align-items: start;
      }
      li > svg {
        width: 1.45rem;
        height: 1.45rem;
        margin-top: 0.55rem;
        color: var(--ink-soft);
      }
      .what {
        display: grid;
        gap: 0.65rem;
      }
      .what > .button {
        justify-self: start;
      }
      .what p {
        font-size: 0.9375rem;
      }
      .pair {
        display: flex;
        flex-wrap: wrap;
        gap: 0.6rem;
      }
      .done {
        display: inline-flex;
        gap: 0.45rem;
        color: var(--call);
        font-weight: 600;
      }
      .done svg {
        width: 1.2rem;
        height: 1.2rem;
        margin-top: 0.1rem;
        flex: none;
      }
      .standing {
        padding-top: 0.5rem;
      }
      select {
        min-height: 2.7rem;
      }
    `,
  ];

  private stopDevices: (() => void) | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    // `desk` may come a moment after the element.
    void this.updateComplete.then(() => {
      this.stopDevices ??= this.desk.microphone.on("devices", () => void this.devicesChanged());
    });
  }

  private async devicesChanged(): Promise<void> {
    // What is plugged in now may work.
    this.problem = null;
    if (this.desk.checking) this.devices = await this.desk.microphone.list();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.stopDevices?.();
    this.stopDevices = undefined;
    this.listen(false);
    this.desk.checking = false;
  }

  protected override render() {
    return html`<section class="card" aria-labelledby="title">
      <h2 id="title">Before you take calls</h2>
      <p class="soft">Use a headset, so that callers do not hear themselves.</p>
      <ul>
        <li>
          ${microphoneIcon}
          <div class="what">${this.renderMicrophone()}</div>
        </li>
        <li>
          ${speakerIcon}
          <div class="what">
            <button class="button plain small" aria-disabled=${this.playing} @click=${this.play}>
              ${this.playing ? "Playing…" : "Play a test sound"}
            </button>
            ${
              this.played
                ? html`<p class="soft" role="status">
                    No sound? Turn up your computer’s volume, and choose your headset in its sound settings.
                  </p>`
                : nothing
            }
          </div>
        </li>
        <li>
          ${bellIcon}
          <div class="what">${this.renderNotifications()}</div>
        </li>
      </ul>
    </section>`;
  }

  private renderMicrophone() {
    const { checking, microphoneProblem } = this.desk;
    const problem = this.problem ?? microphoneProblem;
    if (!checking) {
      return html`<button class="button plain small" aria-disabled=${this.opening} @click=${this.check}>
          ${this.opening ? "Waiting for your browser…" : problem ? "Try again" : "Check the microphone"}
        </button>
        <problem-notice .problem=${problem}></problem-notice>`;
    }
    return html`
      ${
        this.devices.length > 1
          ? html`<select aria-label="Microphone" @change=${this.choose}>
              ${this.devices.map(
                ({ id, label }) =>
                  html`<option value=${id} ?selected=${id === this.desk.microphone.device}>${label}</option>`,
              )}
            </select>`
          : html`<p class="standing">${this.devices[0]?.label ?? "Your microphone"}</p>`
      }
      <level-bars name="Your voice" .source=${this.desk.microphone}></level-bars>
      <p role="status" class=${this.heard === "voice" ? "done" : "soft"}>
        ${
          this.heard === "voice"
            ? html`${checkIcon} You can be heard.`
            : this.heard === "silence"
              ? "We cannot hear you. Is the microphone muted, on its cable or in your computer’s settings?"
              : "Say something: the bars should move."
        }
      </p>
      <button class="button plain small" @click=${this.finish}>Done</button>
    `;
  }

  private renderNotifications() {
    switch (this.permission) {
      case "unsupported":
        return html`<p class="standing soft">
          This browser cannot show notifications. The page still rings.
        </p>`;
      case "granted":
        return html`<p class="standing done">${checkIcon} Notifications are on.</p>`;
      case "denied":
        return html`<p class="standing soft">
          Notifications are blocked. To be notified of calls while you use another window, allow them with the
          icon to the left of the address bar.
        </p>`;
      case "default":
        return html`<button class="button plain small" @click=${this.ask}>Notify me of calls</button>
          <p class="soft">Even while you use another window.</p>`;
    }
  }

  private async check(): Promise<void> {
    if (this.opening) return;
    this.opening = true;
    this.problem = null;
    try {
      await this.desk.microphone.open();
      this.devices = await this.desk.microphone.list();
      this.desk.checking = true;
      this.listen(true);
    } catch (problem) {
      if (!(problem instanceof LegProblem)) throw problem;
      this.problem = problem;
    } finally {
      this.opening = false;
    }
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(".what .button")?.focus();
  }

  private finish(): void {
    this.listen(false);
    this.desk.checking = false;
  }

  private listen(on: boolean): void {
    this.stop?.();
    clearTimeout(this.silence);
    this.heard = "nothing";
    if (!on) return;
    this.silence = setTimeout(() => {
      if (this.heard === "nothing") this.heard = "silence";
    }, SILENT_AFTER);
    this.stop = this.desk.microphone.on("level", (level) => {
      if (level >= VOICE) this.heard = "voice";
    });
  }

  private async choose(event: Event): Promise<void> {
    try {
      await this.desk.chooseMicrophone((event.target as HTMLSelectElement).value);
      this.listen(true);
    } catch (problem) {
      if (!(problem instanceof LegProblem)) throw problem;
      this.problem = problem;
      this.finish();
    }
  }

  private async play(): Promise<void> {
    if (this.playing) return;
    this.playing = true;
    try {
      await playTestSound();
    } finally {
      this.playing = false;
      this.played = true;
    }
  }

  private async ask(): Promise<void> {
    await Notification.requestPermission();
    this.permission = notificationPermission();
  }
}

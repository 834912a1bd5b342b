/** A recording: heard as callers hear it, uploaded, recorded here, or spoken by the synthetic voice. */

import { html, LitElement, nothing, svg } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { ApiProblem, type PortalApi } from "../portal-api";
import { trouble } from "../trouble";
import type { PromptKept, PromptView, SpokenView } from "./messages";
import type { SettingsModel } from "./settings-model";
import { settingsStyles } from "./settings-styles";
import {
  asHeard,
  base64Of,
  bytesOf,
  HEARD_RATE,
  KEPT_RATE,
  loudness,
  peaksOf,
  samplesOf,
  wavOf,
} from "./sound";
import { Working } from "./working";

/** Milliseconds that an upload may take. */
const PATIENCE = 60_000;
/** Bytes and seconds of a recording. */
const LARGEST = 30 * 1024 * 1024;
const LONGEST = 300;
/** What callers understand well: quieter, and they strain; louder, and it is distorted. */
const [QUIET, LOUD] = [-32, -10];

const PLAYING = "Playing…";

/** Fires `kept` when the draft names another file. */
@customElement("prompt-panel")
export class PromptPanel extends LitElement {
  @property({ attribute: false }) api!: PortalApi;
  @property({ attribute: false }) model!: SettingsModel;
  @property() name = "";
  @state() private kept: { readonly file: string; readonly samples: Float32Array } | null = null;
  /** What would be kept next. */
  @state() private fresh: Float32Array | null = null;
  @state() private recorder: MediaRecorder | null = null;
  @state() private told = "";
  private readonly working = new Working(this);
  private shown = "";
  private player: AudioContext | null = null;

  static override styles = settingsStyles;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.recorder?.stop();
    void this.player?.close();
    this.player = null;
  }

  protected override willUpdate(): void {
    if (this.shown === this.name) return;
    this.shown = this.name;
    this.fresh = this.kept = null;
    if (this.model.at(["prompts", this.name]) !== undefined) void this.load();
  }

  private load(): Promise<void> {
    return this.working.do(async () => {
      const view = await this.api.get<PromptView>(`settings/prompts/${this.name}`, {}, PATIENCE);
      this.kept = { file: view.file, samples: await samplesOf(bytesOf(view.wav), KEPT_RATE) };
    });
  }

  private play(samples: Float32Array, heard: boolean): Promise<void> {
    return this.working.do(async () => {
      await this.player?.close();
      const player = (this.player = new AudioContext());
      const line = heard ? await asHeard(samples) : samples;
      const buffer = new AudioBuffer({
        length: Math.max(1, line.length),
        sampleRate: heard ? HEARD_RATE : KEPT_RATE,
      });
      buffer.copyToChannel(line as Float32Array<ArrayBuffer>, 0);
      const source = new AudioBufferSourceNode(player, { buffer });
      source.connect(player.destination);
      this.told = PLAYING;
      source.addEventListener("ended", () => {
        if (this.told === PLAYING) this.told = ""; // else something else was told meanwhile
      });
      source.start();
    });
  }

  private async take(bytes: ArrayBuffer): Promise<void> {
    let samples: Float32Array;
    try {
      samples = await samplesOf(bytes, KEPT_RATE);
    } catch {
      throw new ApiProblem(
        "sound_unreadable",
        "The browser cannot read this as sound. Try a WAV or MP3 file.",
      );
    }
    if (samples.length > LONGEST * KEPT_RATE)
      throw new ApiProblem("sound_too_long", `It is longer than ${LONGEST / 60} minutes. Cut it first.`);
    this.fresh = samples;
    this.told = "";
  }

  private upload(event: Event): Promise<void> {
    const input = event.target as HTMLInputElement;
    return this.working.do(async () => {
      const [file] = input.files ?? [];
      if (!file) return;
      if (file.size > LARGEST) throw new ApiProblem("sound_too_large", "The file is larger than 30 MB.");
      await this.take(await file.arrayBuffer());
      input.value = "";
    });
  }

  private record(): Promise<void> {
    return this.working.do(async () => {
      let stream: MediaStream;
      try {
        stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false } });
      } catch {
        const words =
          "The browser gives no microphone. Allow it for this page, and see that one is connected.";
        throw new ApiProblem("no_microphone", words);
      }
      const parts: Blob[] = [];
      const recorder = new MediaRecorder(stream);
      recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
      recorder.addEventListener("stop", () => {
        stream.getTracks().forEach((track) => track.stop());
        this.recorder = null;
        this.told = "";
        if (this.isConnected)
          void this.working.do(async () => this.take(await new Blob(parts).arrayBuffer()));
      });
      recorder.start();
      setTimeout(() => recorder.state === "recording" && recorder.stop(), LONGEST * 1000);
      this.recorder = recorder;
      this.told = "Recording…";
    });
  }

  private speak(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const said = (name: string): string => {
      const value = form.get(name);
      return typeof value === "string" ? value.trim() : "";
    };
    return this.working.do(async () => {
      const body = { text: said("text"), voice: said("voice") };
      const { wav } = await this.api.change<SpokenView>("POST", "settings/speak", body, {}, PATIENCE);
      await this.take(bytesOf(wav));
    });
  }

  private keep(samples: Float32Array): Promise<void> {
    return this.working.do(async () => {
      const body = { wav: base64Of(wavOf(samples, KEPT_RATE)) };
      const path = `settings/prompts/${this.name}`;
      const { file } = await this.api.change<PromptKept>("PUT", path, body, this.model.match, PATIENCE);
      await this.model.load();
      this.kept = { file, samples };
      this.fresh = null;
      this.told = "It is in your draft. The recording before stays on disk, for undo.";
      this.dispatchEvent(new CustomEvent("kept"));
    });
  }

  protected override render() {
    const { kept, fresh } = this;
    return html`<div class="stack" aria-busy=${this.working.busy}>
      ${trouble(this.working.problem)}
      <section class="card" aria-label="In your draft">
        <h2>In your draft</h2>
        ${
          kept
            ? html`<p class="soft">${kept.file}</p>
                ${this.renderSound(kept.samples)}`
            : html`<p class="soft">${this.working.busy ? "One moment…" : "No recording yet."}</p>`
        }
      </section>
      ${this.model.may("prompts") ? this.renderNew(fresh) : nothing}
      <p role="status" class="soft">${this.told}</p>
    </div>`;
  }

  private renderNew(fresh: Float32Array | null) {
    return html`<section class="card" aria-label="A new recording">
      <h2>A new recording</h2>
      ${
        fresh
          ? html`${this.renderSound(fresh)}
              <div class="tools">
                <button class="button brand" @click=${() => void this.keep(fresh)}>Use it</button>
                <button class="button plain" @click=${() => (this.fresh = null)}>Drop it</button>
              </div>`
          : this.renderWays()
      }
    </section>`;
  }

  private renderWays() {
    const { recorder } = this;
    return html`<div class="columns wide">
      <div>
        <h3>Speak it</h3>
        <p class="soft">In a quiet room, a hand’s breadth from the microphone.</p>
        ${
          recorder
            ? html`<button class="button brand" @click=${() => recorder.stop()}>Stop recording</button>`
            : html`<button class="button plain" @click=${() => void this.record()}>Record</button>`
        }
      </div>
      <div>
        <h3><label for="file">Upload a file</label></h3>
        <p class="soft">WAV, MP3, or what else the browser plays; at most five minutes.</p>
        <input id="file" type="file" accept="audio/*" @change=${(event: Event) => void this.upload(event)} />
      </div>
      <form @submit=${(event: SubmitEvent) => void this.speak(event)}>
        <h3><label for="text">Have it spoken</label></h3>
        <textarea id="text" name="text" rows="3" maxlength="1000" required></textarea>
        <div class="tools">
          <label for="voice">Voice</label>
          <input id="voice" name="voice" class="short" type="text" list="voices" value="en-us" required />
          <datalist id="voices">
            ${["en-us", "en-gb", "de", "es", "fr-fr"].map((voice) => html`<option value=${voice}></option>`)}
          </datalist>
          <button class="button plain" aria-disabled=${this.working.busy}>Speak</button>
        </div>
      </form>
    </div>`;
  }

  private renderSound(samples: Float32Array) {
    const level = loudness(samples, KEPT_RATE);
    const words =
      level === -Infinity
        ? "There is no sound in it."
        : `${level < QUIET ? "Quiet for callers" : level > LOUD ? "Loud, and perhaps distorted" : "Loud enough"}: ${level.toFixed(0)} dBFS.`;
    const peaks = peaksOf(samples, 240);
    return html`<svg class="wave" viewBox="0 0 240 40" preserveAspectRatio="none" aria-hidden="true">
        ${peaks.map(
          (peak, at) =>
            svg`<rect x=${at} y=${20 - peak * 20} width="0.8" height=${Math.max(0.4, peak * 40)}></rect>`,
        )}
      </svg>
      <p>${(samples.length / KEPT_RATE).toFixed(1)} s. ${words}</p>
      <div class="tools">
        <button class="button plain small" @click=${() => void this.play(samples, true)}>
          Hear it as callers do
        </button>
        <button class="button plain small" @click=${() => void this.play(samples, false)}>
          Hear it as it was recorded
        </button>
      </div>`;
  }
}

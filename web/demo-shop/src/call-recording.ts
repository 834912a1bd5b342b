/** What one phone heard: a player, and the sound as a picture that shows how far it has played. */

import { css, html, LitElement } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import type { Recording } from "./call-story";
import { base } from "./styles";

const HEIGHT = 56;

@customElement("call-recording")
export class CallRecording extends LitElement {
  @property({ attribute: false }) recording!: Recording;
  /** Played part, 0 to 1. */
  @state() private played = 0;
  @query("audio") private audio!: HTMLAudioElement;

  static override styles = [
    base,
    css`
      h3 {
        font-size: 1rem;
        margin-bottom: 0.5rem;
      }
      .wave {
        display: block;
        width: 100%;
        height: 56px;
        border-radius: 10px;
        background: var(--sunk);
        cursor: pointer;
      }
      .later {
        fill: var(--sky);
        opacity: 0.65;
      }
      .heard {
        fill: var(--call);
      }
      audio {
        display: block;
        width: 100%;
        height: 44px;
        margin-top: 0.5rem;
      }
    `,
  ];

  protected override render() {
    const { label, url, seconds, peaks } = this.recording;
    const edge = this.played * peaks.length;
    return html`
      <h3>${label}</h3>
      <svg
        class="wave"
        viewBox="0 0 ${peaks.length} ${HEIGHT}"
        preserveAspectRatio="none"
        role="img"
        aria-label="${label}: loudness over ${seconds.toFixed(0)} seconds"
        @click=${this.seek}
      >
        <path class="later" d=${wavePath(peaks, edge, peaks.length)}></path>
        <path class="heard" d=${wavePath(peaks, 0, edge)}></path>
      </svg>
      <audio controls preload="metadata" src=${url} aria-label=${label} @timeupdate=${this.follow}></audio>
    `;
  }

  private follow(): void {
    const { currentTime, duration } = this.audio;
    this.played = duration > 0 ? currentTime / duration : 0;
  }

  private seek(event: MouseEvent): void {
    const box = (event.currentTarget as SVGElement).getBoundingClientRect();
    if (!(this.audio.duration > 0)) return;
    this.audio.currentTime = ((event.clientX - box.left) / box.width) * this.audio.duration;
    void this.audio.play();
  }
}

/** Bars of the peaks from one index up to another, around the middle line. */
export function wavePath(peaks: readonly number[], from: number, to: number): string {
  let path = "";
  for (let index = Math.ceil(from); index < to; index += 1) {
    const half = Math.max(1, (peaks[index] ?? 0) * (HEIGHT / 2 - 4));
    path += `M${index + 0.15} ${HEIGHT / 2 - half}h.7v${2 * half}h-.7z`;
  }
  return path;
}

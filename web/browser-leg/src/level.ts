/** How loud a stream is. */

import { audioContext } from "./sounds";

/** Milliseconds between two levels. */
const EVERY = 50;
/** Decibels of full scale that are 0 and 1. */
const QUIET = -60;
const LOUD = -8;

/** A level for people's eyes, 0 to 1, of samples from -1 to 1. */
export function levelOf(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  if (sum === 0) return 0;
  const decibels = 10 * Math.log10(sum / samples.length);
  return Math.min(1, Math.max(0, (decibels - QUIET) / (LOUD - QUIET)));
}

/** Measures a stream until it is stopped. */
export class LevelMeter {
  private readonly source: MediaStreamAudioSourceNode;
  private readonly analyser: AnalyserNode;
  private readonly timer: ReturnType<typeof setInterval>;

  constructor(stream: MediaStream, tell: (level: number) => void, context: AudioContext = audioContext()) {
    this.analyser = context.createAnalyser();
    this.analyser.fftSize = 2048;
    this.source = context.createMediaStreamSource(stream);
    this.source.connect(this.analyser);
    const samples = new Float32Array(this.analyser.fftSize);
    let before = 0;
    this.timer = setInterval(() => {
      this.analyser.getFloatTimeDomainData(samples);
      // Up at once, down slowly, as needles do.
      before = Math.max(levelOf(samples), before * 0.8);
      if (before < 0.005) before = 0;
      tell(before);
    }, EVERY);
  }

  stop(): void {
    clearInterval(this.timer);
    this.source.disconnect();
  }
}

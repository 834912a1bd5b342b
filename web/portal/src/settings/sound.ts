/** Sounds of prompts: made into what is kept, and into what callers hear: 8 kHz and µ-law (ITU-T G.711). */

/** Samples a second of what is kept, and of a phone line. */
export const KEPT_RATE = 16_000;
const LINE_RATE = 8_000;
const BIAS = 33;
const TOP = 8_158;

/** One sample there and back through µ-law, both from -1 to 1. */
export function throughMuLaw(sample: number): number {
  const sign = sample < 0 ? -1 : 1;
  const size = Math.min(Math.round(Math.abs(sample) * 8_192), TOP) + BIAS;
  const exponent = Math.floor(Math.log2(size)) - 5;
  const mantissa = (size >> (exponent + 1)) & 15;
  const decoded = ((2 * mantissa + BIAS) << exponent) - BIAS;
  return (sign * decoded) / 8_192;
}

/** A WAV file: 16 bit, mono. */
export function wavOf(samples: Float32Array, rate: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(44 + 2 * samples.length));
  const word = (at: number, text: string): void =>
    [...text].forEach((sign, index) => view.setUint8(at + index, sign.charCodeAt(0)));
  word(0, "RIFF");
  view.setUint32(4, 36 + 2 * samples.length, true);
  word(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, 2 * rate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  word(36, "data");
  view.setUint32(40, 2 * samples.length, true);
  samples.forEach((sample, index) =>
    view.setInt16(44 + 2 * index, Math.round(Math.max(-1, Math.min(1, sample)) * 32_767), true),
  );
  return new Uint8Array(view.buffer);
}

/** How loud a sound is: its mean over the parts that are not silent, in dBFS; -Infinity for silence. */
export function loudness(samples: Float32Array, rate: number): number {
  const size = Math.max(1, Math.round(rate / 50));
  const powers: number[] = [];
  for (let at = 0; at + size <= samples.length; at += size) {
    let sum = 0;
    for (let index = at; index < at + size; index++) sum += (samples[index] ?? 0) ** 2;
    powers.push(sum / size);
  }
  const top = Math.max(0, ...powers);
  const heard = powers.filter((power) => power > top / 1000);
  const mean = heard.reduce((sum, power) => sum + power, 0) / Math.max(1, heard.length);
  return mean > 0 ? 10 * Math.log10(mean) : -Infinity;
}

/** The largest sample of each of so many parts. */
export function peaksOf(samples: Float32Array, parts: number): readonly number[] {
  const size = Math.max(1, Math.ceil(samples.length / parts));
  return Array.from({ length: Math.ceil(samples.length / size) }, (_, part) =>
    samples.subarray(part * size, (part + 1) * size).reduce((top, each) => Math.max(top, Math.abs(each)), 0),
  );
}

/** Any sound that the browser reads, as samples of one channel; throws where it reads none. */
export async function samplesOf(bytes: ArrayBuffer, rate: number): Promise<Float32Array> {
  const decoded = await new OfflineAudioContext(1, 1, KEPT_RATE).decodeAudioData(bytes);
  return rendered(decoded, rate);
}

/** What a caller hears of it. */
export async function asHeard(samples: Float32Array): Promise<Float32Array> {
  const buffer = new AudioBuffer({ length: Math.max(1, samples.length), sampleRate: KEPT_RATE });
  buffer.copyToChannel(samples as Float32Array<ArrayBuffer>, 0);
  return (await rendered(buffer, LINE_RATE)).map(throughMuLaw);
}

export const HEARD_RATE = LINE_RATE;

async function rendered(sound: AudioBuffer, rate: number): Promise<Float32Array> {
  const length = Math.max(1, Math.ceil(sound.duration * rate));
  const context = new OfflineAudioContext(1, length, rate);
  const source = new AudioBufferSourceNode(context, { buffer: sound });
  source.connect(context.destination);
  source.start();
  return (await context.startRendering()).getChannelData(0);
}

export function bytesOf(base64: string): ArrayBuffer {
  const text = atob(base64);
  return Uint8Array.from(text, (sign) => sign.charCodeAt(0)).buffer;
}

export function base64Of(bytes: Uint8Array): string {
  let text = "";
  // In pieces: a call takes a bounded number of arguments.
  for (let at = 0; at < bytes.length; at += 32_768)
    text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  return btoa(text);
}

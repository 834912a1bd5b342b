/** Sounds that are computed: a test sound, the tones of keys, a ring tone. No file is loaded. */

let shared: AudioContext | null = null;

/** The page's one AudioContext. Browsers let it sound after a click or a key; each call of this tries. */
export function audioContext(): AudioContext {
  shared ??= new AudioContext({ latencyHint: "interactive" });
  if (shared.state === "suspended") void shared.resume();
  return shared;
}

/** One tone: when it begins and how long it lasts in seconds, its frequencies, how loud it is (0 to 1). */
interface Tone {
  readonly at: number;
  readonly length: number;
  readonly hertz: readonly number[];
  readonly loud: number;
}

const TEST_SOUND: readonly Tone[] = [
  { at: 0, length: 0.28, hertz: [523.25, 1046.5], loud: 0.25 },
  { at: 0.22, length: 0.28, hertz: [659.25, 1318.5], loud: 0.25 },
  { at: 0.44, length: 0.7, hertz: [783.99, 1567.98], loud: 0.25 },
];

/** Twice a warble, then quiet: three seconds in all. */
const RING_LENGTH = 3;
const RING: readonly Tone[] = [0, 0.6].flatMap((start) =>
  Array.from({ length: 4 }, (_, index) => ({
    at: start + index * 0.11,
    length: 0.15,
    hertz: index % 2 ? [987.77, 1975.53] : [783.99, 1567.98],
    loud: 0.35,
  })),
);

/** ITU-T Q.23: the row's and the column's frequency of each key. */
const KEYS: Readonly<Record<string, readonly [number, number]>> = Object.fromEntries(
  ["123A", "456B", "789C", "*0#D"].flatMap((keys, row) =>
    [...keys].map((key, column) => [
      key,
      [[697, 770, 852, 941][row] ?? 0, [1209, 1336, 1477, 1633][column] ?? 0],
    ]),
  ),
);

/** The samples of tones, each with a soft beginning and a fading end. */
export function render(tones: readonly Tone[], seconds: number, rate: number): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(Math.ceil(seconds * rate));
  for (const { at, length, hertz, loud } of tones) {
    const first = Math.round(at * rate);
    const count = Math.min(Math.round(length * rate), samples.length - first);
    for (let index = 0; index < count; index++) {
      const time = index / rate;
      const envelope = Math.min(1, time / 0.01) * Math.min(1, (length - time) / (length * 0.6));
      let sum = 0;
      for (const each of hertz) sum += Math.sin(2 * Math.PI * each * time);
      samples[first + index] = (samples[first + index] ?? 0) + (sum / hertz.length) * envelope * loud;
    }
  }
  return samples;
}

function play(tones: readonly Tone[], seconds: number, loop: boolean): AudioBufferSourceNode {
  const context = audioContext();
  const buffer = context.createBuffer(1, Math.ceil(seconds * context.sampleRate), context.sampleRate);
  buffer.copyToChannel(render(tones, seconds, context.sampleRate), 0);
  const source = context.createBufferSource();
  source.buffer = buffer;
  source.loop = loop;
  source.connect(context.destination);
  source.start();
  return source;
}

/** Play three rising notes, as loud as a voice; resolves at their end. */
export function playTestSound(): Promise<void> {
  const source = play(TEST_SOUND, 1.2, false);
  return new Promise((resolve) => {
    source.onended = () => resolve();
  });
}

/** Play the tone of a key, shortly: only the one who pressed it hears this one. */
export function playKey(digit: string): void {
  const hertz = KEYS[digit];
  if (!hertz) return;
  try {
    play([{ at: 0, length: 0.12, hertz, loud: 0.12 }], 0.13, false);
  } catch {
    // A page that may not sound: the key is pressed nevertheless.
  }
}

/** Ring until what this gives back is called. It loops by itself: timers of a hidden page come late. */
export function startRinging(): () => void {
  const source = play(RING, RING_LENGTH, true);
  return () => source.stop();
}

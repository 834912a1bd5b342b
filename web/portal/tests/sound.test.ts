import { describe, expect, it } from "vitest";
import { base64Of, bytesOf, loudness, peaksOf, throughMuLaw, wavOf } from "../src/settings/sound";

const tone = (level: number, rate: number, seconds = 1): Float32Array =>
  Float32Array.from({ length: rate * seconds }, (_, at) => level * Math.sin((2 * Math.PI * 440 * at) / rate));

describe("what callers hear", () => {
  it("is within the steps of µ-law, of both signs, and the same when it is heard again", () => {
    for (let at = -1000; at <= 1000; at++) {
      const sample = at / 1000;
      const heard = throughMuLaw(sample);
      expect(Math.abs(heard - sample)).toBeLessThanOrEqual(Math.abs(sample) / 16 + 1 / 2048);
      expect(throughMuLaw(heard)).toBeCloseTo(heard, 9);
      expect(throughMuLaw(-sample)).toBeCloseTo(-heard, 9);
    }
    // 256 codes: zero has two of them.
    expect(new Set(Array.from({ length: 65536 }, (_, at) => throughMuLaw(at / 32768 - 1))).size).toBe(255);
  });

  it("is a WAV file of 16 bit that goes there and back in base64", () => {
    const wav = wavOf(tone(0.5, 8000), 8000);
    const view = new DataView(wav.buffer);
    expect(new TextDecoder().decode(wav.subarray(0, 4))).toBe("RIFF");
    expect([view.getUint32(24, true), view.getUint16(34, true), view.getUint32(40, true)]).toEqual([
      8000, 16, 16000,
    ]);
    expect(new Uint8Array(bytesOf(base64Of(wav)))).toEqual(wav);
  });

  it("is as loud as its parts that are not silent", () => {
    const sound = new Float32Array(16000 * 2);
    sound.set(tone(0.5, 16000));
    expect(loudness(sound, 16000)).toBeCloseTo(-9.03, 1);
    expect(loudness(new Float32Array(800), 8000)).toBe(-Infinity);
    expect(peaksOf(sound, 4).map((peak) => Math.round(peak * 10))).toEqual([5, 5, 0, 0]);
  });
});

import { describe, expect, it } from "vitest";
import { gradeOf, levelOf, Listening, ReloadMemory, render, SteadyGrade, tabStorage } from "../src";

describe("levelOf", () => {
  it("is 0 for silence, 1 for loud, and between for speech", () => {
    expect(levelOf(new Float32Array(64))).toBe(0);
    expect(levelOf(new Float32Array(64).fill(1))).toBe(1);
    expect(levelOf(new Float32Array(64).fill(0.02))).toBeCloseTo(0.5, 1);
  });
});

describe("Listening", () => {
  it("tells differences, and leaves out what was silent anyway", () => {
    const listening = new Listening();
    const first = { type: "inbound-rtp", packetsReceived: 100, packetsLost: 5, totalSamplesReceived: 1000 };
    const pair = { type: "candidate-pair", nominated: true, state: "succeeded", currentRoundTripTime: 0.04 };
    expect(listening.look([pair])).toBeNull();
    expect(listening.look([first])).toBeNull();
    const second = {
      ...first,
      packetsReceived: 190,
      packetsLost: 15,
      totalSamplesReceived: 2000,
      concealedSamples: 150,
      silentConcealedSamples: 50,
      jitter: 0.02,
    };
    expect(listening.look([pair, second])).toEqual({
      down: { loss: 10, jitterMs: 20, concealed: 10 },
      roundTripMs: 40,
    });
    // Late packets may make the counter of lost ones shrink.
    expect(listening.look([{ ...second, packetsReceived: 200, packetsLost: 9 }])?.down.loss).toBe(0);
  });
});

describe("grades", () => {
  const fine = { loss: 0, jitterMs: 5, concealed: 0 };
  it.each([
    [fine, null, null, "good"],
    [fine, fine, 40, "good"],
    [{ ...fine, loss: 3 }, fine, 40, "fair"],
    [fine, { ...fine, jitterMs: 90 }, 40, "poor"],
    [fine, null, 400, "fair"],
    [{ ...fine, concealed: 20 }, null, null, "poor"],
  ] as const)("%o %o %o is %s", (down, up, trip, grade) => expect(gradeOf(down, up, trip)).toBe(grade));

  it("get worse at once and better only for good", () => {
    const grade = new SteadyGrade();
    const shown = (["good", "poor", "good", "fair", "good", "good"] as const).map((now) => grade.take(now));
    expect(shown).toEqual(["good", "poor", "poor", "poor", "good", "good"]);
  });
});

describe("render", () => {
  it("keeps tones within bounds and silence silent", () => {
    const samples = render([{ at: 0.1, length: 0.2, hertz: [440, 880], loud: 0.5 }], 0.4, 8000);
    expect(samples).toHaveLength(3200);
    expect(Math.max(...samples.slice(0, 799), ...samples.slice(2401))).toBe(0);
    expect(Math.max(...samples)).toBeGreaterThan(0.2);
    expect(Math.max(...samples)).toBeLessThanOrEqual(0.5);
  });
});

describe("ReloadMemory", () => {
  it("knows a leg after a reload, once, and a duplicated tab does not", () => {
    const kept = new Map<string, string>();
    const keep = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
      removeItem: (key: string) => void kept.delete(key),
    };
    const page = new EventTarget();
    expect(new ReloadMemory("leg", () => "c1", page, keep).leg).toBeNull();
    expect(new ReloadMemory("leg", () => null, new EventTarget(), keep).leg).toBeNull();
    page.dispatchEvent(new Event("pagehide"));
    expect(new ReloadMemory("leg", () => null, new EventTarget(), keep).leg).toBe("c1");
    expect(new ReloadMemory("leg", () => null, new EventTarget(), keep).leg).toBeNull();
  });

  it("keeps nothing where the browser forbids it, and harms nobody", () => {
    const page = new EventTarget();
    const forbidden = tabStorage(() => {
      throw new DOMException("The operation is insecure.", "SecurityError");
    });
    const memory = new ReloadMemory("leg", () => "c1", page, forbidden);
    page.dispatchEvent(new Event("pagehide"));
    page.dispatchEvent(new Event("pageshow"));
    expect(memory.leg).toBeNull();
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Retries, type RetryOptions } from "../src";

const pass = (ms: number) => vi.advanceTimersByTime(ms);
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function retrying(options: RetryOptions = {}) {
  const page = new EventTarget();
  const told = { again: 0, hurry: 0 };
  const retries = new Retries(() => (told.again += 1), {
    hurry: () => (told.hurry += 1),
    page,
    random: () => 0.5,
    ...options,
  });
  /** Milliseconds until it tries again. */
  const wait = (): number => {
    const before = told.again;
    const since = Date.now();
    retries.failed();
    while (told.again === before) pass(1);
    return Date.now() - since;
  };
  return { page, retries, told, wait };
}

describe("Retries", () => {
  it("waits twice as long each time, up to the longest wait, until it went well", () => {
    const { retries, wait } = retrying();
    const waits = [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000];
    expect(waits.map(wait)).toEqual(waits);
    for (let more = 0; more < 2_000; more += 1) retries.failed();
    expect(wait()).toBe(20_000);
    retries.reset();
    expect(wait()).toBe(250);
  });

  it.each([
    [0, 125],
    [0.25, 187.5],
    [1, 375],
  ])("spreads pages over half a wait to either side: %d → %d ms", (random, ms) => {
    const { wait } = retrying({ random: () => random });
    expect(wait()).toBe(Math.floor(ms));
  });

  it("waits as long as it is told, and counts that as a failure", () => {
    const { retries, told, wait } = retrying();
    retries.failed(15_000);
    pass(14_999);
    expect(told.again).toBe(0);
    expect(retries.waiting).toBe(true);
    pass(1);
    expect(told.again).toBe(1);
    expect(retries.waiting).toBe(false);
    expect(wait()).toBe(500);
  });

  it("waits for one try at once", () => {
    const { retries, told } = retrying();
    retries.failed();
    retries.failed();
    pass(60_000);
    expect(told.again).toBe(1);
    retries.failed();
    retries.cancel();
    pass(60_000);
    expect(told.again).toBe(1);
  });

  it.each(["online", "pageshow"])("says at once when to hurry: %s", (event) => {
    const { page, retries, told, wait } = retrying();
    for (let failures = 0; failures < 5; failures += 1) wait();
    page.dispatchEvent(new Event(event));
    expect(told.hurry).toBe(1);
    expect(wait(), "slow networks are not the page's fault").toBe(250);
    retries.failed();
    retries.stop();
    page.dispatchEvent(new Event(event));
    pass(60_000);
    expect(told).toEqual({ again: 6, hurry: 1 });
  });
});

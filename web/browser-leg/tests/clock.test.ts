import { describe, expect, it } from "vitest";
import { ServerClock } from "../src";

/** A machine whose own clock is wrong. */
function machine(wall = 500) {
  const time = { steady: 10, wall };
  const clock = new ServerClock(
    () => time.steady,
    () => time.wall,
  );
  return { clock, time };
}

describe("ServerClock", () => {
  it("knows the server's time by a steady clock, and by this machine's only before it was told", () => {
    const { clock, time } = machine();
    expect(clock.now).toBe(500);
    clock.heard(1_800_000_000);
    time.wall = 12;
    time.steady += 7;
    expect(clock.now).toBe(1_800_000_007);
  });

  it("believes the message that came fastest", () => {
    const { clock, time } = machine();
    clock.heard(999.2); // was under way for 0.8 s
    time.steady += 1;
    clock.heard(1_001);
    time.steady += 1;
    clock.heard(1_001.5);
    expect(clock.now).toBe(1_002);
  });

  it("follows a server whose clock was set, and a machine that slept", () => {
    const { clock, time } = machine();
    clock.heard(1_000);
    clock.heard(900);
    expect(clock.now).toBe(900);
    clock.heard(5_000);
    time.steady += 1;
    expect(clock.now).toBe(5_001);
  });

  it("counts what began on steadily, though the server's clock is set back meanwhile", () => {
    const { clock, time } = machine();
    clock.heard(1_030);
    expect(clock.elapsed(1_000)).toBe(30);
    clock.heard(500);
    time.steady += 5;
    expect(clock.elapsed(1_000)).toBe(35);
    expect(clock.elapsed(9_000)).toBe(0);
    time.steady += 2;
    expect(clock.elapsed(9_000)).toBe(2);
  });
});

import { describe, expect, it } from "vitest";
import { LegProblem, Microphone } from "../src";
import { devices, FakeTrack } from "./fakes";

describe("Microphone", () => {
  it.each([
    ["NotFoundError", "no_microphone"],
    ["NotAllowedError", "permission_refused"],
    ["NotReadableError", "microphone_busy"],
    ["SomethingNew", "microphone_busy"],
  ])("calls %s %s", async (name, kind) => {
    const { world } = devices(() => {
      throw new DOMException("", name);
    });
    const problem: unknown = await new Microphone(world).open().catch((error: unknown) => error);
    expect(problem).toBeInstanceOf(LegProblem);
    expect(problem).toMatchObject({ kind });
    expect((problem as LegProblem).mend).not.toBe("");
  });

  it("knows an insecure page, and a browser that cannot", async () => {
    const { world } = devices();
    await expect(new Microphone({ ...world, secure: false }).open()).rejects.toMatchObject({
      kind: "insecure_page",
    });
    await expect(new Microphone({ ...world, devices: undefined }).open()).rejects.toMatchObject({
      kind: "unsupported",
    });
  });

  it("asks once, for clean speech, and tells its level", async () => {
    const { world, asked, tracks } = devices();
    const microphone = new Microphone(world);
    const levels: number[] = [];
    microphone.on("level", (level) => levels.push(level));
    await Promise.all([microphone.open(), microphone.open()]);
    expect(asked).toEqual([
      { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 },
    ]);
    expect(levels).toEqual([0.5]);
    microphone.close();
    expect(tracks[0]?.stopped).toBe(true);
    expect(microphone.track).toBeNull();
  });

  it("lists microphones, and takes any where the chosen one is not there", async () => {
    const { world, asked } = devices(() => {
      if (asked.length === 1) throw new DOMException("", "OverconstrainedError");
      return new FakeTrack();
    });
    const microphone = new Microphone(world);
    expect(await microphone.list()).toEqual([
      { id: "a", label: "Headset" },
      { id: "c", label: "Microphone 2" },
    ]);
    await microphone.choose("a");
    await microphone.open();
    expect(asked).toHaveLength(2);
    expect(asked[0]).toMatchObject({ deviceId: { exact: "a" } });
  });

  it("says that it is gone when it is unplugged", async () => {
    const { world, tracks } = devices();
    const microphone = new Microphone(world);
    const problems: string[] = [];
    microphone.on("problem", ({ kind }) => problems.push(kind));
    await microphone.open();
    tracks[0]?.dispatchEvent(new Event("ended"));
    expect(problems).toEqual(["microphone_lost"]);
    expect(microphone.stream).toBeNull();
  });

  it("listens to nobody who closed it while the browser asked", async () => {
    const { world, tracks } = devices();
    const microphone = new Microphone(world);
    const opening = microphone.open();
    microphone.close();
    await expect(opening).rejects.toMatchObject({ kind: "microphone_lost" });
    expect(tracks[0]?.stopped).toBe(true);
  });
});

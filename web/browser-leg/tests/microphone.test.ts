import { describe, expect, it, vi } from "vitest";
import { LegProblem, Microphone } from "../src";
import { devices, FakeTrack } from "./fakes";

const settled = () => new Promise((done) => setTimeout(done));
const deviceOf = (audio?: MediaTrackConstraints): string =>
  (audio?.deviceId as { exact?: string } | undefined)?.exact ?? "built-in";

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
    expect((problem as LegProblem).remedy).not.toBe("");
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

  it("says at once that it is gone, and takes the next one by itself", async () => {
    let answer = (): FakeTrack => new FakeTrack("headset");
    const { devicesChange, tracks, world } = devices(() => answer());
    const microphone = new Microphone(world);
    const heard: unknown[] = [];
    microphone.on("problem", (problem) => heard.push(problem?.kind ?? null));
    microphone.on("opened", (track) => heard.push(track.getSettings().deviceId));
    microphone.on("switched", (label) => heard.push(label));
    microphone.on("level", (level) => heard.push(level));
    await microphone.open();
    expect(heard.splice(0)).toEqual([0.5, "headset"]);
    // Another one is plugged in already.
    answer = () => new FakeTrack("built-in");
    tracks[0]?.dispatchEvent(new Event("ended"));
    expect(heard.splice(0)).toEqual([0, "microphone_lost"]);
    await settled();
    expect(heard.splice(0)).toEqual([0.5, null, "built-in", "The built-in microphone"]);
    // That one goes too, and none is left.
    answer = () => {
      throw new DOMException("", "NotFoundError");
    };
    tracks.at(-1)?.dispatchEvent(new Event("ended"));
    await settled();
    expect(heard.splice(0)).toEqual([0, "microphone_lost"]);
    expect(microphone.stream).toBeNull();
    await expect(microphone.open()).rejects.toMatchObject({ kind: "no_microphone" });
    expect(microphone.problem?.kind).toBe("microphone_lost");
    answer = () => new FakeTrack("headset");
    devicesChange();
    await settled();
    expect(microphone.problem).toBeNull();
    expect(microphone.track?.getSettings().deviceId).toBe("headset");
    // Nobody wants it any more: nothing is opened by itself.
    microphone.close();
    devicesChange();
    await settled();
    expect(microphone.stream).toBeNull();
  });

  it("goes back to the one that went, when that is back", async () => {
    const { asked, devicesChange, plugged, tracks, world } = devices(
      () => new FakeTrack(deviceOf(asked.at(-1))),
    );
    const microphone = new Microphone(world);
    await microphone.choose("a");
    await microphone.open();
    expect(microphone.device).toBe("a");
    const [headset] = plugged.splice(0, 1);
    const refusing = asked.length;
    world.devices!.getUserMedia = ((ask) => async (constraints: MediaStreamConstraints) => {
      const wanted = deviceOf(constraints.audio as MediaTrackConstraints);
      if (wanted === "a" && !plugged.some(({ deviceId }) => deviceId === "a")) {
        throw new DOMException("", "OverconstrainedError");
      }
      return ask(constraints);
    })(world.devices!.getUserMedia);
    tracks.at(-1)?.dispatchEvent(new Event("ended"));
    await settled();
    expect(asked.length).toBeGreaterThan(refusing);
    expect(microphone.device).toBe("built-in");
    if (headset) plugged.push(headset);
    devicesChange();
    await settled();
    expect(microphone.device).toBe("a");
  });

  it("asks nobody in the middle of a call: a permission that was taken away needs a button", async () => {
    const { asked, permission, tracks, world } = devices();
    const microphone = new Microphone(world);
    await microphone.open();
    permission.state = "prompt";
    tracks[0]?.dispatchEvent(new Event("ended"));
    await settled();
    expect(microphone.problem?.kind).toBe("permission_refused");
    expect(asked).toHaveLength(1);
    // Given again with the symbol in the address bar, nothing has to be pressed.
    permission.state = "granted";
    permission.changed("granted");
    await settled();
    expect(microphone.problem).toBeNull();
    expect(asked).toHaveLength(2);
  });

  it("tries again by itself while another program has it", async () => {
    vi.useFakeTimers();
    let busy = false;
    const { tracks, world } = devices(() => {
      if (busy) throw new DOMException("", "NotReadableError");
      return new FakeTrack();
    });
    const microphone = new Microphone(world);
    await microphone.open();
    busy = true;
    tracks[0]?.dispatchEvent(new Event("ended"));
    await vi.advanceTimersByTimeAsync(10);
    expect(microphone.problem?.kind).toBe("microphone_busy");
    busy = false;
    await vi.advanceTimersByTimeAsync(3_000);
    expect(microphone.problem).toBeNull();
    vi.useRealTimers();
  });

  it("tells of one that is there and gives nothing, and of one that ended without a word", async () => {
    let tell = (_: number): void => undefined;
    const { tracks, world } = devices();
    const microphone = new Microphone({
      ...world,
      meter: (_stream, told) => {
        tell = told;
        return { stop: () => undefined };
      },
    });
    const kinds: (string | null)[] = [];
    microphone.on("problem", (problem) => kinds.push(problem?.kind ?? null));
    await microphone.open();
    const [track] = tracks;
    if (!track) throw new Error("no track");
    track.muted = true;
    track.dispatchEvent(new Event("mute"));
    track.muted = false;
    track.dispatchEvent(new Event("unmute"));
    track.readyState = "ended";
    tell(0);
    await settled();
    expect(kinds).toEqual(["microphone_muted", null, "microphone_lost", null]);
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

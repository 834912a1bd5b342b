import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LegProblem } from "../src";
import { FakeStream, FakeTrack, stage } from "./fakes";

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
  vi.spyOn(Math, "random").mockReturnValue(0.5); // no wait is longer or shorter
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const stun = (urls: string) => [{ urls: [urls], username: null, credential: null }];
const ring = { type: "ring", call_id: "c1", ice_servers: stun("stun:two"), ice_lifetime: null };

/** A leg whose audio flows. */
async function talking(options = {}) {
  const here = stage(options);
  await here.leg.connect();
  await pass(0);
  const { session } = here.of("offer")[0] ?? { session: -1 };
  here.hears({ type: "answer", session, sdp: "v=0 theirs", audio: "passthrough" });
  await pass(0);
  here.connection(0).becomes("connected");
  return { ...here, session };
}

describe("a leg that connects", () => {
  it("offers with a name of its own, trickles after its offer, and takes what came before the answer", async () => {
    const here = stage();
    const connecting = here.leg.connect();
    await connecting;
    here.connection(0).finds("candidate:early");
    await pass(0);
    here.connection(0).finds("candidate:late");
    here.connection(0).finds("");
    here.connection(0).finds(null);
    expect(here.said.map(({ type }) => type)).toEqual([
      "offer",
      "candidate",
      "candidate",
      "end_of_candidates",
    ]);
    const { session } = here.of("offer")[0] ?? { session: -1 };
    expect(Number.isSafeInteger(session) && session > 0).toBe(true);
    expect(here.said[0]).toEqual({
      type: "offer",
      leg: "c1-b1",
      session,
      sdp: "v=0 ours",
      audio: "auto",
    });
    expect(here.connection(0).configuration.iceServers).toEqual([{ urls: ["stun:one"] }]);

    here.hears({
      type: "candidate",
      session,
      candidate: "1 1 udp 1 127.0.0.1 9 typ host",
    });
    expect(here.connection(0).added).toEqual([]);
    here.hears({ type: "answer", session, sdp: "v=0 theirs", audio: "passthrough" });
    await pass(0);
    here.hears({ type: "end_of_candidates", session });
    expect(here.connection(0).added).toEqual([
      { candidate: "candidate:1 1 udp 1 127.0.0.1 9 typ host", sdpMid: null, sdpMLineIndex: 0 },
      { candidate: "", sdpMLineIndex: 0 },
    ]);
    here.hears({ type: "connected", session });
    expect(here.states).toEqual(["connecting", "connected"]);
    expect(here.leg.audio).toBe("passthrough");
    here.leg.hangUp();
  });

  it("does not hear messages of other legs and sessions", async () => {
    const here = await talking();
    here.leg.receive({ type: "gone", leg: "other", cause: "normal" });
    here.hears({ type: "failed", session: 7, problem: "no_path" });
    expect(here.leg.state).toBe("connected");
    here.leg.hangUp();
  });

  it("may be tried again when the microphone has a problem", async () => {
    let refused = true;
    const here = stage({}, () => {
      if (refused) throw new DOMException("no", "NotAllowedError");
      return new FakeTrack();
    });
    await expect(here.leg.connect()).rejects.toMatchObject({ kind: "permission_refused" });
    expect(here.states).toEqual(["connecting", "idle"]);
    refused = false;
    await here.leg.connect();
    expect(here.leg.state).toBe("connecting");
    here.leg.hangUp();
  });

  it("offers again, ever slower, and says that there is no path", async () => {
    const here = stage();
    await here.leg.connect();
    await pass(8_000 + 500);
    expect(here.connections).toHaveLength(2);
    expect(here.connection(0).connectionState).toBe("closed");
    here.hears({ type: "failed", session: here.of("offer")[1]?.session, problem: "no_path" });
    await pass(1_000);
    expect(here.connections).toHaveLength(3);
    await pass(11_000);
    expect(here.problems).toEqual(["no_path"]);
    expect(here.of("hang_up")).toEqual([{ type: "hang_up", leg: "c1-b1", reason: "no_path" }]);
    expect(here.leg.state).toBe("ended");
    await pass(60_000);
    expect(here.connections).toHaveLength(3);
  });

  it("gives up at once when the two have no codec in common", async () => {
    const here = stage();
    await here.leg.connect();
    await pass(0);
    here.hears({ type: "failed", session: here.of("offer")[0]?.session, problem: "no_common_codec" });
    expect(here.problems).toEqual(["unsupported"]);
    expect(here.leg.over).toBe(true);
  });

  it("offers again when it cannot take the answer", async () => {
    const here = stage();
    await here.leg.connect();
    await pass(0);
    here.connection(0).refuses = new Error("nonsense");
    here.hears({ type: "answer", session: here.of("offer")[0]?.session, sdp: "x", audio: "passthrough" });
    await pass(500);
    expect(here.of("offer")).toHaveLength(2);
    here.leg.hangUp();
  });
});

describe("a leg that loses its connection", () => {
  it("offers again when it failed, and closes the old one only when the new one is connected", async () => {
    const here = await talking();
    here.connection(0).becomes("failed");
    await pass(0);
    expect(here.states.at(-1)).toBe("reconnecting");
    expect(here.of("offer").map(({ session }) => session)).toEqual([here.session, here.session + 1]);
    expect(here.connection(0).connectionState).toBe("failed");
    here.connection(1).becomes("connected");
    expect(here.states.at(-1)).toBe("connected");
    expect(here.connection(0).connectionState).toBe("closed");
    here.leg.hangUp();
  });

  it("gives a shaky one two seconds to come back", async () => {
    const here = await talking();
    here.connection(0).becomes("disconnected");
    await pass(1_000);
    here.connection(0).becomes("connected");
    await pass(3_000);
    expect(here.connections).toHaveLength(1);
    here.connection(0).becomes("disconnected");
    await pass(2_000);
    expect(here.connections).toHaveLength(2);
    expect(here.leg.state).toBe("reconnecting");
    here.leg.hangUp();
  });

  it("never gives up by itself once it was connected", async () => {
    const here = await talking();
    here.connection(0).becomes("failed");
    await pass(120_000);
    expect(here.leg.state).toBe("reconnecting");
    expect(here.connections.length).toBeGreaterThan(8);
    here.hears({ type: "bye", cause: "lost" });
    expect(here.leg.state).toBe("ended");
    expect(here.leg.cause).toBe("lost");
  });

  it("offers on the new network while the old connection goes on", async () => {
    const here = await talking();
    here.changeNetwork();
    await pass(0);
    expect(here.of("offer")).toHaveLength(2);
    expect(here.leg.state).toBe("connected");
    expect(here.leg.over).toBe(false);
    here.leg.hangUp();
    here.changeNetwork();
    expect(here.connections).toHaveLength(2);
  });

  it("offers again when the server says that what was connected has come to nothing", async () => {
    const here = await talking();
    here.hears({ type: "failed", session: here.session, problem: "no_path" });
    await pass(0);
    expect(here.leg.state).toBe("reconnecting");
    expect(here.of("offer")).toHaveLength(2);
    here.leg.hangUp();
  });
});

describe("a leg whose socket is lost", () => {
  it("resumes when its connection still lives", async () => {
    const here = await talking();
    here.hears({ ...ring, under_way: true });
    expect(here.said.at(-1)).toEqual({ type: "reattach", leg: "c1-b1" });
    expect(here.connections).toHaveLength(1);
    here.leg.hangUp();
  });

  it("waits with its offer for the socket, however long that takes", async () => {
    const here = stage();
    here.line.up = false;
    await here.leg.connect();
    await pass(60_000);
    expect(here.connections).toHaveLength(1);
    expect(here.leg.state).toBe("connecting");
    here.line.up = true;
    here.hears({ ...ring, under_way: false });
    await pass(0);
    expect(here.of("offer")).toHaveLength(1);
    expect(here.connection(1).configuration.iceServers).toEqual([{ urls: ["stun:two"] }]);
    // It rings for the first time while our offer is under way.
    here.hears({ ...ring, under_way: false });
    expect(here.connections).toHaveLength(2);
    here.leg.hangUp();
  });

  it("offers again when the connection went along with the socket", async () => {
    const here = await talking();
    here.line.up = false;
    here.connection(0).becomes("failed");
    await pass(30_000);
    here.line.up = true;
    here.hears({ ...ring, under_way: true });
    await pass(0);
    expect(here.of("reattach")).toEqual([]);
    expect(here.of("offer")).toHaveLength(2);
    here.leg.hangUp();
  });

  it("ends, after the fact, the leg that was hung up meanwhile", async () => {
    const here = await talking();
    here.line.up = false;
    here.leg.hangUp();
    here.line.up = true;
    here.hears({ ...ring, under_way: true });
    expect(here.said.slice(-2).map(({ type }) => type)).toEqual(["reattach", "hang_up"]);
  });

  it("declines, after the fact, what was declined meanwhile", () => {
    const here = stage();
    here.line.up = false;
    here.leg.hangUp("declined");
    here.line.up = true;
    here.hears({ ...ring, under_way: false });
    expect(here.said).toEqual([{ type: "hang_up", leg: "c1-b1", reason: "declined" }]);
  });
});

describe("a leg in which people talk", () => {
  it("mutes, presses keys, hangs up, and leaves the microphone unmuted", async () => {
    const here = await talking();
    const [track] = here.tracks;
    here.leg.muted = true;
    expect(track?.enabled).toBe(false);
    here.leg.volume = 0.5;
    expect(here.speaker.volume).toBe(0.5);
    here.leg.dtmf("5");
    here.leg.dtmf("x");
    expect(here.of("dtmf")).toEqual([{ type: "dtmf", leg: "c1-b1", digit: "5" }]);
    here.leg.hangUp();
    expect(here.of("hang_up")).toEqual([{ type: "hang_up", leg: "c1-b1", reason: "hung_up" }]);
    expect(track?.enabled).toBe(true);
    expect(here.connection(0).connectionState).toBe("closed");
    expect(here.speaker.stopped).toBe(true);
  });

  it("goes on with another microphone, muted as before", async () => {
    const here = await talking();
    here.leg.muted = true;
    await here.microphone.choose("other");
    expect(here.connection(0).tracks).toHaveLength(2);
    expect(here.tracks.map(({ enabled }) => enabled)).toEqual([false, false]);
    here.leg.hangUp();
  });

  it("sends silence while there is no microphone, and speaks again with the next one", async () => {
    let there = true;
    const here = stage({}, () => {
      if (!there) throw new DOMException("", "NotFoundError");
      return new FakeTrack(`microphone ${here.tracks.length}`);
    });
    await here.leg.connect();
    await pass(0);
    here.connection(0).becomes("connected");
    there = false;
    here.tracks[0]?.dispatchEvent(new Event("ended"));
    expect(here.connection(0).speaking).toBe(here.silence);
    await pass(0);
    // The network changes meanwhile: the leg goes on, with silence.
    here.changeNetwork();
    await pass(0);
    here.connection(1).becomes("connected");
    expect(here.connection(1).speaking).toBe(here.silence);
    expect(here.leg.state).toBe("connected");
    there = true;
    here.devicesChange();
    await pass(0);
    expect(here.connection(1).speaking?.device).toBe("microphone 1");
    here.leg.hangUp();
  });

  it("is taken back after a reload without a microphone, or before the user said that it may listen", async () => {
    const none = stage({}, () => {
      throw new DOMException("", "NotFoundError");
    });
    await none.leg.rejoin();
    await pass(0);
    expect(none.of("offer")).toHaveLength(1);
    expect(none.microphone.problem?.kind).toBe("microphone_lost");
    none.leg.hangUp();
    const asking = stage();
    asking.world.devices!.getUserMedia = () => new Promise(() => undefined);
    void asking.leg.rejoin();
    await pass(1_500);
    expect(asking.of("offer")).toHaveLength(1);
    expect(asking.connection(0).speaking).toBe(asking.silence);
    asking.leg.hangUp();
  });

  it("says that the browser cannot, where it has no connections", async () => {
    const here = stage();
    here.line.able = false;
    await expect(here.leg.connect()).rejects.toMatchObject({ kind: "unsupported" });
    await expect(here.leg.rejoin()).rejects.toMatchObject({ kind: "unsupported" });
    expect(here.leg.state).toBe("idle");
  });

  it("says that the server takes no further offer", async () => {
    const here = stage();
    await here.leg.connect();
    await pass(0);
    here.hears({ type: "failed", session: here.of("offer")[0]?.session, problem: "too_many_offers" });
    expect(here.problems).toEqual(["not_taken"]);
  });

  it("asks for another TURN password before its own runs out, and connects again where it is relayed", async () => {
    const here = await talking();
    here.hears({ ...ring, under_way: true, ice_lifetime: 100 });
    await pass(69_000);
    expect(here.of("ask_ice_servers")).toEqual([]);
    await pass(2_000);
    expect(here.of("ask_ice_servers")).toHaveLength(1);
    const fresh = [{ urls: ["turn:three"] }];
    here.hears({ type: "ice_servers", ice_servers: stun(fresh[0]?.urls[0] ?? ""), ice_lifetime: 100 });
    await pass(0);
    expect(here.connection(0).configuration.iceServers).toEqual(fresh);
    expect(here.connections).toHaveLength(1);
    await pass(71_000);
    expect(here.of("ask_ice_servers")).toHaveLength(2);
    here.connection(0).stats = [
      { id: "pair", type: "candidate-pair", nominated: true, state: "succeeded", localCandidateId: "ours" },
      { id: "ours", type: "local-candidate", candidateType: "relay" },
    ];
    here.hears({ type: "ice_servers", ice_servers: stun(fresh[0]?.urls[0] ?? ""), ice_lifetime: 100 });
    await pass(0);
    expect(here.connections).toHaveLength(2);
    expect(here.connection(1).configuration.iceServers).toEqual(fresh);
    expect(here.leg.state).toBe("connected");
    here.leg.hangUp();
    await pass(200_000);
    expect(here.of("ask_ice_servers")).toHaveLength(2);
  });

  it("plays what it hears, and says when the browser holds it back", async () => {
    const here = stage();
    here.speaker.sounds = false;
    await here.leg.connect();
    await pass(0);
    const stream = new FakeStream([]);
    here.connection(0).ontrack?.({ streams: [stream], track: null });
    expect(here.speaker.playing).toBeNull();
    here.connection(0).becomes("connected");
    await pass(0);
    expect(here.speaker.playing).toBe(stream);
    expect(here.problems).toEqual(["sound_blocked"]);
    expect(new LegProblem("sound_blocked").remedy).toContain("button");
    here.leg.hangUp();
  });

  it("tells how it fares, and asks for Opus when advised", async () => {
    const here = await talking();
    const grades: string[] = [];
    here.leg.on("quality", ({ grade }) => grades.push(grade));
    const inbound = {
      type: "inbound-rtp",
      kind: "audio",
      packetsReceived: 100,
      packetsLost: 0,
      jitter: 0.004,
    };
    here.connection(0).stats = [inbound];
    await pass(2_000);
    here.connection(0).stats = [{ ...inbound, packetsReceived: 190, packetsLost: 10 }];
    await pass(2_000);
    expect(grades).toEqual(["poor"]);
    expect(here.of("heard_quality")).toEqual([
      { type: "heard_quality", leg: "c1-b1", session: here.session, loss: 10, jitter_ms: 4, concealed: 0 },
    ]);
    const server = { type: "quality", session: here.session, up_loss: 9, up_jitter_ms: 5 };
    here.hears({ ...server, down_loss: 10, down_jitter_ms: 4, advise_opus: true });
    await pass(0);
    expect(here.of("offer").map(({ audio }) => audio)).toEqual(["auto", "opus"]);
    here.hears({ ...server, down_loss: 10, down_jitter_ms: 4, advise_opus: true });
    await pass(0);
    expect(here.of("offer")).toHaveLength(2);
    here.leg.hangUp();
  });

  it("asks for no Opus where the page does not want it", async () => {
    const here = await talking({ mayUseOpus: false });
    here.hears({ type: "quality", session: here.session, up_loss: 9, up_jitter_ms: 5, advise_opus: true });
    await pass(0);
    expect(here.of("offer")).toHaveLength(1);
    here.leg.hangUp();
  });
});

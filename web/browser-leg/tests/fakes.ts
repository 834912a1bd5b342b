/** A browser without a browser: connections, a microphone and a speaker whose fate the test decides. */

import {
  BrowserLeg,
  type LegOptions,
  type LegState,
  type LegWorld,
  Microphone,
  type MicrophoneWorld,
  type PageMessage,
  type ServerMessage,
} from "../src";

export class FakeTrack extends EventTarget {
  readonly kind = "audio";
  enabled = true;
  stopped = false;
  constructor(readonly device = "built-in") {
    super();
  }
  stop(): void {
    this.stopped = true;
  }
  getSettings() {
    return { deviceId: this.device };
  }
}

export class FakeStream {
  constructor(readonly tracks: FakeTrack[]) {}
  getTracks = () => this.tracks;
  getAudioTracks = () => this.tracks;
}

export class FakeConnection {
  connectionState = "new";
  iceConnectionState = "new";
  localDescription: { sdp: string } | null = null;
  remoteDescription: { sdp: string } | null = null;
  onicecandidate: ((event: { candidate: unknown }) => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  oniceconnectionstatechange: (() => void) | null = null;
  ontrack: ((event: unknown) => void) | null = null;
  readonly added: unknown[] = [];
  readonly tracks: FakeTrack[] = [];
  stats: Record<string, unknown>[] = [];
  refuses: Error | null = null;

  constructor(readonly configuration: RTCConfiguration) {}
  addTrack(track: FakeTrack) {
    this.tracks.push(track);
    return { replaceTrack: async (other: FakeTrack) => void this.tracks.push(other) };
  }
  async setLocalDescription() {
    this.localDescription = { sdp: "v=0 ours" };
  }
  async setRemoteDescription(description: { sdp: string }) {
    if (this.refuses) throw this.refuses;
    this.remoteDescription = description;
  }
  async addIceCandidate(candidate: unknown) {
    this.added.push(candidate);
  }
  async getStats() {
    return new Map(this.stats.map((report, index) => [String(index), report]));
  }
  close() {
    this.connectionState = this.iceConnectionState = "closed";
  }
  becomes(state: string, ice = state) {
    this.connectionState = state;
    this.iceConnectionState = ice;
    this.oniceconnectionstatechange?.();
    this.onconnectionstatechange?.();
  }
  finds(candidate: string | null) {
    this.onicecandidate?.({
      candidate: candidate === null ? null : { candidate, sdpMid: "0", sdpMLineIndex: 0 },
    });
  }
}

/** getUserMedia that gives a track, or throws what it is told. */
export function devices(answer: () => FakeTrack = () => new FakeTrack()) {
  const asked: MediaTrackConstraints[] = [];
  const tracks: FakeTrack[] = [];
  const world: MicrophoneWorld = {
    secure: true,
    devices: {
      getUserMedia: async ({ audio }: { audio: MediaTrackConstraints }) => {
        asked.push(audio);
        const track = answer();
        tracks.push(track);
        return new FakeStream([track]);
      },
      enumerateDevices: async () => [
        { kind: "audioinput", deviceId: "a", label: "Headset" },
        { kind: "audiooutput", deviceId: "b", label: "Loudspeaker" },
        { kind: "audioinput", deviceId: "c", label: "" },
      ],
    } as unknown as MediaDevices,
    meter: (_stream, tell) => {
      tell(0.5);
      return { stop: () => undefined };
    },
  };
  return { world, asked, tracks };
}

/** A leg with all that is around it. */
export function stage(options: Partial<LegOptions> = {}, answer?: () => FakeTrack) {
  const connections: FakeConnection[] = [];
  const said: PageMessage[] = [];
  const states: LegState[] = [];
  const problems: string[] = [];
  const line = { up: true };
  const speaker = { volume: 1, sounds: true, playing: null as unknown, stopped: false };
  let networkChanged = (): void => undefined;
  const world: LegWorld = {
    connect: (configuration) => {
      const connection = new FakeConnection(configuration);
      connections.push(connection);
      return connection as unknown as RTCPeerConnection;
    },
    speaker: () => ({
      get volume() {
        return speaker.volume;
      },
      set volume(volume: number) {
        speaker.volume = volume;
      },
      play: async (stream?: MediaStream) => {
        speaker.playing = stream ?? speaker.playing;
        return speaker.sounds;
      },
      stop: () => void (speaker.stopped = true),
    }),
    meter: (_stream, tell) => {
      tell(0.25);
      return { stop: () => undefined };
    },
    network: (changed) => {
      networkChanged = changed;
      return () => void (networkChanged = () => undefined);
    },
    now: () => Date.now(),
  };
  const around = devices(answer);
  const microphone = new Microphone(around.world);
  const leg = new BrowserLeg(
    {
      leg: "c1-b1",
      iceServers: [{ urls: "stun:one" }],
      microphone,
      send: (message) => {
        if (line.up) said.push(message);
        return line.up;
      },
      ...options,
    },
    world,
  );
  leg.on("state", (state) => states.push(state));
  leg.on("problem", ({ kind }) => problems.push(kind));
  return {
    leg,
    microphone,
    ...around,
    connections,
    said,
    states,
    problems,
    line,
    speaker,
    changeNetwork: () => networkChanged(),
    connection: (index: number): FakeConnection => {
      const found = connections.at(index);
      if (!found) throw new Error(`no connection ${index}`);
      return found;
    },
    /** What was said of a type. */
    of: <Type extends PageMessage["type"]>(type: Type) =>
      said.filter((message): message is Extract<PageMessage, { type: Type }> => message.type === type),
    hears: (message: Record<string, unknown>) =>
      leg.receive({ leg: "c1-b1", ...message } as unknown as ServerMessage),
  };
}

/** A browser without a browser: connections, a microphone and a speaker whose fate the test decides. */

import {
  BrowserLeg,
  type LegOptions,
  type LegState,
  type LegWorld,
  Microphone,
  type MicrophoneWorld,
  type PageLegMessage,
  type ServerLegMessage,
} from "../src";

export class FakeTrack extends EventTarget {
  readonly kind = "audio";
  enabled = true;
  stopped = false;
  muted = false;
  readyState = "live";
  constructor(readonly device = "built-in") {
    super();
  }
  get label(): string {
    return `The ${this.device} microphone`;
  }
  stop(): void {
    this.stopped = true;
    this.readyState = "ended";
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
  /** What is sent now. */
  speaking: FakeTrack | null = null;
  stats: Record<string, unknown>[] = [];
  refuses: Error | null = null;

  constructor(public configuration: RTCConfiguration) {}
  getConfiguration = () => this.configuration;
  setConfiguration(configuration: RTCConfiguration) {
    this.configuration = configuration;
  }
  addTrack(track: FakeTrack) {
    this.tracks.push(track);
    this.speaking = track;
    return {
      replaceTrack: async (other: FakeTrack) => {
        this.tracks.push(other);
        this.speaking = other;
      },
    };
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
  const events = new EventTarget();
  const plugged = [
    { kind: "audioinput", deviceId: "a", label: "Headset" },
    { kind: "audiooutput", deviceId: "b", label: "Loudspeaker" },
    { kind: "audioinput", deviceId: "c", label: "" },
  ];
  const permission = {
    state: "granted" as PermissionState,
    changed: (_: PermissionState): void => undefined,
  };
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
      enumerateDevices: async () => plugged,
      addEventListener: (name: string, listener: EventListener) => events.addEventListener(name, listener),
      removeEventListener: (name: string, listener: EventListener) =>
        events.removeEventListener(name, listener),
    } as unknown as MediaDevices,
    permission: async () => permission.state,
    onPermission: (changed) => {
      permission.changed = changed;
      return () => void (permission.changed = () => undefined);
    },
    meter: (_stream, tell) => {
      tell(0.5);
      return { stop: () => undefined };
    },
  };
  const devicesChange = (): void => void events.dispatchEvent(new Event("devicechange"));
  return { world, asked, tracks, plugged, permission, devicesChange };
}

/** A leg with all that is around it. */
export function stage(options: Partial<LegOptions> = {}, answer?: () => FakeTrack) {
  const connections: FakeConnection[] = [];
  const said: PageLegMessage[] = [];
  const states: LegState[] = [];
  const problems: string[] = [];
  const line = { up: true, able: true };
  const speaker = { volume: 1, sounds: true, playing: null as unknown, stopped: false };
  let networkChanged = (): void => undefined;
  const silence = new FakeTrack("silence");
  const world: LegWorld = {
    able: () => line.able,
    silence: () => new FakeStream([silence]) as unknown as MediaStream,
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
      iceServers: [{ urls: ["stun:one"], username: null, credential: null }],
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
    silence,
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
    of: <Type extends PageLegMessage["type"]>(type: Type) =>
      said.filter((message): message is Extract<PageLegMessage, { type: Type }> => message.type === type),
    hears: (message: Record<string, unknown>) =>
      leg.receive({ leg: "c1-b1", ...message } as unknown as ServerLegMessage),
  };
}

/** The microphone: opened and closed, its level, and what is wrong with it. */

import { Events } from "./events";
import { LevelMeter } from "./level";
import { LegProblem, microphoneProblem } from "./problem";

export interface MicrophoneEvents {
  /** How loud it is, 0 to 1, twenty times a second while it is open. */
  level: number;
  /** It is there, or another one is. */
  opened: MediaStreamTrack;
  closed: void;
  /** It went while it was open. */
  problem: LegProblem;
}

/** A microphone that can be chosen. */
export interface Device {
  readonly id: string;
  readonly label: string;
}

const CLEAN_SPEECH: MediaTrackConstraints = {
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
  channelCount: 1,
};

/** What of the browser is used here. */
export interface MicrophoneWorld {
  readonly secure: boolean;
  readonly devices: MediaDevices | undefined;
  meter(stream: MediaStream, tell: (level: number) => void): { stop(): void };
}

export function thisBrowser(): MicrophoneWorld {
  return {
    secure: window.isSecureContext,
    devices: navigator.mediaDevices as MediaDevices | undefined,
    meter: (stream, tell) => new LevelMeter(stream, tell),
  };
}

export class Microphone extends Events<MicrophoneEvents> {
  /** While it is open. */
  stream: MediaStream | null = null;
  private meter: { stop(): void } | null = null;
  private opening: Promise<MediaStream> | null = null;
  private closings = 0;
  private wish = "";

  constructor(private readonly world: MicrophoneWorld = thisBrowser()) {
    super();
  }

  get track(): MediaStreamTrack | null {
    return this.stream?.getAudioTracks()[0] ?? null;
  }

  /** Which one is open, or the one that was asked for. */
  get device(): string {
    return this.track?.getSettings().deviceId ?? this.wish;
  }

  /** Open it; asks the user the first time. Throws {@link LegProblem}. */
  async open(): Promise<MediaStream> {
    if (this.stream) return this.stream;
    this.opening ??= this.ask().finally(() => (this.opening = null));
    return this.opening;
  }

  /** Use another one; the empty string is the browser's choice. Opens it only if one is open now. */
  async choose(device: string): Promise<void> {
    this.wish = device;
    if (!this.stream) return;
    this.stop();
    await this.open();
  }

  close(): void {
    this.closings += 1;
    if (!this.stream) return;
    this.stop();
    this.emit("closed", undefined);
  }

  /** Those that can be chosen; browsers tell of them only once one was allowed. */
  async list(): Promise<readonly Device[]> {
    const found = (await this.world.devices?.enumerateDevices()) ?? [];
    return found
      .filter(({ kind, deviceId }) => kind === "audioinput" && deviceId !== "")
      .map(({ deviceId, label }, index) => ({ id: deviceId, label: label || `Microphone ${index + 1}` }));
  }

  private async ask(): Promise<MediaStream> {
    const { devices, secure } = this.world;
    if (!secure) throw new LegProblem("insecure_page");
    if (!devices) throw new LegProblem("unsupported");
    const before = this.closings;
    const stream = await this.first(devices);
    if (before !== this.closings) {
      // Closed while the user was asked: nothing may listen now.
      for (const track of stream.getTracks()) track.stop();
      throw new LegProblem("microphone_lost", "closed while it was opened");
    }
    this.stream = stream;
    const { track } = this;
    if (!track) throw new LegProblem("no_microphone");
    track.addEventListener("ended", () => {
      if (track !== this.track) return;
      this.close();
      this.emit("problem", new LegProblem("microphone_lost"));
    });
    this.meter = this.world.meter(stream, (level) => this.emit("level", track.enabled ? level : 0));
    this.emit("opened", track);
    return stream;
  }

  private async first(devices: MediaDevices): Promise<MediaStream> {
    try {
      if (this.wish !== "") {
        try {
          return await devices.getUserMedia({ audio: { ...CLEAN_SPEECH, deviceId: { exact: this.wish } } });
        } catch (error) {
          // The one that was chosen is not plugged in today: any will do.
          if (microphoneProblem(error).kind !== "no_microphone") throw error;
        }
      }
      return await devices.getUserMedia({ audio: CLEAN_SPEECH });
    } catch (error) {
      throw microphoneProblem(error);
    }
  }

  private stop(): void {
    this.meter?.stop();
    this.meter = null;
    const { stream } = this;
    this.stream = null;
    for (const track of stream?.getTracks() ?? []) track.stop();
  }
}

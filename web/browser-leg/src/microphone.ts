/** The microphone: opened and closed, its level, and what is wrong with it. */

import { Events } from "./events";
import { LevelMeter } from "./level";
import { LegProblem, type LegProblemKind, microphoneProblem } from "./problem";

export interface MicrophoneEvents {
  /** How loud it is, 0 to 1, twenty times a second while it is open; 0 once more when it is not any more. */
  level: number;
  /** It is there, or another one is. */
  opened: MediaStreamTrack;
  closed: void;
  /** What is wrong with it while it should be open; null: nothing any more. */
  problem: LegProblem | null;
  /** Another one took over by itself: its name. */
  switched: string;
  /** Microphones came or went. */
  devices: void;
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
  /** Whether the page may listen; null where the browser does not tell. */
  permission?(): Promise<PermissionState | null>;
  /** Tells when that changes; what it gives back stops that. */
  onPermission?(changed: (state: PermissionState) => void): () => void;
}

export function microphonesOfBrowser(): MicrophoneWorld {
  return {
    secure: window.isSecureContext,
    // A microphone is of no use to a page that cannot connect: extensions and settings may take WebRTC away.
    devices:
      typeof RTCPeerConnection === "undefined"
        ? undefined
        : (navigator.mediaDevices as MediaDevices | undefined),
    meter: (stream, tell) => new LevelMeter(stream, tell),
    permission: async () => (await microphonePermission())?.state ?? null,
    onPermission,
  };
}

async function microphonePermission(): Promise<PermissionStatus | null> {
  try {
    return await navigator.permissions.query({ name: "microphone" as PermissionName });
  } catch {
    return null; // A browser that does not tell of microphones.
  }
}

function onPermission(changed: (state: PermissionState) => void): () => void {
  let status: PermissionStatus | null = null;
  let stopped = false;
  const tell = (): void => {
    if (status && !stopped) changed(status.state);
  };
  void microphonePermission().then((found) => {
    status = found;
    found?.addEventListener("change", tell);
  });
  return () => {
    stopped = true;
    status?.removeEventListener("change", tell);
  };
}

/** Ms between two tries to open one that another program has: browsers do not tell when it lets go. */
const BUSY_FOR = 3_000;
/** Problems that another microphone, or the same one a little later, may end. */
const PASSING: ReadonlySet<LegProblemKind> = new Set(["no_microphone", "microphone_busy", "microphone_lost"]);

/**
 * The page's one microphone. Once it is open it stays wanted until it is closed: where it goes (unplugged, taken by
 * another program, forbidden), the page is told at once, and the next one is taken as soon as there is one.
 */
export class Microphone extends Events<MicrophoneEvents> {
  /** While it is open. */
  stream: MediaStream | null = null;
  /** What is wrong with it; null while nothing is, and while nobody wants it. */
  problem: LegProblem | null = null;
  private meter: { stop(): void } | null = null;
  private opening: Promise<MediaStream> | null = null;
  private closings = 0;
  private wish = "";
  /** The one that went by itself: it is taken again when it is back. */
  private missed = "";
  /** Whether somebody wants it, open or not. */
  private wanted = false;
  private again: ReturnType<typeof setTimeout> | undefined;
  private stopWatching: (() => void) | null = null;

  constructor(private readonly world: MicrophoneWorld = microphonesOfBrowser()) {
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
    try {
      return await this.opening;
    } catch (error) {
      if (error instanceof LegProblem && this.wanted && !this.stream) this.lack(error);
      throw error;
    }
  }

  /** It cannot be opened, and the call goes on without: take the next one that comes. */
  waitFor(problem: LegProblem): void {
    if (this.stream) return;
    this.wanted = true;
    this.watch();
    this.lack(problem);
  }

  /** Use another one; the empty string is the browser's choice. Opens it only if one is open, or should be. */
  async choose(device: string): Promise<void> {
    this.wish = device;
    this.missed = "";
    if (!this.wanted) return;
    this.stop();
    await this.open();
  }

  close(): void {
    this.closings += 1;
    this.wanted = false;
    this.missed = "";
    clearTimeout(this.again);
    this.stopWatching?.();
    this.stopWatching = null;
    this.tell(null);
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
    this.watch();
    const before = this.closings;
    const stream = await this.first(devices);
    if (before !== this.closings) {
      // Closed while the user was asked: nothing may listen now.
      for (const track of stream.getTracks()) track.stop();
      throw new LegProblem("microphone_lost", "closed while it was opened");
    }
    const [track] = stream.getAudioTracks();
    if (!track) throw new LegProblem("no_microphone");
    this.stream = stream;
    this.wanted = true;
    clearTimeout(this.again);
    track.addEventListener("ended", () => this.gone(track));
    // It is there, but gives nothing: switched off, or taken by a call of the telephone.
    track.addEventListener("mute", () => this.silenced(track));
    track.addEventListener("unmute", () => this.silenced(track));
    this.meter = this.meterOf(stream, track);
    this.tell(track.muted ? new LegProblem("microphone_muted") : null);
    this.emit("opened", track);
    return stream;
  }

  private meterOf(stream: MediaStream, track: MediaStreamTrack): { stop(): void } | null {
    try {
      return this.world.meter(stream, (level) => {
        if (track !== this.track) return;
        // Not every browser tells when it ends a track.
        if (track.readyState === "ended") this.gone(track);
        else this.emit("level", track.enabled ? level : 0);
      });
    } catch (error) {
      // A page without sound of its own may speak nevertheless.
      console.warn("The level of the microphone cannot be shown.", error);
      return null;
    }
  }

  private async first(devices: MediaDevices): Promise<MediaStream> {
    const { wish, missed } = this;
    try {
      for (const device of new Set([wish, missed].filter((each) => each !== ""))) {
        try {
          return await devices.getUserMedia({ audio: { ...CLEAN_SPEECH, deviceId: { exact: device } } });
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

  // When it goes -------------------------------------------------------------------------------------------

  private gone(track: MediaStreamTrack): void {
    if (track !== this.track) return;
    this.missed ||= track.getSettings().deviceId ?? "";
    this.stop();
    void this.replace();
  }

  /** Take the next one; before anything else say what happened. */
  private async replace(): Promise<void> {
    const before = this.closings;
    this.tell(new LegProblem("microphone_lost"));
    const allowed = await this.allowed();
    if (before !== this.closings || this.stream) return;
    // The browser would ask the user, in the middle of a call: they shall see why first, and press a button.
    if (!allowed) this.lack(new LegProblem("permission_refused", "revoked"));
    else await this.retry();
  }

  private async retry(): Promise<void> {
    if (!this.wanted || this.stream) return;
    try {
      await this.open();
      this.emit("switched", this.track?.label ?? "");
    } catch (error) {
      // It was told of already.
      if (!(error instanceof LegProblem)) throw error;
    }
  }

  private lack(problem: LegProblem): void {
    // "None was found" is true, and "yours is gone" says more.
    this.tell(problem.kind === "no_microphone" ? new LegProblem("microphone_lost", problem.detail) : problem);
    clearTimeout(this.again);
    if (problem.kind === "microphone_busy") this.again = setTimeout(() => void this.retry(), BUSY_FOR);
  }

  private silenced(track: MediaStreamTrack): void {
    if (track === this.track) this.tell(track.muted ? new LegProblem("microphone_muted") : null);
  }

  /** False only where the browser says that it would ask the user, or refuse. */
  private async allowed(): Promise<boolean> {
    return ((await this.world.permission?.()) ?? "granted") === "granted";
  }

  private watch(): void {
    if (this.stopWatching) return;
    const { devices } = this.world;
    const changed = (): void => void this.devicesChanged();
    devices?.addEventListener?.("devicechange", changed);
    const stopPermission = this.world.onPermission?.((state) => {
      if (state === "granted") void this.retry();
      // Firefox and Safari let a track live for a moment longer than its permission.
      else if (!this.stream && this.wanted) this.lack(new LegProblem("permission_refused", "revoked"));
    });
    this.stopWatching = () => {
      devices?.removeEventListener?.("devicechange", changed);
      stopPermission?.();
    };
  }

  private async devicesChanged(): Promise<void> {
    this.emit("devices", undefined);
    if (!this.wanted) return;
    if (!this.stream) {
      if (this.problem === null || PASSING.has(this.problem.kind)) await this.retry();
      return;
    }
    // The one that they had chosen, or had before it went, is back.
    const back = this.wish || this.missed;
    if (back === "" || back === this.device || !(await this.list()).some(({ id }) => id === back)) return;
    if (!this.wanted || !this.stream) return;
    this.stop();
    this.wish = back;
    await this.retry();
  }

  private tell(problem: LegProblem | null): void {
    if (problem?.kind === this.problem?.kind) return;
    this.problem = problem;
    this.emit("problem", problem);
  }

  private stop(): void {
    this.meter?.stop();
    this.meter = null;
    const { stream } = this;
    this.stream = null;
    for (const track of stream?.getTracks() ?? []) track.stop();
    if (stream) this.emit("level", 0);
  }
}

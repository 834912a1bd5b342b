/** The shopper's end of a call by PC: the legs that the server rings in this page, one after the other. */

import {
  BrowserLeg,
  type IceServer,
  type LegOptions,
  LegProblem,
  type LegState,
  type Microphone,
  MICROPHONE_PROBLEMS,
  type PageLegMessage,
  type Quality,
  type ServerLegMessage,
} from "@ringback/browser-leg";
import type { FirstLeg } from "./calls";

/** Who hears what became of a line. */
export interface PcListener {
  /** Something about the line changed, other than a level. */
  changed(): void;
  /** How loud the other side is, 0 to 1, twenty times a second. */
  level?(level: number): void;
}

/** What of a leg is used here. */
export type Leg = Pick<
  BrowserLeg,
  | "leg"
  | "state"
  | "connectedAt"
  | "cause"
  | "quality"
  | "muted"
  | "volume"
  | "on"
  | "connect"
  | "rejoin"
  | "receive"
  | "dtmf"
  | "abandon"
> & { unblock(): void };

export class PcLine {
  /** The newest leg; null before the server named one. */
  leg: Leg | null = null;
  /** What keeps the two from hearing each other. */
  problem: LegProblem | null = null;
  private isMuted = false;
  private loud = 1;
  private over = false;
  private readonly stop: () => void;

  constructor(
    readonly microphone: Microphone,
    private readonly send: (message: PageLegMessage) => boolean,
    private readonly listener: PcListener,
    private readonly make: (options: LegOptions) => Leg = (options) => new BrowserLeg(options),
  ) {
    this.stop = microphone.on("problem", (problem) => this.microphoneFares(problem));
  }

  get state(): LegState {
    return this.leg?.state ?? "idle";
  }

  /** Null while there is nothing to tell: before the first look, and while there is no connection. */
  get quality(): Quality | null {
    return this.state === "connected" ? (this.leg?.quality ?? null) : null;
  }

  /** Whether another tab of this browser has the call. */
  get elsewhere(): boolean {
    return this.leg?.cause === "answered_elsewhere";
  }

  get muted(): boolean {
    return this.isMuted;
  }

  set muted(muted: boolean) {
    this.isMuted = muted;
    if (this.leg) this.leg.muted = muted;
    this.listener.changed();
  }

  /** Of the other side, 0 to 1. */
  get volume(): number {
    return this.loud;
  }

  set volume(volume: number) {
    this.loud = volume;
    if (this.leg) this.leg.volume = volume;
    this.listener.changed();
  }

  /** Prepare for a leg that the server will ring: its `ring` finds it ready. */
  expect({ leg, ice_servers }: FirstLeg): void {
    this.renew(leg, ice_servers);
  }

  receive(message: ServerLegMessage): void {
    if (this.over) return;
    if (message.type === "ring") {
      const went = this.leg !== null && this.leg.state !== "idle";
      const another = message.leg !== this.leg?.leg;
      if (another) this.renew(message.leg, message.ice_servers);
      this.leg?.receive(message);
      this.begin(message.under_way || (another && went));
    } else {
      this.leg?.receive(message);
    }
    this.listener.changed();
  }

  /** Connect the leg that the server told of. `back`: it is talked on already, so it must not wait for anything. */
  begin(back = false): void {
    const { leg } = this;
    if (this.over || leg?.state !== "idle") return;
    this.problem = null;
    (back ? leg.rejoin() : leg.connect()).catch((error: unknown) => this.failed(leg, error));
    this.listener.changed();
  }

  /** Try again what did not work; to be called in a click. */
  tryAgain(): void {
    const { leg, problem } = this;
    if (this.over || !leg || !problem) return;
    this.problem = null;
    if (problem.kind === "sound_blocked") leg.unblock();
    else if (leg.state === "idle") this.begin();
    else this.microphone.open().catch((error: unknown) => this.failed(leg, error));
    this.listener.changed();
  }

  /** Press a key. */
  press(digit: string): void {
    this.leg?.dtmf(digit);
  }

  /** The server gave up waiting for this page's sound: unless more is known, the network is what let none through. */
  unreached(): void {
    const tried = this.leg !== null && this.state !== "idle" && this.leg.connectedAt === null;
    if (tried && !this.elsewhere) this.problem ??= new LegProblem("no_path", "the server gave up waiting");
    this.listener.changed();
  }

  /** The call is over, or this page leaves it: nothing is heard or said any more. */
  end(): void {
    this.over = true;
    this.stop();
    this.leg?.abandon("ended");
    this.listener.changed();
  }

  private renew(name: string, iceServers: readonly IceServer[]): void {
    this.leg?.abandon("redialled");
    const leg = this.make({
      leg: name,
      iceServers,
      microphone: this.microphone,
      send: this.send,
      volume: this.loud,
    });
    leg.muted = this.isMuted;
    leg.on("state", () => this.changed(leg));
    leg.on("quality", () => this.changed(leg));
    leg.on("problem", (problem) => this.failed(leg, problem));
    leg.on("level", (level) => {
      if (leg === this.leg) this.listener.level?.(level);
    });
    this.leg = leg;
  }

  private changed(leg: Leg): void {
    if (leg !== this.leg) return;
    // Whatever it was, it does not keep them from talking any more; held-back sound does.
    if (leg.state === "connected" && this.problem?.kind !== "sound_blocked") {
      this.problem = this.microphone.problem;
    }
    this.listener.changed();
  }

  /** How the microphone fares; null: well. Before the call its check tells. */
  private microphoneFares(problem: LegProblem | null): void {
    if (this.over || !this.leg) return;
    if (problem) this.problem = problem;
    else if (this.problem && MICROPHONE_PROBLEMS.has(this.problem.kind)) this.problem = null;
    this.listener.changed();
  }

  private failed(leg: Leg, error: unknown): void {
    if (!(error instanceof LegProblem)) throw error;
    if (leg !== this.leg || this.over) return;
    this.problem = error;
    this.listener.changed();
  }
}

/** What is heard on a leg: played, measured, and how well it arrives. */

import { gradeOf, Listening, type Measure, type Quality, SteadyGrade } from "./quality";
import type { Speaker } from "./speaker";

/** Ms between two looks at the statistics. */
const LOOK_EVERY = 2_000;
/** Every so many looks, the server is told. */
const TELL_EVERY = 2;

/** Who it tells. */
export interface HearingListener {
  /** How loud it is, 0 to 1. */
  loud(level: number): void;
  /** The browser holds back the sound. */
  blocked(): void;
  /** How it fares; `told`: it is time to tell the server. */
  fared(quality: Quality, told: boolean): void;
}

export class Hearing {
  private connection: RTCPeerConnection | null = null;
  private listening = new Listening();
  private readonly grade = new SteadyGrade();
  private up: Measure | null = null;
  private looks = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private meter: { stop(): void } | null = null;
  private stopped = false;

  constructor(
    readonly speaker: Pick<Speaker, "play" | "stop" | "volume">,
    private readonly measure: (stream: MediaStream, tell: (level: number) => void) => { stop(): void },
    private readonly listener: HearingListener,
  ) {}

  /** Hear this stream from now on. */
  play(stream: MediaStream): void {
    this.meter?.stop();
    try {
      this.meter = this.measure(stream, (level) => this.listener.loud(level));
    } catch (error) {
      // A browser without an AudioContext plays, and measures nothing.
      this.meter = null;
      console.warn("The level of what is heard cannot be shown.", error);
    }
    void this.speaker.play(stream).then((sounds) => {
      if (!sounds && !this.stopped) this.listener.blocked();
    });
  }

  /** Look at the statistics of this connection from now on. */
  watch(connection: RTCPeerConnection): void {
    if (connection === this.connection) return;
    this.connection = connection;
    this.listening = new Listening();
    this.timer ??= setTimeout(() => void this.look(), LOOK_EVERY);
  }

  /** How the server says that it hears us. */
  upFares(measure: Measure): void {
    this.up = measure;
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.meter?.stop();
    this.listener.loud(0);
    this.speaker.stop();
  }

  private async look(): Promise<void> {
    const { connection, listening } = this;
    if (connection?.connectionState === "connected") {
      const found = listening.look((await connection.getStats()).values());
      if (this.stopped) return;
      if (found && listening === this.listening) {
        const { down, roundTripMs } = found;
        const grade = this.grade.take(gradeOf(down, this.up, roundTripMs));
        this.listener.fared({ grade, down, up: this.up, roundTripMs }, this.looks++ % TELL_EVERY === 0);
      }
    }
    this.timer = setTimeout(() => void this.look(), LOOK_EVERY);
  }
}

/** The leg of a call in this page: it rings, it is talked on, it is over. */

import {
  BrowserLeg,
  Events,
  LegProblem,
  type Microphone,
  MICROPHONE_PROBLEMS,
  type PageLegMessage,
  ServerClock,
} from "@ringback/browser-leg";
import type { AgentLegState, AgentRing } from "./messages";

export type LegPhase =
  | "ringing"
  /** It is talked on in another page of this agent, or was until that page went. */
  | "elsewhere"
  | "connecting"
  /** Audio flows, the caller is not joined yet. */
  | "answered"
  | "joined"
  | "reconnecting"
  | "ended";

export type MakeLeg = (
  ring: AgentRing,
  microphone: Microphone,
  send: (message: PageLegMessage) => boolean,
) => BrowserLeg;

export const makeLeg: MakeLeg = (ring, microphone, send) =>
  new BrowserLeg({ leg: ring.leg, iceServers: ring.ice_servers, microphone, send });

export class AgentLeg extends Events<{ changed: void }> {
  readonly leg: BrowserLeg;
  /** What keeps it from being talked on, or from being heard. */
  problem: LegProblem | null = null;
  /** Whether this page ever had it. */
  had = false;
  /** When it rang here, and when the two were joined: milliseconds since 1970 by the server's clock. */
  readonly rangAt: number;
  joinedAt: number | null = null;
  /** Whether the server has told of it on the newest WebSocket. */
  confirmed = true;
  private story: AgentRing["state"];
  private readonly resumed: boolean;

  constructor(
    readonly ring: AgentRing,
    microphone: Microphone,
    send: (message: PageLegMessage) => boolean,
    make: MakeLeg = makeLeg,
    readonly clock = new ServerClock(),
  ) {
    super();
    this.rangAt = clock.now * 1000;
    this.leg = make(ring, microphone, send);
    this.resumed = ring.under_way;
    this.story = ring.state;
    if (ring.state === "joined") this.joinedAt = ring.since * 1000;
    this.leg.on("state", (state) => {
      // Whatever it was, it does not keep them from hearing each other; a microphone that is gone still does.
      if (state === "connected") this.problem = this.leg.microphone.problem;
      this.emit("changed", undefined);
    });
    this.leg.on("problem", (problem) => this.tell(problem));
    for (const event of ["quality", "changed"] as const)
      this.leg.on(event, () => this.emit("changed", undefined));
  }

  get phase(): LegPhase {
    switch (this.leg.state) {
      case "idle":
        return this.resumed ? "elsewhere" : "ringing";
      case "connected":
        return this.story === "joined" ? "joined" : "answered";
      default:
        return this.leg.state;
    }
  }

  /** Whether it is ours now, and not over. */
  get ours(): boolean {
    return !["idle", "ended"].includes(this.leg.state);
  }

  /** For how long the two have talked, in seconds. */
  get seconds(): number {
    return this.joinedAt === null ? 0 : this.clock.elapsed(this.joinedAt / 1000);
  }

  get talked(): boolean {
    return this.had && this.joinedAt !== null;
  }

  /** Answer it, or bring it here. `back`: this page had it before it was reloaded. */
  async take(back = false): Promise<void> {
    this.problem = null;
    try {
      const connecting = back ? this.leg.rejoin() : this.leg.connect();
      this.emit("changed", undefined);
      await connecting;
      this.had = true;
    } catch (problem) {
      if (!(problem instanceof LegProblem)) throw problem;
      this.tell(problem);
    }
  }

  decline(): void {
    this.leg.hangUp("declined");
  }

  /** The browser is allowed to sound now. */
  unblock(): void {
    this.leg.unblock();
    this.problem = null;
    this.emit("changed", undefined);
  }

  /** How the leg goes on. */
  told({ state, since }: Pick<AgentLegState, "state" | "since">): void {
    this.story = state;
    if (state === "joined") this.joinedAt ??= since * 1000;
    this.emit("changed", undefined);
  }

  /** How the microphone fares; null: well. */
  microphoneFares(problem: LegProblem | null): void {
    if (problem) this.tell(problem);
    else if (this.problem && MICROPHONE_PROBLEMS.has(this.problem.kind)) this.tell(null);
  }

  tell(problem: LegProblem | null): void {
    this.problem = problem;
    this.emit("changed", undefined);
  }
}

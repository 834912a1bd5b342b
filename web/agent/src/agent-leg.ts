/** The leg of a call in this page: it rings, it is talked on, it is over. */

import {
  BrowserLeg,
  Events,
  LegProblem,
  type Microphone,
  MICROPHONE_PROBLEMS,
  type PageMessage,
  type Ring,
  ServerClock,
} from "@ringback/browser-leg";
import { isRecord, numberOrNull, text } from "./reading";

/** `ring`, with what an agent is told besides. */
export interface AgentRing extends Ring {
  readonly site: string;
  readonly page: string;
  readonly number: string;
  /** Empty where nobody tells it. */
  readonly name: string;
  readonly nameSigned: boolean;
  readonly context: Readonly<Record<string, unknown>>;
  readonly state: string;
  readonly since: number;
}

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
  ring: Ring,
  microphone: Microphone,
  send: (message: PageMessage) => boolean,
) => BrowserLeg;

export const makeLeg: MakeLeg = (ring, microphone, send) =>
  new BrowserLeg({ leg: ring.leg, iceServers: ring.ice_servers, microphone, send });

/** What an agent is told in a `ring`, whatever of it the server left out. */
export function readRing(ring: Ring, clock = new ServerClock()): AgentRing {
  const fields = ring as unknown as Record<string, unknown>;
  const { context, since } = fields;
  return {
    ...ring,
    site: text(fields["site"]),
    page: text(fields["page"]),
    number: text(fields["number"]),
    name: text(fields["name"]),
    nameSigned: fields["name_signed"] === true,
    context: isRecord(context) ? context : {},
    state: text(fields["state"]) || "ringing",
    since: numberOrNull(since) ?? clock.now,
  };
}

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
  private story: string;
  private readonly resumed: boolean;

  constructor(
    readonly ring: AgentRing,
    microphone: Microphone,
    send: (message: PageMessage) => boolean,
    make: MakeLeg = makeLeg,
    readonly clock = new ServerClock(),
  ) {
    super();
    this.rangAt = clock.now * 1000;
    this.leg = make(ring, microphone, send);
    this.resumed = ring.resume;
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

  /** The server's `call`: how the story goes on. */
  told(state: string, since: number | null = null): void {
    this.story = state;
    if (state === "joined") this.joinedAt ??= (since ?? this.clock.now) * 1000;
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

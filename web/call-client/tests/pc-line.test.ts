import {
  type LegEvents,
  type LegOptions,
  LegProblem,
  type LegState,
  Events,
  type Microphone,
  type PageLegMessage,
  type Quality,
  type ServerLegMessage,
} from "@ringback/browser-leg";
import { describe, expect, it } from "vitest";
import { type Leg, PcLine } from "../src";

class LegStandIn extends Events<LegEvents> implements Leg {
  state: LegState = "idle";
  cause: string | null = null;
  quality: Quality | null = null;
  connectedAt: number | null = null;
  muted = false;
  volume: number;
  readonly told: string[] = [];
  readonly keys: string[] = [];
  refusal: LegProblem | null = null;
  unblocked = 0;
  readonly leg: string;

  constructor(options: LegOptions) {
    super();
    this.leg = options.leg;
    this.volume = options.volume ?? 1;
  }
  async connect(): Promise<void> {
    if (this.refusal) throw this.refusal;
    this.to("connecting");
  }
  rejoined = 0;
  async rejoin(): Promise<void> {
    this.rejoined += 1;
    await this.connect();
  }
  receive(message: ServerLegMessage): void {
    this.told.push(message.type);
    if (message.type === "gone") {
      this.cause = message.cause;
      this.to("ended");
    }
  }
  dtmf(digit: string): void {
    this.keys.push(digit);
  }
  abandon(cause = "abandoned"): void {
    this.cause ??= cause;
    this.to("ended");
  }
  unblock(): void {
    this.unblocked += 1;
  }
  to(state: LegState): void {
    this.state = state;
    if (state === "connected") this.connectedAt ??= 1_000;
    this.emit("state", state);
  }
  trouble(problem: LegProblem): void {
    this.emit("problem", problem);
  }
}

const ring = (leg: string, underWay = false): ServerLegMessage => ({
  type: "ring",
  leg,
  call_id: "c1",
  ice_servers: [],
  under_way: underWay,
  ice_lifetime: null,
  now: 0,
});

function shopper() {
  const legs: LegStandIn[] = [];
  class Listened extends Events<{ problem: LegProblem | null }> {
    stream = {};
    opened = 0;
    problem: LegProblem | null = null;
    async open(): Promise<void> {
      this.opened += 1;
    }
    fares(problem: LegProblem | null): void {
      this.problem = problem;
      this.emit("problem", problem);
    }
  }
  const microphone = new Listened();
  const sent: PageLegMessage[] = [];
  let changes = 0;
  const line = new PcLine(
    microphone as unknown as Microphone,
    (message) => sent.push(message) > 0,
    { changed: () => (changes += 1) },
    (options) => {
      const leg = new LegStandIn(options);
      legs.push(leg);
      return leg;
    },
  );
  const leg = (index: number): LegStandIn => {
    const found = legs[index];
    if (!found) throw new Error(`no leg ${index}`);
    return found;
  };
  return { line, legs, leg, microphone, changes: () => changes };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

describe("PcLine", () => {
  it("connects the leg that the request named when the server rings it, once", () => {
    const { line, legs, leg } = shopper();
    line.expect({ leg: "c1-s1", ice_servers: [] });
    expect(line.state).toBe("idle");
    line.receive(ring("c1-s1"));
    expect(line.state).toBe("connecting");
    line.receive(ring("c1-s1", true));
    expect(legs).toHaveLength(1);
    expect(leg(0).told).toEqual(["ring", "ring"]);
  });

  it("connects again, as loud and as muted as before, when the server begins another leg", () => {
    const { line, legs, leg } = shopper();
    line.receive(ring("c1-s1"));
    line.muted = true;
    line.volume = 0.4;
    expect(leg(0)).toMatchObject({ muted: true, volume: 0.4 });
    line.receive({ type: "gone", leg: "c1-s1", cause: "media_timeout" });
    expect(line.state).toBe("ended");
    line.receive(ring("c1-s2"));
    expect(legs).toHaveLength(2);
    expect(leg(1)).toMatchObject({ leg: "c1-s2", state: "connecting", muted: true, volume: 0.4 });
    leg(0).trouble(new LegProblem("no_path"));
    expect(line.problem).toBeNull();
    line.press("5");
    expect([leg(0).keys, leg(1).keys]).toEqual([[], ["5"]]);
  });

  it("says what is wrong with the microphone, and tries again", async () => {
    const { line, leg } = shopper();
    line.expect({ leg: "c1-s1", ice_servers: [] });
    leg(0).refusal = new LegProblem("permission_refused");
    line.begin();
    await settled();
    expect(line.problem?.kind).toBe("permission_refused");
    leg(0).refusal = null;
    line.tryAgain();
    expect([line.problem, line.state]).toEqual([null, "connecting"]);
  });

  it("opens a microphone that went in the middle of the call, or lets the sound through", () => {
    const { line, leg, microphone } = shopper();
    line.receive(ring("c1-s1"));
    leg(0).to("connected");
    leg(0).trouble(new LegProblem("microphone_lost"));
    line.tryAgain();
    expect(microphone.opened).toBe(1);
    leg(0).trouble(new LegProblem("sound_blocked"));
    leg(0).to("reconnecting");
    leg(0).to("connected");
    expect(line.problem?.kind).toBe("sound_blocked");
    line.tryAgain();
    expect([leg(0).unblocked, line.problem]).toEqual([1, null]);
  });

  it("says that the microphone went, for as long as that is so", () => {
    const { line, leg, microphone } = shopper();
    line.receive(ring("c1-s1"));
    leg(0).to("connected");
    microphone.fares(new LegProblem("microphone_lost"));
    expect(line.problem?.kind).toBe("microphone_lost");
    // The network came and went: the microphone is still gone.
    leg(0).to("reconnecting");
    leg(0).to("connected");
    expect(line.problem?.kind).toBe("microphone_lost");
    microphone.fares(null);
    expect(line.problem).toBeNull();
    leg(0).trouble(new LegProblem("sound_blocked"));
    microphone.fares(null);
    expect(line.problem?.kind).toBe("sound_blocked");
  });

  it("does not wait for the microphone to go on with a call that is talked on", () => {
    const { line, leg } = shopper();
    line.receive(ring("c1-s1", true));
    expect(leg(0).rejoined).toBe(1);
    line.receive(ring("c1-s2"));
    expect(leg(1).rejoined).toBe(1);
    const first = shopper();
    first.line.receive(ring("c1-s1"));
    expect(first.leg(0).rejoined).toBe(0);
  });

  it("finds fault with the network when the server waited and nothing came, unless it knows better", () => {
    const { line, leg } = shopper();
    line.receive(ring("c1-s1"));
    line.receive({ type: "gone", leg: "c1-s1", cause: "ring_timeout" });
    line.unreached();
    line.end();
    expect(line.problem?.kind).toBe("no_path");
    const other = shopper();
    other.line.receive(ring("c1-s1"));
    other.leg(0).to("connected");
    other.line.unreached();
    expect(other.line.problem).toBeNull();
    expect(leg(0).state).toBe("ended");
  });

  it("tells of a quality only while there is a connection", () => {
    const { line, leg } = shopper();
    line.receive(ring("c1-s1"));
    leg(0).quality = {
      grade: "good",
      down: { loss: 0, jitterMs: 1, concealed: 0 },
      up: null,
      roundTripMs: 9,
    };
    expect(line.quality).toBeNull();
    leg(0).to("connected");
    expect(line.quality?.grade).toBe("good");
    leg(0).to("reconnecting");
    expect(line.quality).toBeNull();
  });

  it("tells that another tab has the call, and is silent after its end", () => {
    const { line, legs, leg } = shopper();
    line.receive(ring("c1-s1"));
    line.receive({ type: "gone", leg: "c1-s1", cause: "answered_elsewhere" });
    expect(line.elsewhere).toBe(true);
    line.end();
    line.receive(ring("c1-s2"));
    expect(legs).toHaveLength(1);
    expect(leg(0).state).toBe("ended");
  });
});

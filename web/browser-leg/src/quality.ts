/** How a connection fares, from the browser's statistics (W3C webrtc-stats) and from what the server says. */

export type Grade = "good" | "fair" | "poor";

/** What is heard, or what arrives at the server: percent and milliseconds. */
export interface Measure {
  readonly loss: number;
  readonly jitterMs: number;
  /** Of what was played, how much had to be made up. */
  readonly concealed: number;
}

export interface Quality {
  readonly grade: Grade;
  readonly down: Measure;
  /** As the server tells it; null until it did. */
  readonly up: Measure | null;
  readonly roundTripMs: number | null;
}

/** The counters of one moment. */
interface Counts {
  readonly received: number;
  readonly lost: number;
  readonly samples: number;
  readonly concealed: number;
}

type Report = Readonly<Record<string, unknown>>;

const number = (report: Report, name: string): number => {
  const value = report[name];
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
};

const percent = (part: number, whole: number): number =>
  whole > 0 ? Math.min(100, Math.max(0, (100 * part) / whole)) : 0;

/** Differences of a connection's growing counters. */
export class Listening {
  private before: Counts | null = null;

  /** How it was since the last look; null at the first look, and when nothing is heard yet. */
  look(reports: Iterable<Report>): { down: Measure; roundTripMs: number | null } | null {
    let inbound: Report | null = null;
    let roundTripMs: number | null = null;
    for (const report of reports) {
      if (report["type"] === "inbound-rtp" && (report["kind"] ?? "audio") === "audio") inbound = report;
      if (report["type"] === "candidate-pair" && report["nominated"] && report["state"] === "succeeded") {
        if (typeof report["currentRoundTripTime"] === "number") {
          roundTripMs = report["currentRoundTripTime"] * 1000;
        }
      }
    }
    if (!inbound) return null;
    const now: Counts = {
      received: number(inbound, "packetsReceived"),
      lost: number(inbound, "packetsLost"),
      samples: number(inbound, "totalSamplesReceived"),
      // What was made up while the other side was silent on purpose is no fault of the network.
      concealed: number(inbound, "concealedSamples") - number(inbound, "silentConcealedSamples"),
    };
    const { before } = this;
    this.before = now;
    if (!before) return null;
    const lost = Math.max(0, now.lost - before.lost);
    return {
      down: {
        loss: percent(lost, lost + now.received - before.received),
        jitterMs: number(inbound, "jitter") * 1000,
        concealed: percent(now.concealed - before.concealed, now.samples - before.samples),
      },
      roundTripMs,
    };
  }
}

/** From these on it is fair, or poor: percent lost, ms of jitter, percent concealed, ms to and fro. */
const FAIR = { loss: 2, jitterMs: 30, concealed: 4, roundTripMs: 300 };
const POOR = { loss: 8, jitterMs: 80, concealed: 12, roundTripMs: 700 };

const reaches = (limit: typeof FAIR, measure: Measure, roundTripMs: number): boolean =>
  measure.loss >= limit.loss ||
  measure.jitterMs >= limit.jitterMs ||
  measure.concealed >= limit.concealed ||
  roundTripMs >= limit.roundTripMs;

/** The grade of one moment: that of the worse direction. */
export function gradeOf(down: Measure, up: Measure | null, roundTripMs: number | null): Grade {
  const both = up ? [down, up] : [down];
  const trip = roundTripMs ?? 0;
  if (both.some((measure) => reaches(POOR, measure, trip))) return "poor";
  return both.some((measure) => reaches(FAIR, measure, trip)) ? "fair" : "good";
}

const ORDER: readonly Grade[] = ["good", "fair", "poor"];
/** Better moments in a row before we say that it is better. */
const STEADY = 2;

/** Worse is told at once, better only when it stays: nobody likes a light that flickers. */
export class SteadyGrade {
  private shown: Grade | null = null;
  private better = 0;

  take(grade: Grade): Grade {
    if (this.shown === null || ORDER.indexOf(grade) >= ORDER.indexOf(this.shown)) {
      this.shown = grade;
      this.better = 0;
    } else if (++this.better > STEADY) {
      this.shown = grade;
      this.better = 0;
    }
    return this.shown;
  }
}

/** The proof of work of the next call, made ahead: the shopper fills in the form, and does not wait for it. */

import { isRecord } from "@ringback/browser-leg/shapes";
import { CallProblem } from "./problem";
import { type Challenge, readChallenge, solve } from "./proof-of-work";

/** Ms before its end at which a proof is not begun to be used any more. */
const MARGIN = 20_000;

/** Asks for a challenge; an answer as the server gave it. Throws {@link CallProblem}. */
export type AskChallenge = () => Promise<unknown>;

interface Made {
  /** null: the site wants none. */
  readonly proof: Promise<string | null>;
  /** By `now`, in ms. */
  readonly until: () => number;
  readonly stop: AbortController;
}

export class CallProof {
  private made: Made | null = null;

  constructor(
    private readonly ask: AskChallenge,
    private readonly work: typeof solve = solve,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Ask for something, and once more with a proof where the server wants one. */
  static whereWanted<T>(ask: (proof?: string) => Promise<T>, challenge: AskChallenge): Promise<T> {
    return ask().catch(async (problem: unknown) => {
      if (!(problem instanceof CallProblem) || problem.id !== "proof_missing") throw problem;
      return ask((await new CallProof(challenge).get()) ?? undefined);
    });
  }

  /** Whether one is being made, or is there. */
  get begun(): boolean {
    return this.made !== null;
  }

  /** Begin, unless a proof is there that is good for a while. What goes wrong, `get` tells, after another try. */
  prepare(): void {
    if (this.made && this.made.until() > this.now()) return;
    this.stop();
    const stop = new AbortController();
    let until = Infinity;
    const proof = this.make(stop.signal, (lifetime) => (until = this.now() + lifetime - MARGIN));
    this.made = { proof, until: () => until, stop };
    proof.catch(() => {
      until = -Infinity;
    });
  }

  /** The proof, or null where the site wants none; waits until it is made. Throws {@link CallProblem}. */
  async get(): Promise<string | null> {
    this.prepare();
    const before = this.made;
    try {
      const proof = await before?.proof;
      if (before === this.made && before && before.until() > this.now()) return proof ?? null;
    } catch (problem) {
      if (before !== this.made) throw problem;
    }
    this.prepare();
    return (await this.made?.proof) ?? null;
  }

  /** It was used, or was refused, or is not wanted any more: no more work is done for it. */
  stop(): void {
    this.made?.stop.abort(stopped());
    this.made = null;
  }

  private async make(signal: AbortSignal, good: (lifetime: number) => void): Promise<string | null> {
    const answer = await this.ask();
    signal.throwIfAborted();
    const wanted = readWanted(answer);
    if (!wanted) throw failed();
    if (!wanted.challenge) return null;
    // From now: neither clock need be right.
    good(wanted.lifetime);
    const proof = await this.work(wanted.challenge, signal);
    if (proof === null) throw failed();
    return proof;
  }
}

function readWanted(answer: unknown): { challenge: Challenge | null; lifetime: number } | null {
  if (!isRecord(answer) || typeof answer["expires_in"] !== "number") return null;
  const lifetime = answer["expires_in"] * 1000;
  if (answer["challenge"] === null) return { challenge: null, lifetime };
  const challenge = readChallenge(answer["challenge"]);
  return challenge ? { challenge, lifetime } : null;
}

function failed(): CallProblem {
  return new CallProblem(
    "proof_failed",
    "Your browser could not finish the security check. Please try again. If it goes on, reload the page.",
  );
}

function stopped(): CallProblem {
  return new CallProblem("proof_stopped", "The security check was stopped. Please try again.");
}

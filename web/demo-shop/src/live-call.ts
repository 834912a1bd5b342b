/** One call of this page, from the click to its end: what components show, kept in one place. */

import {
  advance,
  type Callback,
  CallApi,
  CallFollower,
  CallProblem,
  type CallProgress,
  type CallRequest,
  type CallTicket,
  type CallView,
  callbackWords,
  type Connection,
  INITIAL_VIEW,
  statusWords,
} from "@ringback/call-client";
import type { ReactiveController, ReactiveControllerHost } from "lit";

/** A sentence of the call's story, and when it was said: seconds from the first one. */
export interface Sentence {
  readonly seconds: number;
  readonly words: string;
}

export class LiveCall implements ReactiveController {
  /** null: no call yet. */
  view: CallView | null = null;
  ticket: CallTicket | null = null;
  connection: Connection = "closed";
  /** Why the last request did not work. */
  problem: CallProblem | null = null;
  asking = false;
  hangingUp = false;
  /** The callback that became of the call, as far as the server told. */
  callback: Callback | null = null;
  cancelling = false;
  story: readonly Sentence[] = [];

  private api: CallApi | null = null;
  private follower: CallFollower | null = null;
  private clock: ReturnType<typeof setInterval> | undefined;
  /** Server time minus this browser's, in seconds. */
  private ahead = Number.NEGATIVE_INFINITY;

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostConnected(): void {}

  hostDisconnected(): void {
    this.release();
  }

  /** One sentence that says how it stands. */
  get words(): string {
    if (this.callback) return callbackWords(this.callback, this.now);
    return this.view ? statusWords(this.view, this.now) : "";
  }

  /** Server time now, in seconds since the epoch. */
  get now(): number {
    return Date.now() / 1000 + (Number.isFinite(this.ahead) ? this.ahead : 0);
  }

  async ask(origin: string, request: CallRequest): Promise<void> {
    if (this.asking) return;
    this.reset();
    this.asking = true;
    this.host.requestUpdate();
    const api = new CallApi(origin);
    try {
      const { ticket, progress } = await api.request(request);
      this.api = api;
      this.ticket = ticket;
      this.view = INITIAL_VIEW;
      if (progress) this.progressed(progress);
      if (this.view.phase === "ended") return;
      this.follower = new CallFollower(api, ticket, {
        progressed: (line) => this.progressed(line),
        connection: (state) => this.change(() => (this.connection = state)),
        gone: (problem) => this.change(() => (this.problem = problem)),
      });
      this.clock = setInterval(() => this.host.requestUpdate(), 500);
    } catch (problem) {
      this.problem = asProblem(problem);
    } finally {
      this.asking = false;
      this.host.requestUpdate();
    }
  }

  async hangUp(): Promise<void> {
    if (!this.api || !this.ticket || this.hangingUp) return;
    this.change(() => (this.hangingUp = true));
    try {
      await this.api.hangUp(this.ticket);
      this.problem = null;
    } catch (problem) {
      this.problem = asProblem(problem);
      this.hangingUp = false;
    }
    this.host.requestUpdate();
  }

  async cancelCallback(): Promise<void> {
    const { callback } = this;
    if (!callback || this.cancelling) return;
    this.change(() => (this.cancelling = true));
    await this.attempt(async (api) => {
      const after = await api.cancelCallback(callback);
      return () => (this.callback = after);
    });
    this.change(() => (this.cancelling = false));
  }

  /** Forget the call, for another one. */
  reset(): void {
    this.release();
    this.view = null;
    this.ticket = null;
    this.problem = null;
    this.hangingUp = false;
    this.callback = null;
    this.cancelling = false;
    this.story = [];
    this.connection = "closed";
    this.host.requestUpdate();
  }

  private progressed(line: CallProgress): void {
    const before = this.view ?? INITIAL_VIEW;
    const after = advance(before, line);
    if (after === before) return;
    // Old lines, as a socket repeats them, must not turn the clock back.
    this.ahead = Math.max(this.ahead, line.at - Date.now() / 1000);
    this.view = after;
    const words = statusWords(after, line.at);
    if (words !== this.story.at(-1)?.words) {
      // A wait that grows shorter is no news of its own.
      const waits = before.phase === "queued" && after.phase === "queued";
      const stays = waits && [null, after.position].includes(before.position);
      const earlier = stays ? this.story.slice(0, -1) : this.story;
      this.story = [...earlier, { seconds: line.at - (after.startedAt ?? line.at), words }];
    }
    if (after.phase === "ended") this.release();
    if (after.callbackAt !== null && before.callbackAt === null) void this.fetchCallback();
    this.host.requestUpdate();
  }

  private async fetchCallback(): Promise<void> {
    await this.attempt(async (api, ticket) => {
      const callback = await api.callback(ticket);
      return () => (this.callback = callback);
    });
  }

  /** Ask the server something, and keep what came of it, or why nothing did, unless the call was left meanwhile. */
  private async attempt(ask: (api: CallApi, ticket: CallTicket) => Promise<() => void>): Promise<void> {
    const { api, ticket } = this;
    if (!api || !ticket) return;
    let problem: CallProblem | null = null;
    let keep = () => {};
    try {
      keep = await ask(api, ticket);
    } catch (caught) {
      problem = asProblem(caught);
    }
    if (this.ticket !== ticket) return;
    keep();
    this.change(() => (this.problem = problem));
  }

  private change(what: () => void): void {
    what();
    this.host.requestUpdate();
  }

  private release(): void {
    clearInterval(this.clock);
    this.follower?.stop();
    this.follower = null;
  }
}

function asProblem(error: unknown): CallProblem {
  if (error instanceof CallProblem) return error;
  throw error;
}

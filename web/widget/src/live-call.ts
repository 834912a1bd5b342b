/** The call of this shopper, from the click to its end, in this tab or another one: what components show, in one place. */

import { type Microphone, ServerClock } from "@ringback/browser-leg";
import {
  advance,
  type Callback,
  CallApi,
  CallFollower,
  CallProblem,
  type CallProof,
  type CallRequest,
  type CallTicket,
  type CallView,
  type Connection,
  type FirstLeg,
  INITIAL_VIEW,
  isLive,
  type PagePush,
  type PcLine,
  placeOf,
  type ProgressLine,
  rememberCall,
  type RememberedCall,
  rememberWay,
  type TalkBy,
  talkSeconds,
} from "@ringback/call-client";
import type { ReactiveController, ReactiveControllerHost } from "lit";
import { SharedCall } from "./shared-call";
import { callbackWords, statusWords } from "./status-words";
import type { HearOfView } from "./view-seam";
import { words } from "./words";

/** A sentence of the call's story, and when it was said: seconds from the first one. */
export interface Sentence {
  readonly seconds: number;
  readonly words: string;
}

/** Ms for an answer to leave this page before it goes. */
const GO_AFTER = 150;

/** Both ends' levels, 0 to 1, many times a second: too often to redraw a page for. */
export type ShowLevel = (whose: "yours" | "theirs", level: number) => void;

export class LiveCall implements ReactiveController {
  /** null: no call yet. */
  view: CallView | null = null;
  ticket: CallTicket | null = null;
  by: TalkBy = "phone";
  /** This page's end of a call by PC. */
  line: PcLine | null = null;
  /** The page's one microphone; open from the check before a call by PC to the call's end. Null before `loadPc`. */
  microphone: Microphone | null = null;
  /** Whether the page was left or reloaded in the middle of this call. */
  rejoined = false;
  /** Whether another tab placed it: there the shopper talks, if they talk by PC. */
  onlooking = false;
  connection: Connection = "closed";
  /** Why the last request did not work. */
  problem: CallProblem | null = null;
  asking = false;
  hangingUp = false;
  /** The callback that became of the call, as far as the server told. */
  callback: Callback | null = null;
  cancelling = false;
  story: readonly Sentence[] = [];
  /** A page that the shopper is asked to see. */
  asked: PagePush | null = null;

  showLevel: ShowLevel = () => {};
  /** What an agent asks of a shared view. */
  hearOfView: HearOfView = () => {};

  private pc: typeof import("./pc") | null = null;
  private api: CallApi | null = null;
  private follower: CallFollower | null = null;
  private clock: ReturnType<typeof setInterval> | undefined;
  private readonly serverClock = new ServerClock();

  private readonly before: RememberedCall | null;
  private readonly shared = new SharedCall();
  private unwatch = (): void => {};
  /** What the shopper said of the newest page; the server may not have heard it. */
  private answered: { readonly push: number; readonly accepted: boolean } | null = null;

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
    this.before = rememberCall(() => this.lasting);
    // A page that the browser keeps must not hold a socket (back/forward cache).
    window.addEventListener("pagehide", () => this.release());
    window.addEventListener("pageshow", ({ persisted }) => persisted && this.resume());
  }

  /** Begin with the call that this tab had, or that another tab of the shop has. */
  hostConnected(): void {
    this.unwatch = this.shared.watch(() => this.lookElsewhere());
    if (this.view) return;
    if (this.before) this.takeUp(this.before);
    else this.lookElsewhere();
  }

  /** A shop's code may take the panel out of the page, and the loader puts it back: the call goes on. */
  hostDisconnected(): void {
    this.unwatch();
  }

  /** Load what talking by PC needs; where it does not come, `problem` says so. */
  async loadPc(): Promise<void> {
    try {
      this.pc ??= await import("./pc");
    } catch {
      this.change(() => (this.problem = new CallProblem("server_unreachable", "A file did not come.")));
      return;
    }
    if (this.microphone) return;
    const microphone = new this.pc.Microphone();
    microphone.on("level", (level) => this.showLevel("yours", level));
    this.change(() => (this.microphone = microphone));
  }

  /** Whether there is a call that goes on. */
  get live(): boolean {
    return this.view !== null && isLive(this.view);
  }

  /** Whether the shopper talks in another tab: here is nothing to hear. */
  get elsewhere(): boolean {
    return this.by === "pc" && (this.onlooking || this.line?.elsewhere === true);
  }

  /** One sentence that says how it stands. */
  get words(): string {
    if (this.callback) return callbackWords(this.callback, this.now, words);
    if (!this.view) return "";
    if (this.rejoined && this.view.sequence < 0) return words.rejoining;
    return statusWords(this.view, this.now, this.by, words);
  }

  /** Seconds that the two have talked. */
  get talked(): number {
    const { view } = this;
    if (!view || view.bridgedAt === null) return 0;
    return view.endedAt === null ? this.serverClock.elapsed(view.bridgedAt) : talkSeconds(view, view.endedAt);
  }

  /** Seconds since the click. */
  get waited(): number {
    return this.view?.startedAt == null ? 0 : this.serverClock.elapsed(this.view.startedAt);
  }

  /** Server time now, in seconds since the epoch. */
  get now(): number {
    return this.serverClock.now;
  }

  async ask(api: CallApi, proof: CallProof, request: CallRequest): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    this.problem = null;
    this.host.requestUpdate();
    try {
      const { ticket, progress, leg } = await api.request(request, proof);
      const by = request.by ?? "phone";
      this.follow(api, ticket, by, leg, progress);
      if (this.live) this.shared.tell({ origin: api.origin, ticket, by });
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
    // From that moment on the other side hears nothing.
    if (this.line) this.line.muted = true;
    try {
      await this.api.hangUp(this.ticket);
      this.problem = null;
      this.line?.end();
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

  /** Whether the shopper wants to see the page that they are asked about. */
  answerPush(accepted: boolean): void {
    const { asked } = this;
    if (!asked) return;
    this.change(() => (this.asked = null));
    this.sayOf(asked, accepted);
    if (accepted) this.open(asked);
  }

  /** Forget the call, for another one. */
  reset(): void {
    this.release();
    this.view = null;
    this.ticket = null;
    this.line = null;
    this.rejoined = this.onlooking = false;
    this.problem = null;
    this.hangingUp = false;
    this.callback = null;
    this.cancelling = false;
    this.story = [];
    this.connection = "closed";
    this.asked = this.answered = null;
    this.host.requestUpdate();
  }

  /** The call to find again after a reload: one that goes on, in this tab. */
  private get lasting(): RememberedCall | null {
    const { api, ticket, by, view } = this;
    if (!api || !ticket || !view || !isLive(view) || this.elsewhere) return null;
    return { origin: api.origin, ticket, by };
  }

  private takeUp({ origin, ticket, by }: RememberedCall): void {
    const talks = by === "pc" && !this.onlooking;
    [this.rejoined, this.view, this.ticket, this.by] = [true, INITIAL_VIEW, ticket, by];
    void (talks ? this.loadPc() : Promise.resolve()).then(() => {
      if (this.ticket === ticket) this.follow(new CallApi(origin), ticket, by, null);
    });
  }

  /** Another tab has placed a call: show it here, unless this tab has one of its own. */
  private lookElsewhere(): void {
    const { answered, current } = this.shared;
    if (this.asked && this.asked.push <= answered) this.change(() => (this.asked = null));
    if (!current || this.live || this.asking) return;
    this.reset();
    this.onlooking = true;
    this.takeUp(current);
    this.host.requestUpdate();
  }

  /** The page was kept by the browser meanwhile, and its sockets are gone. */
  private resume(): void {
    const { lasting, api, ticket, by, onlooking } = this;
    if (!this.live || !api || !ticket) return this.lookElsewhere();
    this.onlooking = onlooking || lasting === null;
    this.takeUp({ origin: api.origin, ticket, by });
  }

  private follow(
    api: CallApi,
    ticket: CallTicket,
    by: TalkBy,
    leg: FirstLeg | null,
    first: ProgressLine | null = null,
  ): void {
    this.api = api;
    this.ticket = ticket;
    this.by = by;
    this.view = INITIAL_VIEW;
    if (first) {
      // It was made a moment ago.
      this.serverClock.heard(first.at);
      this.progressed(first);
    }
    if (this.view.phase === "ended") return;
    const line = by === "pc" && !this.onlooking ? this.openLine(leg) : null;
    this.line = line;
    this.follower = new CallFollower(api, ticket, {
      progressed: (news) => this.progressed(news),
      connection: (state) =>
        this.change(() => {
          this.connection = state;
          // What could not be reached is reached again.
          if (state === "live" && this.problem?.id === "server_unreachable") this.problem = null;
        }),
      gone: (problem) => this.lost(problem),
      signalled: (message) => line?.receive(message),
      pushed: (push) => this.pushed(push),
      sharedView: (news) => this.hearOfView(news),
    });
    this.clock = setInterval(() => this.host.requestUpdate(), 500);
  }

  private openLine(leg: FirstLeg | null): PcLine | null {
    const { microphone, pc } = this;
    if (!pc || !microphone) return null;
    const line = new pc.PcLine(microphone, (message) => this.follower?.say(message) ?? false, {
      changed: () => {
        if (line.elsewhere) microphone.close();
        this.host.requestUpdate();
      },
      level: (level) => this.showLevel("theirs", level),
    });
    if (leg) line.expect(leg);
    return line;
  }

  private pushed(push: PagePush): void {
    // It is shown where the shopper is; a tab that they do not see must not answer for them.
    if (this.onlooking && (document.visibilityState === "hidden" || push.push <= this.shared.answered))
      return;
    if (this.answered?.push === push.push) {
      this.sayOf(push, this.answered.accepted);
    } else if (push.mode !== "go" || placeOf(push, this.by, window.location.href) === "new_tab") {
      // Another tab opens after a click alone.
      this.change(() => (this.asked = push));
    } else {
      this.sayOf(push, true);
      this.open(push);
    }
  }

  private sayOf({ push }: PagePush, accepted: boolean): void {
    this.shared.answer(push);
    this.answered = { push, accepted };
    this.follower?.say({ type: "page_answer", push, accepted });
  }

  private open(push: PagePush): void {
    if (placeOf(push, this.by, window.location.href) === "new_tab") {
      window.open(push.url, "_blank", "noopener");
      return;
    }
    rememberWay(push.url, window.location.href);
    setTimeout(() => window.location.assign(push.url), GO_AFTER);
  }

  /** The server knows the call no more. */
  private lost(problem: CallProblem): void {
    this.release();
    if (this.ticket) this.shared.forget(this.ticket);
    // It ended while the page was reloaded, and there is nothing left to tell of it.
    if (this.rejoined && this.view?.sequence === -1) this.reset();
    else this.change(() => (this.problem = problem));
  }

  private progressed(line: ProgressLine): void {
    if (line.now !== undefined) this.serverClock.heard(line.now);
    const before = this.view ?? INITIAL_VIEW;
    const after = advance(before, line);
    if (after === before) return;
    this.view = after;
    const said = statusWords(after, line.at, this.by, words);
    if (said !== this.story.at(-1)?.words) {
      // A wait that grows shorter is no news of its own.
      const waits = before.phase === "queued" && after.phase === "queued";
      const stays = waits && [null, after.position].includes(before.position);
      const earlier = stays ? this.story.slice(0, -1) : this.story;
      this.story = [...earlier, { seconds: line.at - (after.startedAt ?? line.at), words: said }];
    }
    if (after.disposition === "shopper_unreachable") this.line?.unreached();
    if (after.phase === "ended") this.over();
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

  private over(): void {
    this.release();
    if (this.ticket) this.shared.forget(this.ticket);
  }

  /** Follow no longer, and close the microphone. */
  private release(): void {
    clearInterval(this.clock);
    this.follower?.stop();
    this.follower = null;
    this.asked = null;
    this.line?.end();
    this.microphone?.close();
  }
}

function asProblem(error: unknown): CallProblem {
  if (error instanceof CallProblem) return error;
  throw error;
}

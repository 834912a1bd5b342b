/** The agent's desk: who is logged in, how the line is, the legs in this page. Knows nothing of its look. */

import { Events, LegProblem, Microphone, ReloadMemory, ServerClock } from "@ringback/browser-leg";
import { type AgentApi, ApiProblem } from "./agent-api";
import { AgentLeg, type MakeLeg, makeLeg } from "./agent-leg";
import { AgentLine } from "./agent-line";
import { DeskCalls } from "./desk-calls";
import { DeskChats } from "./desk-chats";
import { DeskViews } from "./shared-view/desk-views";
import type { AgentMe, AgentRing, AgentServerMessage, ChooseState, LeadsMoved, Me } from "./messages";
import { remember, remembered } from "./settings";

export type Stage = "loading" | "unreachable" | "login" | "desk";
export type Choice = ChooseState["state"];

/** A call that is over, as the list of them shows it. */
export interface ListedCall {
  /** When it rang, in ms since 1970 by the server's clock. */
  readonly at: number;
  readonly site: string;
  /** The shopper's, empty where nobody tells it. */
  readonly name: string;
  readonly number: string;
  readonly cause: string;
  readonly talked: boolean;
  /** Seconds that the two talked. */
  readonly seconds: number;
}

/** Ms for the server to tell of its calls on a new WebSocket, before one it does not tell of is taken for over. */
const CONFIRM_WITHIN = 1_500;
const MOST_PAST = 20;
const LOGGED_OUT = "You were logged out. Please log in again.";
const NO_COOKIE =
  "Your browser did not save the log-in. Allow cookies for this page (in its settings, or with the icon to the left of the address bar), and log in again.";
/** Problems that end a call. */
const FATAL: ReadonlySet<string> = new Set(["no_path", "unsupported"]);

export class Desk extends Events<{ changed: void }> {
  stage: Stage = "loading";
  /** `paused`: queues of the PBX in which the agent's own phone is paused. */
  me: (AgentMe & Partial<Pick<Me, "paused">>) | null = null;
  /** What the agent chose; unknown until the server said so. */
  choice: Choice | null = null;
  /** Why one has to log in again. */
  notice = "";
  problem: ApiProblem | null = null;
  busy = false;
  line: AgentLine | null = null;
  readonly legs = new Map<string, AgentLeg>();
  readonly calls: DeskCalls;
  readonly chats: DeskChats;
  readonly views: DeskViews;
  /** The newest first. */
  past: readonly ListedCall[] = [];
  /** How many leads there are; null where none are followed. A new one for each change of the list. */
  leads: LeadsMoved | null = null;
  readonly clock = new ServerClock();
  readonly microphone: Microphone;
  /** Why the last call came to nothing here, until the agent has read it. */
  trouble: LegProblem | null = null;
  /** What became of the microphone while nobody called. */
  microphoneProblem: LegProblem | null = null;
  private isChecking = false;
  private readonly memory: ReloadMemory;
  private readonly over = new Set<string>();
  private hasBeenLive = false;
  /** Whether `me` was heard on the newest WebSocket. */
  private knows = false;
  /** What was chosen while nobody could be told. */
  private untold: Choice | null = null;
  /** Whether the server tells of the calls that are over: then this page keeps no list of its own. */
  private hasRecent = false;
  /** Whether somebody logged in on this page, and the server has not known them since. */
  private justLoggedIn = false;
  /** Who was logged out by the server: what they were writing is there when they log in again. */
  private lost = "";
  private confirming: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly api: AgentApi,
    microphone = new Microphone(),
    private readonly makeLine: (api: AgentApi) => AgentLine = (of) => new AgentLine(of),
    private readonly make: MakeLeg = makeLeg,
    memory?: (current: () => string | null) => ReloadMemory,
  ) {
    super();
    this.calls = new DeskCalls(
      (message) => this.line?.say(message) ?? false,
      () => this.changed(),
      (call) => this.list(call, call.cause, call.seconds > 0, call.seconds, this.clock.now * 1000),
      undefined,
      this.clock,
    );
    this.chats = new DeskChats(
      (message) => this.line?.say(message) ?? false,
      () => this.changed(),
      this.clock,
    );
    this.views = new DeskViews(
      (message) => this.line?.say(message) ?? false,
      () => this.changed(),
    );
    this.microphone = microphone;
    void microphone.choose(remembered("microphone"));
    const current = (): string | null => this.talk?.leg.leg ?? null;
    this.memory = memory ? memory(current) : new ReloadMemory("ringback.leg", current);
    microphone.on("problem", (problem) => {
      if (this.talk) this.talk.microphoneFares(problem);
      else this.microphoneProblem = problem;
      this.changed();
    });
    microphone.on("opened", () => {
      this.microphoneProblem = null;
      this.changed();
    });
    // One that was plugged in: a call that rings can be answered now.
    microphone.on("devices", () => {
      for (const leg of this.legs.values()) if (!leg.ours) leg.microphoneFares(null);
      if (!this.microphone.problem) this.microphoneProblem = null;
      this.changed();
    });
  }

  /** The call that is talked on here, or about to be. */
  get talk(): AgentLeg | null {
    return [...this.legs.values()].find(({ ours }) => ours) ?? null;
  }

  get ringing(): AgentLeg | null {
    return [...this.legs.values()].find(({ phase }) => phase === "ringing") ?? null;
  }

  get elsewhere(): AgentLeg | null {
    return [...this.legs.values()].find(({ phase }) => phase === "elsewhere") ?? null;
  }

  /** Whether the agent looks at the microphone, call or not. */
  get checking(): boolean {
    return this.isChecking;
  }

  set checking(checking: boolean) {
    this.isChecking = checking;
    if (!checking) this.rest();
    this.changed();
  }

  /** Find out whether somebody is logged in here. */
  async begin(): Promise<void> {
    this.problem = null;
    this.to("loading");
    try {
      this.enter(await this.api.me());
    } catch (problem) {
      if (!(problem instanceof ApiProblem)) throw problem;
      this.problem = problem.id === "not_logged_in" ? null : problem;
      this.to(problem.id === "not_logged_in" ? "login" : "unreachable");
    }
  }

  async logIn(agent: string, password: string, code = ""): Promise<void> {
    await this.ask(async () => {
      const me = await this.api.logIn(agent, password, code);
      remember("agent", me.agent);
      this.notice = "";
      this.justLoggedIn = true;
      this.enter(me);
    });
  }

  async logOut(): Promise<void> {
    await this.ask(async () => {
      await this.api.logOut();
      this.leave("");
    });
  }

  choose(choice: Choice): void {
    this.choice = choice;
    const said = this.line?.say({ type: "choose_state", state: choice }) ?? false;
    this.untold = said ? null : choice;
    this.changed();
  }

  async chooseMicrophone(device: string): Promise<void> {
    remember("microphone", device);
    await this.microphone.choose(device);
  }

  /** The agent has read what went wrong. */
  forgive(): void {
    this.trouble = null;
    this.changed();
  }

  /** Speak again in a call whose microphone went. */
  async reopen(): Promise<void> {
    try {
      await this.microphone.open();
    } catch (problem) {
      if (!(problem instanceof LegProblem)) throw problem;
      this.talk?.tell(problem);
    }
  }

  private async ask(what: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.problem = null;
    this.changed();
    try {
      await what();
    } catch (problem) {
      if (!(problem instanceof ApiProblem)) throw problem;
      this.problem = problem;
    } finally {
      this.busy = false;
      this.changed();
    }
  }

  private enter(me: AgentMe): void {
    if (me.agent !== this.lost) this.chats.clear();
    this.lost = "";
    this.know(me);
    const line = this.makeLine(this.api);
    this.line = line;
    line.on("message", (message) => this.hear(message));
    line.on("logged_out", () => {
      this.lost = this.me?.agent ?? "";
      this.leave(this.justLoggedIn ? NO_COOKIE : LOGGED_OUT);
    });
    line.on("state", (state) => {
      // What did not work then need not fail now.
      if (state === "live") this.problem = null;
      if (state === "live") this.confirm();
      else clearTimeout(this.confirming);
      this.changed();
    });
    line.start();
    this.to("desk");
  }

  private leave(notice: string): void {
    this.line?.stop();
    this.line = null;
    clearTimeout(this.confirming);
    for (const call of this.legs.values()) call.leg.abandon();
    this.legs.clear();
    this.calls.clear();
    this.views.clear();
    if (this.lost === "") this.chats.clear();
    this.past = [];
    this.leads = null;
    this.me = this.choice = this.trouble = this.untold = null;
    this.hasBeenLive = this.knows = this.hasRecent = this.justLoggedIn = false;
    this.checking = false;
    this.notice = notice;
    this.to("login");
  }

  // What the server says ----------------------------------------------------------------------------------

  private hear(message: AgentServerMessage): void {
    if ("now" in message) this.clock.heard(message.now);
    switch (message.type) {
      case "ring":
        this.rung(message);
        break;
      case "leg_state":
        this.legs.get(message.leg)?.told(message);
        break;
      case "me":
        this.told(message);
        break;
      case "recent_calls":
        this.hasRecent = true;
        this.past = message.calls.map((call) => ({ ...call, at: call.at * 1000, cause: call.cause ?? "" }));
        break;
      case "desk":
      case "colleagues":
      case "pop":
      case "desk_call":
      case "kept":
      case "push_state":
        this.calls.hear(message);
        break;
      case "desk_chat":
      case "desk_entries":
      case "shopper_typing":
      case "desk_sent":
      case "chat_nudge":
      case "chat_canned":
      case "chat_kept":
      case "chat_board":
        this.chats.hear(message);
        break;
      case "view":
        this.views.hear(message);
        break;
      case "views":
        this.views.hearRunning(message.views);
        break;
      case "leads_moved":
        this.leads = message;
        break;
      case "refused":
        if (message.chat_id === null) this.calls.hear(message);
        else this.chats.hear(message);
        break;
      default: {
        const call = this.legs.get(message.leg);
        call?.leg.receive(message);
        if (call && message.type === "gone") this.gone(call, message.cause);
      }
    }
    this.changed();
  }

  /** `me` on the WebSocket: what the agent is, and what they chose on whichever of their pages. */
  private told(me: Me): void {
    const { choice } = me;
    const mine = this.untold ?? this.choice;
    const first = !this.knows;
    this.knows = true;
    this.justLoggedIn = false;
    this.know(me);
    if (choice === "available" || choice === "away") this.choice = choice;
    if (!first) return;
    // They chose while the line was lost, or the server was started again and asks what they had chosen.
    const forgotten = this.hasBeenLive && choice !== "available" && choice !== "away";
    this.hasBeenLive = true;
    if (mine !== null && (this.untold !== null || forgotten)) this.choose(mine);
  }

  private know(me: AgentMe): void {
    this.me = me;
    // In a call it is not told what was chosen; who is rung was available.
    if (me.state === "available" || me.state === "away") this.choice = me.state;
    else if (me.state !== "offline" && me.state !== "unknown") this.choice ??= "available";
  }

  private rung(ring: AgentRing): void {
    const known = this.legs.get(ring.leg);
    if (known) {
      known.confirmed = true;
      known.leg.receive(ring);
      return;
    }
    const call = new AgentLeg(
      ring,
      this.microphone,
      (message) => this.line?.say(message) ?? false,
      this.make,
      this.clock,
    );
    this.legs.set(ring.leg, call);
    this.calls.legRang(call);
    call.on("changed", () => {
      if (call.leg.over) this.note(call, call.leg.cause ?? "");
      // Whatever kept the last call from being talked on, this one is.
      else if (call.phase === "joined") this.trouble = null;
      this.changed();
    });
    // Before its reload this page had it.
    if (ring.under_way && this.memory.leg === ring.leg) void call.take(true);
  }

  private gone(call: AgentLeg, cause: string): void {
    this.legs.delete(call.leg.leg);
    this.note(call, cause);
  }

  /** A new WebSocket: the server tells of every call that lives. */
  private confirm(): void {
    this.knows = false;
    for (const call of this.legs.values()) call.confirmed = false;
    this.calls.unconfirm();
    this.chats.unconfirm();
    this.views.unconfirm();
    clearTimeout(this.confirming);
    this.confirming = setTimeout(() => {
      for (const call of [...this.legs.values()].filter(({ confirmed }) => !confirmed)) {
        // What is talked on is asked about, and `gone` if it is over.
        if (call.ours) this.line?.say({ type: "reattach", leg: call.leg.leg });
        else this.gone(call, "cancelled");
      }
      this.calls.confirm();
      this.chats.confirm();
      this.views.confirm();
      this.changed();
    }, CONFIRM_WITHIN);
  }

  private note(call: AgentLeg, cause: string): void {
    const { problem, ring } = call;
    const { seconds } = call;
    const why = call.leg.cause === "hung_up" ? "hung_up" : cause;
    this.calls.legOver(call, why, seconds);
    // What was talked on elsewhere is no call of this page.
    if (this.over.has(call.leg.leg) || (ring.under_way && !call.had)) return;
    this.over.add(call.leg.leg);
    const fatal = problem !== null && FATAL.has(problem.kind);
    if (fatal) this.trouble = problem;
    this.list(ring, fatal ? problem.kind : why, call.talked, seconds, call.rangAt);
    this.rest();
  }

  private list(
    { name, number, site }: Pick<ListedCall, "name" | "number" | "site">,
    cause: string,
    talked: boolean,
    seconds: number,
    at: number,
  ): void {
    if (this.hasRecent) return;
    this.past = [{ at, site, name, number, cause, talked, seconds }, ...this.past].slice(0, MOST_PAST);
  }

  /** Nobody listens any more. */
  private rest(): void {
    if (!this.isChecking && !this.talk) this.microphone.close();
  }

  private to(stage: Stage): void {
    this.stage = stage;
    this.changed();
  }

  private changed(): void {
    this.emit("changed", undefined);
  }
}

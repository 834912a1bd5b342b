/** One call at the desk: what is known of the shopper, how it stands, and what the agent does with it. */

import { type Refused, ServerClock } from "@ringback/browser-leg";
import type { AgentLeg, LegPhase } from "./agent-leg";
import type { AgentPageMessage, CallAtDesk, Pop, PopState, PushState } from "./messages";
import { Note } from "./note";

export type DeskCallPhase =
  | LegPhase
  /** It is over, and the agent says what it was about. */
  | "wrap_up";

/** What the agent asked for and the server did not do. */
export interface Refusal {
  readonly request: AgentPageMessage["type"] | string | null;
  readonly reason: Refused["reason"] | "offline";
}

/** A page that the agent wants the shopper to see. */
export interface Push {
  readonly url: string;
  readonly title: string;
  readonly state: PushState["state"] | "asked";
}

export type Mode = "blind" | "attended";

const MOST_PUSHES = 5;

export class DeskCall {
  /** Its leg in this page; null for a call on the agent's own phone. */
  leg: AgentLeg | null = null;
  /** Whether that leg is over. */
  left = false;
  pop: Pop | null = null;
  popState: PopState | null = null;
  /** When the pop came to that state: seconds since the epoch. */
  popSince: number | null = null;
  /** What the server told of it last; null before the agent has it. */
  state: CallAtDesk | null = null;
  /** What it was about; null until somebody says so. */
  code: string | null = null;
  refused: Refusal | null = null;
  /** The newest first. */
  pushes: readonly Push[] = [];
  /** Whether another page of this agent's has it. */
  elsewhere = false;
  /** Whether the server has told of it on the newest WebSocket. */
  confirmed = true;
  /** Why it is over, by the server's or the leg's hangup cause; empty while it is not. */
  cause = "";
  /** How long they talked, in seconds, once it is over. */
  seconds = 0;
  readonly note: Note;
  /** There is no time for it at this desk, but the agent may still say what the call was about. */
  private unfinished = false;

  constructor(
    readonly id: string,
    private readonly send: (message: AgentPageMessage) => boolean,
    private readonly changed: () => void,
    readonly clock = new ServerClock(),
  ) {
    this.note = new Note((text) => this.say({ type: "note", call_id: id, text }), changed);
  }

  get phase(): DeskCallPhase {
    if (this.leg && !this.left && this.leg.phase !== "ended") {
      // While the agent holds the shopper or consults, they are joined with nobody and still have the call.
      const has = this.leg.phase === "answered" && this.state?.state === "talking";
      return has ? "joined" : this.leg.phase;
    }
    if (this.state?.state === "wrap_up" || this.unfinished) return "wrap_up";
    if (this.elsewhere) return "elsewhere";
    if (this.leg || this.popState === "over") return "ended";
    if (this.state?.state === "talking" || this.popState === "answered") return "joined";
    return this.popState === "offered" ? "ringing" : "ended";
  }

  /** Whether there is still something to see: also while the server has not said yet what follows its end. */
  get there(): boolean {
    if (this.phase === "ended") return this.state?.state === "talking";
    return this.phase !== "elsewhere";
  }

  /** Whether its sound is in this page; an agent's own phone has its own keys. */
  get here(): boolean {
    return this.leg !== null;
  }

  /** Whether the agent talks in it, here or on their phone. */
  get talks(): boolean {
    return ["connecting", "answered", "joined", "reconnecting"].includes(this.phase);
  }

  /** Whether the agent may do with it what one does with a call that one has. */
  get mine(): boolean {
    return this.talks && this.state?.state === "talking";
  }

  /** The name of its site in the settings. */
  get siteName(): string {
    return this.state?.site ?? "";
  }

  /** What people call the site that it comes from. */
  get site(): string {
    return this.pop?.site || this.leg?.ring.site || "";
  }

  get number(): string {
    return this.pop?.number || this.leg?.ring.number || "";
  }

  /** The shopper's name, empty where nobody tells it; and whether the site's server vouches for it. */
  get name(): string {
    return this.pop?.name || this.leg?.ring.name || "";
  }

  get nameSigned(): boolean {
    return this.pop?.name ? this.pop.name_signed : (this.leg?.ring.name_signed ?? false);
  }

  /** For how long the two have talked, in seconds; null before. */
  get talkSeconds(): number | null {
    const { joinedAt } = this;
    return joinedAt === null ? null : this.clock.elapsed(joinedAt / 1000);
  }

  /** When the two were joined, in ms since the epoch by the server's clock; null before. */
  get joinedAt(): number | null {
    if (this.leg?.joinedAt) return this.leg.joinedAt;
    const since = this.state?.since ?? (this.popState === "answered" && !this.leg ? this.popSince : null);
    return since === null ? null : since * 1000;
  }

  // What the agent does ------------------------------------------------------------------------------------

  hold(): void {
    this.say({ type: "hold", call_id: this.id });
  }

  resume(): void {
    this.say({ type: "resume", call_id: this.id });
  }

  transfer(to: string, mode: Mode): void {
    this.say({ type: "transfer", call_id: this.id, to, mode });
  }

  completeTransfer(): void {
    this.say({ type: "complete_transfer", call_id: this.id });
  }

  /** End it: what is talked on here by leaving, what is on a phone by asking for it. */
  hangUp(): void {
    if (this.leg?.ours) this.leg.leg.hangUp();
    else this.say({ type: "end_call", call_id: this.id });
  }

  /** Send the shopper's page to one of the catalogue's, or to an address. */
  push(page: string, title: string, url: string): void {
    this.pushes = [{ title, url, state: "asked" as const }, ...this.pushes].slice(0, MOST_PUSHES);
    this.say({ type: "push_page", call_id: this.id, page });
  }

  /** Say what it was about; told to the server when the wrap-up ends. */
  choose(code: string | null): void {
    this.code = code;
    this.changed();
  }

  /** End the wrap-up. */
  finish(): void {
    this.unfinished = false;
    this.note.flush();
    this.say({ type: "wrap_up", call_id: this.id, code: this.code });
  }

  private say(message: AgentPageMessage): boolean {
    // Notes are sent by themselves: what the agent is told meanwhile stays.
    if (message.type !== "note") this.refused = null;
    const said = this.send(message);
    if (!said) this.refuse({ request: message.type, reason: "offline" });
    this.changed();
    return said;
  }

  // What the server tells ----------------------------------------------------------------------------------

  /** `coded`: whether agents are to say what calls were about. */
  told(state: CallAtDesk, coded = false): void {
    const before = this.state;
    this.state = state;
    this.confirmed = true;
    // Whatever was refused, the call has gone on since.
    if (before && (before.held !== state.held || before.transfer !== state.transfer)) this.refused = null;
    if (before === null) this.kept(state.note, state.code);
    if (before === null || before.state === "over" || state.state !== "over" || state.code !== null) return;
    // It was over before the agent was done.
    if (this.code !== null && before.code === null) this.finish();
    else this.unfinished = coded && this.code === null && before.state === "talking";
  }

  popped(pop: Pop, state: PopState, since: number): void {
    this.pop = pop;
    this.popState = state;
    this.popSince = since;
    this.confirmed = true;
  }

  /** The server knows it no more. */
  lost(): void {
    if (this.state) this.state = { ...this.state, state: "over" };
    if (this.popState) this.popState = "over";
  }

  kept(note: string | null, code: string | null): void {
    this.note.told(note ?? "");
    this.code ??= code;
  }

  pushed({ url, title, state }: PushState): void {
    const at = this.pushes.findIndex((push) => push.state === "asked" || push.url === url);
    const news = { url, title: title || this.pushes[at]?.title || url, state };
    this.pushes =
      at < 0
        ? [news, ...this.pushes].slice(0, MOST_PUSHES)
        : this.pushes.map((old, n) => (n === at ? news : old));
  }

  refuse(refusal: Refusal): void {
    if (refusal.request === "note") {
      // Without a connection it is sent when there is one again.
      if (refusal.reason !== "offline") this.note.failed();
      return;
    }
    if (refusal.request === "push_page") this.pushes = this.pushes.filter(({ state }) => state !== "asked");
    this.refused = refusal;
  }
}

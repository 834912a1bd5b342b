/** The calls at the desk, by their ids: what rings, what is talked on, what is to be wrapped up. */

import { ServerClock, webAddress } from "@ringback/browser-leg";
import type { AgentLeg } from "./agent-leg";
import { type DeskCallPhase, DeskCall } from "./desk-call";
import { NO_SETTINGS, withStates } from "./desk-settings";
import type {
  AgentPageMessage,
  AgentServerMessage,
  DeskSettings,
  FilledLink,
  PopState,
  ScreenPop,
} from "./messages";
import { OpenedLinks } from "./opened-links";

/** As many calls as are remembered, for what is still said about those that are over. */
const MOST = 30;
const URGENCY: readonly DeskCallPhase[] = [
  "joined",
  "reconnecting",
  "answered",
  "connecting",
  "ringing",
  "wrap_up",
  "ended",
];

export class DeskCalls {
  settings: DeskSettings = NO_SETTINGS;
  /** Links that the browser did not let us open, by call. */
  readonly blocked = new Map<string, readonly FilledLink[]>();
  private readonly calls = new Map<string, DeskCall>();
  private chosen: string | null = null;

  constructor(
    private readonly send: (message: AgentPageMessage) => boolean,
    private readonly changed: () => void,
    /** A call on the agent's own phone is over for them. */
    private readonly wasOver: (call: DeskCall) => void = () => {},
    private readonly links = new OpenedLinks(),
    private readonly clock = new ServerClock(),
  ) {}

  /** What there is to look at, the most urgent first. */
  get all(): readonly DeskCall[] {
    const urgency = ({ phase }: DeskCall): number => URGENCY.indexOf(phase);
    return [...this.calls.values()].filter(({ there }) => there).sort((a, b) => urgency(a) - urgency(b));
  }

  /** What the agent looks at: what they chose, else what is most urgent. */
  get current(): DeskCall | null {
    const { all } = this;
    return all.find(({ id }) => id === this.chosen) ?? all[0] ?? null;
  }

  choose(id: string): void {
    this.chosen = id;
    this.changed();
  }

  get(id: string): DeskCall | null {
    return this.calls.get(id) ?? null;
  }

  clear(): void {
    this.calls.clear();
    this.blocked.clear();
    this.chosen = null;
    this.settings = NO_SETTINGS;
  }

  // What happens to legs in this page ----------------------------------------------------------------------

  legRang(leg: AgentLeg): void {
    const call = this.of(leg.ring.call_id);
    call.leg = leg;
    call.elsewhere = call.left = false;
    call.cause = "";
  }

  legOver(leg: AgentLeg, cause: string, seconds: number): void {
    const call = this.calls.get(leg.ring.call_id);
    if (call?.leg !== leg) return;
    call.left = true;
    call.cause = cause;
    call.seconds = seconds;
    if (cause !== "answered_elsewhere") return;
    call.leg = null;
    call.elsewhere = true;
  }

  /** A new WebSocket: the server tells of every call that lives, and hears what it has not. */
  unconfirm(): void {
    for (const call of this.calls.values()) {
      call.confirmed = false;
      call.note.flush();
    }
  }

  /** Forget what the server told nothing of on the newest WebSocket. */
  confirm(): void {
    for (const call of this.calls.values()) {
      if (!call.confirmed && !call.leg?.ours) call.lost();
    }
  }

  private of(id: string): DeskCall {
    const known = this.calls.get(id);
    if (known) return known;
    const call = new DeskCall(id, this.send, this.changed, this.clock);
    this.calls.set(id, call);
    const [oldest] = this.calls.values();
    if (this.calls.size > MOST && oldest && !oldest.there) this.calls.delete(oldest.id);
    return call;
  }

  // What the server tells ----------------------------------------------------------------------------------

  hear(message: AgentServerMessage): void {
    switch (message.type) {
      case "desk":
        this.settings = message;
        break;
      case "colleagues":
        this.settings = withStates(this.settings, message);
        break;
      case "pop":
        this.popped(message);
        break;
      case "desk_call":
        this.of(message.call_id).told(message, this.settings.codes.length > 0);
        break;
      case "kept":
        this.get(message.call_id)?.kept(message.note, message.code);
        break;
      case "push_state":
        this.get(message.call_id)?.pushed(message);
        break;
      case "refused":
        this.get(message.call_id ?? "")?.refuse(message);
        break;
    }
  }

  private popped({ call_id, cause, pop, since, state }: ScreenPop): void {
    const call = this.of(call_id);
    const { phase, talkSeconds } = call;
    // What is no address of the web is no link.
    const links = pop.links.filter(({ url }) => webAddress(url) !== null);
    call.popped({ ...pop, links }, state, since);
    if (state === "offered" || state === "answered") this.openLinks(call, state);
    else if (state === "over" && !call.leg && (phase === "joined" || phase === "ringing")) {
      call.cause = cause ?? "";
      call.seconds = talkSeconds ?? 0;
      this.wasOver(call);
    }
  }

  /** The agent opened a link themselves that the browser had not let open. */
  opened(callId: string, url: string): void {
    const left = (this.blocked.get(callId) ?? []).filter((link) => link.url !== url);
    if (left.length > 0) this.blocked.set(callId, left);
    else this.blocked.delete(callId);
    this.changed();
  }

  private openLinks(call: DeskCall, state: PopState): void {
    // It rings in this page, and another one may yet take it.
    const ours = call.leg === null || call.leg.ours;
    if (!call.pop || call.elsewhere || (state === "answered" && !ours)) return;
    const due = call.pop.links.filter(
      ({ open }) => open === "offer" || (open === "answer" && state === "answered"),
    );
    const blocked = due.filter(({ url }) => !this.links.openOnce(call.id, url));
    if (blocked.length > 0) this.blocked.set(call.id, blocked);
  }
}

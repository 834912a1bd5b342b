/** One chat at the desk: what was said, what is on its way, and what the agent does with it. */

import { type Refused, ServerClock } from "@ringback/browser-leg";
import type { Push } from "./desk-call";
import type { AgentPageMessage, CannedOption, ChatAtDesk, ChatHeard, ChatLineTold, Pop } from "./messages";
import { Note } from "./note";

/** Something that the agent wrote and the server has not confirmed. */
export interface Unsent {
  readonly key: string;
  readonly text: string;
  /** For agents' eyes alone. */
  readonly note: boolean;
  readonly canned: string | null;
  /** Why the server did not take it; null while it is on its way. */
  readonly refused: Refused["reason"] | null;
}

/** What the agent asked for and the server did not do. */
export interface ChatRefusal {
  readonly request: string | null;
  readonly reason: Refused["reason"] | "offline";
}

/** Ms after which the other side is taken to type no more, and between two that tell it. */
const TYPED_FOR = 6_000;
const TELL_EVERY = 3_000;
/** Pages of which the agent sees what became of them. */
const MOST_PUSHES = 5;
/** What stands around a gap of a canned reply. */
const GAP = /[\u27e6\u27e7]/;

export const hasGap = (text: string): boolean => GAP.test(text);

function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class DeskChat {
  /** How it stands; null until the server has told. */
  state: ChatAtDesk | null = null;
  /** Whether there are entries before the first one here. */
  earlier = false;
  /** What the agent is writing, and whether it is a note. */
  draft = "";
  canned: string | null = null;
  noting = false;
  /** Entries of the shopper's that the agent has not seen. */
  unread = 0;
  /** The shopper waits for a word. */
  nudged = false;
  replies: readonly CannedOption[] | null = null;
  refused: ChatRefusal | null = null;
  unsent: readonly Unsent[] = [];
  /** A page is a card in the chat. */
  readonly cards = true;
  /** What it was about. */
  code: string | null = null;
  /** Whether the agent had it: then it may be wrapped up. */
  had = false;
  /** Whether the server has told of it on the newest WebSocket. */
  confirmed = true;
  readonly note: Note;
  private readonly said = new Map<number, ChatLineTold>();
  /** The page that is on its way to the chat. */
  private pushing: {
    readonly key: string;
    readonly page: string;
    readonly title: string;
    readonly url: string;
  } | null = null;
  private typedAt = 0;
  private toldAt = 0;

  constructor(
    readonly id: string,
    private readonly send: (message: AgentPageMessage) => boolean,
    private readonly changed: () => void,
    readonly clock = new ServerClock(),
    private readonly now: () => number = () => Date.now(),
    private readonly newKey: () => string = randomKey,
  ) {
    this.note = new Note(
      (text) => this.send({ type: "chat_wrap_up", chat_id: id, note: text, code: this.code }),
      changed,
    );
  }

  /** What it is to this agent. */
  get part(): ChatAtDesk["state"] {
    return this.state?.state ?? "unknown";
  }

  get talks(): boolean {
    return this.part === "talking";
  }

  /** Whether it is over for this agent and nothing is left to do. */
  get done(): boolean {
    return this.part === "over" && !this.had;
  }

  get pop(): Pop | null {
    return this.state?.pop ?? null;
  }

  /** The name of its site in the settings. */
  get siteName(): string {
    return this.state?.site ?? "";
  }

  get site(): string {
    return this.pop?.site || this.state?.site || "";
  }

  get name(): string {
    return this.pop?.name ?? "";
  }

  /** Whether the shopper has typed a moment ago. */
  get typing(): boolean {
    return this.now() - this.typedAt < TYPED_FOR;
  }

  /** Seconds until the offer ends; null for no offer. */
  get secondsLeft(): number | null {
    const until = this.state?.until ?? null;
    return this.part === "offered" && until !== null ? Math.max(0, Math.ceil(until - this.clock.now)) : null;
  }

  /** Seconds until the wrap-up ends by itself, which takes room until then; null: there is none. */
  get wrapUpLeft(): number | null {
    const until = this.state?.until ?? null;
    return this.part === "over" && until !== null ? Math.max(0, Math.ceil(until - this.clock.now)) : null;
  }

  /** What was said in order; notes stand where they were written. */
  get lines(): readonly ChatLineTold[] {
    const order = (line: ChatLineTold): number => (line.seq < 0 ? Number.MAX_SAFE_INTEGER : line.seq);
    return [...this.said.values()].sort((a, b) => {
      if (a.seq > 0 && b.seq > 0) return a.seq - b.seq;
      if (a.seq < 0 && b.seq < 0) return b.seq - a.seq;
      return a.at - b.at || order(a) - order(b);
    });
  }

  /** The last entry without a gap before it; null: none. */
  get last(): number | null {
    const numbers = [...this.said.keys()].filter((seq) => seq > 0).sort((a, b) => a - b);
    let last: number | null = null;
    for (const seq of numbers) {
      if (last !== null && seq !== last + 1) break;
      last = seq;
    }
    return last;
  }

  // What the agent does ------------------------------------------------------------------------------------

  accept(): void {
    this.say({ type: "chat_accept", chat_id: this.id });
  }

  decline(): void {
    this.say({ type: "chat_decline", chat_id: this.id });
  }

  /** Write down what the agent is typing, and tell the shopper now and then. */
  write(text: string): void {
    this.draft = text;
    if (text === "") this.canned = null;
    if (text !== "" && !this.noting && this.talks && this.now() - this.toldAt >= TELL_EVERY) {
      this.toldAt = this.now();
      this.send({ type: "desk_typing", chat_id: this.id });
    }
    this.changed();
  }

  /** Send the draft; false where there is nothing to send, or a gap to be filled. */
  submit(): boolean {
    const text = this.draft.trim();
    if (text === "" || (hasGap(text) && !this.noting)) return false;
    const unsent = { key: this.newKey(), text, note: this.noting, canned: this.canned, refused: null };
    this.unsent = [...this.unsent, unsent];
    this.draft = "";
    this.canned = null;
    this.nudged = false;
    this.refused = null;
    this.transmit(unsent);
    this.changed();
    return true;
  }

  /** Try once more to send what the server did not take. */
  again(key: string): void {
    this.unsent = this.unsent.map((each) => (each.key === key ? { ...each, refused: null } : each));
    const unsent = this.unsent.find((each) => each.key === key);
    if (unsent) this.transmit(unsent);
    this.changed();
  }

  /** Give up what the server did not take, and have its text in the draft again. */
  takeBack(key: string): void {
    const unsent = this.unsent.find((each) => each.key === key);
    this.unsent = this.unsent.filter((each) => each.key !== key);
    if (unsent && this.draft === "") this.draft = unsent.text;
    this.changed();
  }

  askReplies(): void {
    this.send({ type: "ask_canned", chat_id: this.id });
  }

  pick(reply: CannedOption): void {
    this.draft = reply.text;
    this.canned = reply.name;
    this.noting = false;
    this.changed();
  }

  moreEntries(): void {
    const first = Math.min(...[...this.said.keys()].filter((seq) => seq > 0));
    if (this.earlier && Number.isFinite(first)) {
      this.send({ type: "desk_earlier", chat_id: this.id, before: first });
    }
  }

  pass(to: string, note: string): void {
    this.say({ type: "chat_pass", chat_id: this.id, to, note });
  }

  /** Ask the shopper for a call: their page asks for the number, and places it. */
  call(): void {
    this.say({ type: "chat_call", chat_id: this.id });
  }

  /** Whether a call may be asked for: none is asked for, placed or talked on. */
  get mayCall(): boolean {
    return this.talks && ["none", "over"].includes(this.state?.chat.call ?? "");
  }

  /** Offer the shopper a page: one of the catalogue's, or an address. */
  push(page: string, title: string, url: string): void {
    this.pushing = { key: this.newKey(), page, title, url };
    this.offerPage();
    this.changed();
  }

  private offerPage(): void {
    if (!this.pushing) return;
    const { key, page } = this.pushing;
    // Without a connection it waits for the next one, as what is written does.
    this.send({ type: "chat_page", chat_id: this.id, key, page });
  }

  /** The pages that were offered, the newest first, and what the shopper did with each. */
  get pushes(): readonly Push[] {
    const pushes: Push[] = [];
    for (const { kind, text } of this.lines) {
      const [last] = pushes;
      if (kind === "card") {
        const [title = "", url = ""] = text.split("\n");
        // One that was not answered is replaced.
        if (last?.state === "sent") pushes[0] = { ...last, state: "unknown" };
        pushes.unshift({ title, url, state: "sent" });
      } else if (kind === "event" && last && (text === "page_accepted" || text === "page_declined")) {
        pushes[0] = { ...last, state: text === "page_accepted" ? "accepted" : "declined" };
      }
    }
    if (this.pushing) pushes.unshift({ ...this.pushing, state: "asked" });
    return pushes.slice(0, MOST_PUSHES);
  }

  end(): void {
    this.say({ type: "desk_end", chat_id: this.id, code: this.code });
  }

  watch(on: boolean): void {
    this.say({ type: "chat_watch", chat_id: this.id, on });
  }

  take(): void {
    this.say({ type: "chat_take", chat_id: this.id });
  }

  choose(code: string | null): void {
    this.code = code;
    this.send({ type: "chat_wrap_up", chat_id: this.id, note: this.note.text, code });
    this.changed();
  }

  /** The agent is done with what is over. */
  finish(): void {
    this.note.flush();
    if (this.wrapUpLeft !== null) this.send({ type: "chat_done", chat_id: this.id });
    this.had = false;
    this.changed();
  }

  seen(): void {
    this.unread = 0;
    this.changed();
  }

  private transmit({ key, text, note, canned }: Unsent): void {
    this.send(
      note
        ? { type: "chat_whisper", chat_id: this.id, key, text }
        : { type: "desk_say", chat_id: this.id, key, text, canned },
    );
  }

  private say(message: AgentPageMessage): void {
    this.refused = this.send(message) ? null : { request: message.type, reason: "offline" };
    this.changed();
  }

  // What the server tells ----------------------------------------------------------------------------------

  told(state: ChatAtDesk): void {
    const before = this.part;
    this.state = state;
    this.confirmed = true;
    const wrapsUp = state.state === "over" && state.until !== null;
    this.had ||= state.state === "talking" || (wrapsUp && before === "unknown");
    if (state.state === "unknown" || (state.state === "over" && !(wrapsUp && before === "unknown"))) return;
    if (before !== state.state) this.follow();
  }

  /** A new WebSocket: ask for what was missed, and send again what was not confirmed. */
  resume(): void {
    this.confirmed = false;
    this.note.flush();
    if (this.part === "over" || this.part === "unknown") return;
    this.follow();
    for (const unsent of this.unsent) if (unsent.refused === null) this.transmit(unsent);
    this.offerPage();
  }

  private follow(): void {
    this.send({ type: "desk_follow", chat_id: this.id, after: this.last });
  }

  heard({ earlier, entries }: ChatHeard, looking: boolean): void {
    const first = entries.find(({ seq }) => seq > 0)?.seq;
    const before = [...this.said.keys()].filter((seq) => seq > 0);
    // Only what begins before all that is here says whether there is more.
    if (first !== undefined && (before.length === 0 || first < Math.min(...before))) this.earlier = earlier;
    for (const entry of entries) {
      const isNew = !this.said.has(entry.seq);
      this.said.set(entry.seq, entry);
      if (entry.key) this.unsent = this.unsent.filter(({ key }) => key !== entry.key);
      if (entry.key && entry.key === this.pushing?.key) this.pushing = null;
      if (isNew && entry.by === "shopper") {
        this.typedAt = 0;
        if (!looking && before.length > 0) this.unread += 1;
      }
      if (entry.by === "agent" && entry.kind === "text") this.nudged = false;
    }
    const last = this.last;
    const most = Math.max(0, ...[...this.said.keys()]);
    // Something between is missing: the server sends it again.
    if (before.length > 0 && last !== null && last < most && first !== undefined && first > last)
      this.follow();
  }

  shopperTypes(): void {
    this.typedAt = this.now();
    setTimeout(this.changed, TYPED_FOR + 50);
  }

  sent(key: string, seq: number): void {
    if (this.said.has(seq)) this.unsent = this.unsent.filter((each) => each.key !== key);
    else this.follow();
  }

  kept(note: string, code: string | null): void {
    this.note.told(note);
    this.code ??= code;
  }

  refuse({ key, reason, request }: Refused): void {
    if (request === "chat_wrap_up") {
      this.note.failed();
    } else if (key && this.unsent.some((each) => each.key === key)) {
      this.unsent = this.unsent.map((each) => (each.key === key ? { ...each, refused: reason } : each));
    } else if (request !== "desk_typing" && request !== "desk_follow") {
      if (request === "chat_page") this.pushing = null;
      this.refused = { request, reason };
    }
  }

  /** The server knows it no more. */
  lost(): void {
    if (this.state) this.state = { ...this.state, state: "over" };
  }
}

/** The shopper's chat in this tab: asked for, followed through lost connections, pages and tabs. No look of its own. */

import { type OpenSocket, openWebSocket, readMessage, Retries, type Socket } from "@ringback/browser-leg";
import { CallProblem, type CallTicket, type Json } from "@ringback/call-client";
import {
  CHAT_MESSAGES,
  type ChatEntries,
  type ChatMoved,
  type ChatPageMessage,
  type FlowStands,
} from "@ringback/call-client/chat";
import { randomKey } from "../random-key";
import type { HearOfView } from "../view-seam";
import { CHAT_KEY, ChatMemory, identity, type KeptChat } from "./chat-memory";
import { ChatStory, type Unsent } from "./chat-story";
import { Threads } from "./threads";

/** Where the chat is, and whose. */
export interface ChatPlace {
  /** The server, with a slash at its end. */
  readonly base: string;
  readonly site: string;
  page(): string;
  /** The language that the panel speaks. */
  language(): string;
  /** What the page passes of its shopper. */
  context(): Readonly<Record<string, Json>>;
  visitor(): string;
  /** The page token of `ringback.identify`, or null. */
  token(): string | null;
  /** What the shop's server signs for this chat. */
  signed(): Promise<{ signed?: string }>;
  /** An agent asks to see the page, or does not any more. */
  readonly shared: HearOfView;
}

/** WebSocket.OPEN, and the server's close codes. */
const OPEN = 1;
const UNKNOWN = 4404;
const TOO_MANY = 4429;
/** Ms: the other side's typing is gone after; ours is told at most every. */
const TYPED_FOR = 6_000;
const TELL_EVERY = 3_000;

export class LiveChat {
  ticket: CallTicket | null = null;
  story = new ChatStory();
  state: ChatMoved | null = null;
  flow: FlowStands | null = null;
  /** What is being written. */
  draft = "";
  /** Whether the chat is being asked for. */
  opening = false;
  /** Whether the connection is there. */
  connected = false;
  /** Why there is no chat. */
  problem: CallProblem | null = null;
  /** What the server did not do, and why. */
  refused: { readonly request: string; readonly reason: string } | null = null;
  /** Entries of others that the shopper has not seen. */
  unread = 0;
  /** Whether the shopper looks at it. */
  looking = false;
  rated = false;
  /** Whether the chat was there before this page. */
  rejoined = false;
  readonly threads: Threads;

  private socket: Socket | null = null;
  private readonly retries: Retries;
  private wish = randomKey();
  private form: Readonly<Record<string, string>> = {};
  private typedAt = -TYPED_FOR;
  private toldAt = -TELL_EVERY;

  constructor(
    private readonly place: ChatPlace,
    private readonly changed: () => void,
    private readonly memory = new ChatMemory(),
    private readonly connection: OpenSocket = openWebSocket,
    page: Pick<EventTarget, "addEventListener"> = window,
  ) {
    this.threads = new Threads(place.base);
    this.retries = new Retries(() => this.connect(), {
      hurry: () => {
        if (this.retries.waiting) this.connect();
      },
    });
    const draft = memory.takeDraft();
    this.look();
    if (draft && draft.id === (this.ticket?.id ?? "")) {
      this.story.unsent = draft.unsent;
      this.draft = draft.draft;
      this.wish = draft.wish;
      // It was asked for as the page went: with the same key it is the same chat.
      if (!this.ticket && draft.unsent.length > 0) void this.begin();
    }
    page.addEventListener("pagehide", () => this.leavePage());
    page.addEventListener("pageshow", (event) => {
      if ((event as PageTransitionEvent).persisted && this.ticket) this.connect();
    });
    page.addEventListener("storage", (event) => {
      if ((event as StorageEvent).key === CHAT_KEY) this.look();
    });
  }

  /** Whether it goes on. */
  get live(): boolean {
    if (!this.ticket) return false;
    return this.state ? this.state.state !== "ended" : !this.memory.chat?.ended;
  }

  get typing(): boolean {
    return Date.now() - this.typedAt < TYPED_FOR;
  }

  /** Take up the chat that this browser has of this shopper, and no other one. */
  look(): void {
    const kept = this.memory.chat;
    const mine = kept?.of === this.of && kept.who === this.who ? kept : null;
    this.rated = mine?.rated ?? false;
    if (mine?.ticket.id === this.ticket?.id) return;
    // A chat that is on its way is this tab's own.
    if (this.opening && !mine) return;
    this.drop();
    if (mine) {
      this.rejoined = true;
      this.take(mine.ticket);
    }
    this.changed();
  }

  // What the shopper does ----------------------------------------------------------------------------------

  /** Ask for a chat, unless there is one; `form` is what the shopper was asked first. */
  async begin(form?: Readonly<Record<string, string>>): Promise<void> {
    if (form) this.form = form;
    if (this.ticket || this.opening) return;
    this.opening = true;
    this.problem = null;
    this.changed();
    const { place, who } = this;
    try {
      const signed = await place.signed();
      const ticket = await this.threads.open({
        site_key: place.site,
        key: this.wish,
        visitor: place.visitor(),
        page: place.page(),
        language: place.language(),
        context: { ...place.context(), ...this.form },
        ...signed,
      });
      if (who !== this.who) return;
      this.rejoined = false;
      this.keep({ of: this.of, who, ticket, ended: false, rated: false });
      this.take(ticket);
    } catch (problem) {
      if (!(problem instanceof CallProblem)) throw problem;
      this.problem = problem;
      this.story.refuseAll(problem.id);
    } finally {
      this.opening = false;
      this.changed();
    }
  }

  /** Begin another chat after this one. */
  renew(): void {
    if (this.ticket) this.memory.forget(this.ticket.id);
    this.drop();
    this.changed();
  }

  /** End it, and forget it. The server hears of it as soon as there is a connection. */
  leave(): void {
    const { live, ticket } = this;
    const told = live && this.say({ type: "chat_end" });
    this.renew();
    if (told || !live || !ticket) return;
    const socket = this.open(ticket);
    socket.onopen = () => {
      socket.send(JSON.stringify({ type: "chat_end" } satisfies ChatPageMessage));
      socket.close();
    };
  }

  /** The server knows it no more: what was being written stays. */
  private lost(): void {
    const texts = [...this.story.unsent.map(({ text }) => text), this.draft];
    this.renew();
    this.draft = texts.filter((text) => text !== "").join("\n");
  }

  write(text: string): void {
    this.draft = text;
    if (text !== "" && this.live && Date.now() - this.toldAt >= TELL_EVERY) {
      this.toldAt = Date.now();
      this.say({ type: "chat_typing" });
    }
    this.changed();
  }

  /** Send a text; with it the chat begins, if there is none. */
  submit(text: string, form?: Readonly<Record<string, string>>): void {
    const said = text.trim();
    if (said === "") return;
    this.refused = null;
    this.transmit(this.story.write(randomKey(), said));
    if (!this.ticket) void this.begin(form);
    this.changed();
  }

  /** Try once more to send what was not taken. */
  again(key: string): void {
    this.story.again(key);
    const unsent = this.story.unsent.find((each) => each.key === key);
    if (unsent) this.transmit(unsent);
    if (!this.ticket) void this.begin();
    this.changed();
  }

  takeBack(key: string): void {
    const text = this.story.takeBack(key);
    this.draft ||= text;
    this.changed();
  }

  moreEntries(): void {
    this.say({ type: "chat_earlier", before: this.story.first });
  }

  /** Do something else than write. */
  act(message: ChatPageMessage): void {
    this.refused = this.say(message) ? null : { request: message.type, reason: "offline" };
    this.changed();
  }

  rate(rating: number, text: string): void {
    if (!this.say({ type: "chat_rate", rating, text })) return this.act({ type: "chat_rate", rating, text });
    this.rated = true;
    this.note({ rated: true });
    this.changed();
  }

  seen(looking: boolean): void {
    this.looking = looking;
    if (looking) this.unread = 0;
  }

  // The connection -----------------------------------------------------------------------------------------

  private take(ticket: CallTicket): void {
    this.ticket = ticket;
    this.connect();
  }

  private connect(): void {
    const { ticket } = this;
    if (!ticket) return;
    this.retries.cancel();
    this.socket?.close();
    const socket = this.open(ticket);
    this.socket = socket;
    socket.onopen = () => {
      if (socket !== this.socket) return;
      this.connected = true;
      this.follow();
      for (const unsent of this.story.unsent) if (unsent.refused === null) this.transmit(unsent);
      this.changed();
    };
    socket.onmessage = ({ data }) => {
      if (socket === this.socket) this.hear(data);
    };
    socket.onclose = ({ code }) => {
      if (socket !== this.socket) return;
      this.socket = null;
      this.connected = false;
      if (code === UNKNOWN) this.lost();
      else this.retries.failed(code === TOO_MANY ? 20_000 : undefined);
      this.changed();
    };
  }

  private open(ticket: CallTicket): Socket {
    return this.connection(this.threads.events(ticket), ["ringback.v2", `token.${ticket.token}`]);
  }

  private follow(): void {
    this.say({ type: "chat_follow", after: this.story.last });
  }

  private transmit({ key, text }: Unsent): void {
    this.say({ type: "chat_say", key, text });
  }

  /** False: there is no connection right now. */
  private say(message: ChatPageMessage): boolean {
    if (this.socket?.readyState !== OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  private hear(data: unknown): void {
    const message = readMessage(CHAT_MESSAGES, data);
    if (!message) return;
    this.retries.reset();
    switch (message.type) {
      case "chat_state":
        this.moved(message);
        break;
      case "chat_entries":
        this.heard(message);
        break;
      case "agent_typing":
        this.typedAt = Date.now();
        setTimeout(this.changed, TYPED_FOR + 50);
        break;
      case "chat_sent":
        if (this.story.repeated(message.key, message.seq)) this.follow();
        break;
      case "chat_flow":
        this.asked(message);
        break;
      case "shared_view":
      case "shared_view_over":
        this.place.shared(message);
        break;
      case "refused":
        if (this.story.refuse(message.key, message.reason)) break;
        if (message.request !== "chat_typing")
          this.refused = { request: message.request ?? "", reason: message.reason };
    }
    this.changed();
  }

  private moved(state: ChatMoved): void {
    this.state = state;
    const ended = state.state === "ended";
    if (ended) this.flow = null;
    this.note({ ended });
  }

  private heard(message: ChatEntries): void {
    const before = this.story.last;
    if (this.story.hear(message)) this.follow();
    const news = this.story.lines.filter(({ seq }) => before !== null && seq > before);
    if (news.some(({ by, kind }) => by === "agent" && kind === "text")) this.typedAt = -TYPED_FOR;
    if (!this.looking)
      this.unread += news.filter(({ by, kind }) => by !== "shopper" && kind !== "event").length;
  }

  /** A question whose answer is being changed has it in the field. */
  private asked(flow: FlowStands): void {
    const key = flow.question?.key;
    if (key !== this.flow?.question?.key && this.draft === "") this.draft = flow.question?.value ?? "";
    this.flow = flow.over ? null : flow;
  }

  // What is kept -------------------------------------------------------------------------------------------

  private get of(): string {
    return `${this.place.base} ${this.place.site}`;
  }

  private get who(): string {
    return identity(this.place.token());
  }

  private keep(chat: KeptChat): void {
    this.memory.keep(chat);
  }

  private note(news: Partial<Pick<KeptChat, "ended" | "rated">>): void {
    const kept = this.memory.chat;
    if (!kept || kept.ticket.id !== this.ticket?.id) return;
    const next = { ...kept, ...news };
    if (next.ended !== kept.ended || next.rated !== kept.rated) this.keep(next);
  }

  private leavePage(): void {
    const { draft, story, ticket, wish } = this;
    if (draft !== "" || story.unsent.length > 0)
      this.memory.keepDraft({ id: ticket?.id ?? "", draft, unsent: story.unsent, wish });
    this.release();
  }

  private release(): void {
    const { socket } = this;
    this.retries.cancel();
    this.socket = null;
    this.connected = false;
    socket?.close();
  }

  /** Nothing is left of the chat in this tab. */
  private drop(): void {
    this.release();
    this.ticket = this.state = this.flow = this.problem = this.refused = null;
    this.story = new ChatStory();
    this.wish = randomKey();
    this.draft = "";
    this.unread = 0;
    this.rated = false;
    this.form = {};
  }
}

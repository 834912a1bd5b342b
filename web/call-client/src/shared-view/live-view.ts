/** A shared view on the shopper's page: its WebSocket through lost connections, and how it stands. No look of its own. */

import { type OpenSocket, openWebSocket, parseJson, Retries, type Socket } from "@ringback/browser-leg";
import { isRecord } from "@ringback/browser-leg/shapes";
import type { ActionDone, AgentPoints, DoAction, ViewPageMessage, ViewServerMessage } from "./messages";
import { type Piece, pieceText } from "./pieces";
import type { Scope } from "./scopes";
import {
  answered,
  askedFirst,
  FIRST,
  heard,
  over,
  type Question,
  revoked,
  type ViewState,
} from "./view-state";

/** A view of this shopper, and what opens it. */
export interface ViewTicket {
  readonly view: string;
  readonly token: string;
}

/** The page in which the view is. */
export interface ViewPlace {
  /** The server, with a slash at its end. */
  readonly base: string;
  /** This document's own name for itself. */
  readonly tab: string;
  url(): string;
  title(): string;
  visible(): boolean;
}

export type Outcome = Pick<ActionDone, "result" | "reason">;

/** What the page does for the view. */
export interface ViewListener {
  changed(): void;
  /** Record this document from now on, by this number; null: not any more. */
  record(page: number | null): void;
  snapshot(): void;
  act(action: DoAction): Promise<Outcome>;
  pointed(at: AgentPoints): void;
}

/** WebSocket.OPEN, and close codes of docs/co-browse.md. */
const OPEN = 1;
const OVER = 1000;
const STRANGE_TOKEN = 4401;
const UNKNOWN = 4404;
const TAKEN_OVER = 4409;
const TOO_FAST = 4429;
/** Bytes that wait in the browser: more, and what was recorded goes nowhere until they are gone. */
const MOST_WAITING = 2 * 1024 * 1024;

export class LiveView {
  state: ViewState;
  private socket: (Socket & { readonly bufferedAmount?: number }) | null = null;
  private readonly retries: Retries;
  private resumed: boolean;
  private stopped = false;
  /** What is said as soon as there is a connection: the shopper's answer. */
  private owed: ViewPageMessage | null = null;

  constructor(
    readonly ticket: ViewTicket,
    private readonly place: ViewPlace,
    private readonly listener: ViewListener,
    begins: { readonly question?: Question; readonly resumed?: boolean } = {},
    private readonly connection: OpenSocket = openWebSocket,
    private readonly now: () => number = () => Date.now(),
  ) {
    this.state = begins.question ? askedFirst(begins.question) : FIRST;
    this.resumed = begins.resumed ?? false;
    this.retries = new Retries(() => this.connect(), {
      hurry: () => {
        if (this.retries.waiting) this.connect();
      },
    });
    this.connect();
  }

  get over(): boolean {
    return this.state.phase === "ended";
  }

  /** The shopper agrees to these; none of them is the same as declining. */
  consent(scopes: readonly Scope[]): void {
    const { question } = this.state;
    if (!question) return;
    if (scopes.length === 0) return this.decline();
    this.move(answered(this.state, scopes));
    this.owe({ type: "consent", scopes: [...scopes], version: question.consent.version });
  }

  decline(): void {
    const { agreed } = this.state;
    this.move(agreed.length > 0 ? { ...this.state, question: null } : over(this.state, "declined"));
    this.owe({ type: "decline" });
  }

  revoke(scopes: readonly Scope[]): void {
    if (!scopes.some((scope) => this.state.agreed.includes(scope))) return;
    const after = revoked(this.state, scopes);
    if (after.phase === "ended") return this.end();
    this.move(after);
    this.say({ type: "revoke", scopes: [...scopes] });
  }

  /** The shopper ends it: at once here, whatever the connection does. */
  end(): void {
    if (this.over) return;
    this.listener.record(null);
    this.move(over(this.state, "shopper"));
    this.owe({ type: "end" });
  }

  /** The server has said elsewhere that it is over. */
  close(reason: string): void {
    if (!this.over) this.move(over(this.state, reason));
    this.stop();
  }

  /** Whether the shopper looks at this tab. */
  looked(visible: boolean): void {
    this.say({ type: "visible", visible });
  }

  /** Send what was recorded; false: it went nowhere, and a new snapshot is needed. */
  give(pieces: readonly Piece[]): boolean {
    const { socket } = this;
    if (socket?.readyState !== OPEN || (socket.bufferedAmount ?? 0) > MOST_WAITING) return false;
    for (const piece of pieces) socket.send(pieceText(piece));
    return true;
  }

  tooLarge(page: number): void {
    this.say({ type: "too_large", page });
  }

  /** The page goes: nothing more is recorded, and another document takes the view up. */
  leavePage(): void {
    this.listener.record(null);
    this.retries.cancel();
    const { socket } = this;
    this.socket = null;
    socket?.close();
    this.resumed = true;
    this.move({ ...this.state, connected: false });
  }

  /** The page came back as it was (back/forward cache). */
  comeBack(): void {
    if (!this.over && !this.socket) this.connect();
  }

  private connect(): void {
    this.retries.cancel();
    const { base } = this.place;
    const url = `${base.replace(/^http/, "ws")}v1/views/${encodeURIComponent(this.ticket.view)}`;
    const socket = this.connection(url, ["ringback.v2"]);
    this.socket = socket;
    socket.onopen = () => {
      if (socket === this.socket) this.greet();
    };
    socket.onmessage = ({ data }) => {
      if (socket === this.socket) this.hear(data);
    };
    socket.onclose = ({ code }) => {
      if (socket === this.socket) this.lost(code);
    };
  }

  private greet(): void {
    const { place, ticket, resumed } = this;
    this.say({
      type: "hello",
      token: ticket.token,
      tab: place.tab,
      url: place.url().slice(0, 2000),
      title: place.title().slice(0, 300),
      visible: place.visible(),
      resumed,
    });
  }

  private hear(data: unknown): void {
    const message = readViewMessage(data);
    if (!message) return;
    this.retries.reset();
    switch (message.type) {
      case "ping":
        this.say({ type: "pong" });
        break;
      case "record":
        // What the shopper has ended here is over, whatever the server has not heard yet.
        if (!this.over) this.listener.record(message.on ? message.page : null);
        break;
      case "snapshot":
        this.listener.snapshot();
        break;
      case "action":
        void this.act(message);
        break;
      case "pointer":
        if (this.state.agreed.includes("point")) this.listener.pointed(message);
        break;
      case "welcome":
        this.resumed = true;
        this.move(
          this.owed
            ? { ...this.state, connected: !this.over, rules: message.rules }
            : heard(this.state, message, this.now()),
        );
        this.pay();
        break;
      default:
        if (this.over && message.type !== "ended") return;
        this.move(heard(this.state, message, this.now()));
    }
    if (this.over) this.stop();
  }

  private async act(action: DoAction): Promise<void> {
    const outcome = await this.listener.act(action);
    this.say({ type: "done", action: action.action, ...outcome });
  }

  private lost(code: number): void {
    this.socket = null;
    this.listener.record(null);
    if (this.stopped || (this.over && this.owed === null)) return;
    if (code === OVER || code === STRANGE_TOKEN || code === UNKNOWN || code === TAKEN_OVER) {
      this.owed = null;
      this.move(this.over ? this.state : over(this.state, code === TAKEN_OVER ? "replaced" : "gone"));
      return this.stop();
    }
    this.move({ ...this.state, connected: false });
    this.retries.failed(code === TOO_FAST ? 5_000 : undefined);
  }

  /** Say it now, or with the next connection. */
  private owe(message: ViewPageMessage): void {
    this.owed = message;
    if (this.state.connected || this.socket?.readyState === OPEN) this.pay();
  }

  private pay(): void {
    const { owed } = this;
    if (!owed || !this.say(owed)) return;
    this.owed = null;
    if (owed.type === "end") this.stop();
  }

  private say(message: ViewPageMessage): boolean {
    if (this.socket?.readyState !== OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  private stop(): void {
    this.stopped = true;
    this.retries.stop();
    this.listener.record(null);
    const { socket } = this;
    this.socket = null;
    socket?.close();
  }

  private move(next: ViewState): void {
    this.state = next;
    this.listener.changed();
  }
}

const TYPES = ["welcome", "record", "snapshot", "action", "pointer", "ask", "state", "ended", "ping"];

/** What the server says; null for what this page does not know. The server is the shop's own, and may be newer. */
function readViewMessage(data: unknown): ViewServerMessage | null {
  const value = typeof data === "string" ? parseJson(data) : undefined;
  if (!isRecord(value) || !TYPES.includes(value["type"] as string)) return null;
  return value as unknown as ViewServerMessage;
}

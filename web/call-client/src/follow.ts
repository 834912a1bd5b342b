/** Follows a call's live progress on a WebSocket, through lost connections, until it ended. */

import {
  type OpenSocket,
  openWebSocket,
  readMessage,
  Retries,
  type ServerLegMessage,
  type SharedViewAsked,
  type SharedViewOver,
  type Socket,
} from "@ringback/browser-leg";
import type { CallApi, CallTicket } from "./calls";
import { SHOPPER_MESSAGES, type ShopperPageMessage } from "./messages";
import { pageOf, type PagePush } from "./page-push";
import { CallProblem } from "./problem";
import type { ProgressLine } from "./progress";

export type Connection = "connecting" | "live" | "lost" | "closed";

export interface Listener {
  /** A line of progress; after a reconnect lines may come again. */
  progressed(line: ProgressLine): void;
  /** How the socket fares. */
  connection(state: Connection): void;
  /** The server knows the call no more, or refuses to tell us: nothing will follow. */
  gone(problem: CallProblem): void;
  /** The server says something about a leg in this page. */
  signalled?(message: ServerLegMessage): void;
  /** An agent asks to see this page, or the question is over. */
  sharedView?(message: SharedViewAsked | SharedViewOver): void;
  /** The shopper is to see a page; told again after a reconnect, until it was answered. */
  pushed?(push: PagePush): void;
}

/** WebSocket.OPEN. */
const OPEN = 1;

export class CallFollower {
  private socket: Socket | null = null;
  private readonly retries: Retries;
  private stopped = false;

  constructor(
    private readonly api: CallApi,
    private readonly ticket: CallTicket,
    private readonly listener: Listener,
    private readonly open: OpenSocket = openWebSocket,
  ) {
    this.retries = new Retries(() => this.connect(), {
      hurry: () => {
        if (this.retries.waiting) this.connect();
      },
    });
    this.listener.connection("connecting");
    this.connect();
  }

  /** Follow no longer; the listener hears nothing more. */
  stop(): void {
    this.stopped = true;
    this.retries.stop();
    this.socket?.close();
  }

  /** Say something about a leg, or about a page that was pushed; false: there is no socket right now. */
  say(message: ShopperPageMessage): boolean {
    if (this.stopped || this.socket?.readyState !== OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  private connect(): void {
    this.retries.cancel();
    const url = `${this.api.origin.replace(/^http/, "ws")}/v1/calls/${encodeURIComponent(this.ticket.id)}/events`;
    const socket = this.open(url, ["ringback.v2", `token.${this.ticket.token}`]);
    this.socket = socket;
    socket.onopen = () => {
      if (this.stopped) return;
      this.retries.reset();
      this.listener.connection("live");
    };
    socket.onmessage = ({ data }) => {
      if (!this.stopped) this.hear(data);
    };
    socket.onclose = () => {
      if (!this.stopped) void this.lost();
    };
  }

  private hear(data: unknown): void {
    const message = readMessage(SHOPPER_MESSAGES, data);
    if (!message) return;
    switch (message.type) {
      case "progress":
        this.take(message);
        break;
      case "open_page": {
        const page = pageOf(message);
        if (page) this.listener.pushed?.(page);
        break;
      }
      case "refused":
        console.warn(
          "The server refused what this page said:",
          message.request,
          message.reason,
          message.detail,
        );
        break;
      case "shared_view":
      case "shared_view_over":
        this.listener.sharedView?.(message);
        break;
      default:
        this.listener.signalled?.(message);
    }
  }

  private take(line: ProgressLine): void {
    if (this.stopped) return;
    this.listener.progressed(line);
    if (line.state !== "ended") return;
    this.stop();
    this.listener.connection("closed");
  }

  /** A socket says nothing of why it failed, so ask over HTTP where the call stands before the next try. */
  private async lost(): Promise<void> {
    this.listener.connection("lost");
    try {
      const line = await this.api.look(this.ticket);
      if (line) this.take(line);
    } catch (problem) {
      if (!(problem instanceof CallProblem)) throw problem;
      if (this.stopped) return;
      if (problem.status === 404) {
        this.stop();
        this.listener.connection("closed");
        this.listener.gone(problem);
        return;
      }
    }
    if (!this.stopped) this.retries.failed();
  }
}

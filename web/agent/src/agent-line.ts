/** The agent's WebSocket: kept open through everything but being logged out. */

import {
  Events,
  openWebSocket,
  type OpenSocket,
  readMessage,
  Retries,
  type Socket,
} from "@ringback/browser-leg";
import { type AgentApi, ApiProblem } from "./agent-api";
import { AGENT_MESSAGES, type AgentPageMessage, type AgentServerMessage } from "./messages";

export type LineState =
  | "connecting"
  | "live"
  /** Tried again by itself. */
  | "lost"
  /** The browser says that there is no network at all. */
  | "offline"
  /** Eight pages of this agent are open already; tried again by itself, slowly. */
  | "too_many";

export interface LineEvents {
  state: LineState;
  /** A message of the server's that this page knows. */
  message: AgentServerMessage;
  logged_out: void;
}

const NOT_LOGGED_IN = 4401;
const TOO_MANY = 4429;
const TOO_MANY_WAIT = 15_000;

export class AgentLine extends Events<LineEvents> {
  state: LineState = "connecting";
  private socket: Socket | null = null;
  private readonly retries = new Retries(() => void this.again(), { hurry: () => this.tryNow() });
  private stopped = false;

  constructor(
    private readonly api: AgentApi,
    private readonly open: OpenSocket = openWebSocket,
  ) {
    super();
  }

  start(): void {
    this.connect();
  }

  /** Speak to the server; false when there is no connection. */
  say(message: AgentPageMessage): boolean {
    if (this.state !== "live" || !this.socket) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  /** Try at once: the user is impatient, or the network is back. */
  tryNow(): void {
    if (this.stopped || this.state === "live" || this.state === "connecting") return;
    this.to("connecting");
    this.retries.reset();
    this.connect();
  }

  /** The network is gone: a socket would notice it only minutes later. */
  networkLost(): void {
    if (this.stopped) return;
    this.drop();
    this.to("offline");
  }

  stop(): void {
    this.stopped = true;
    this.drop();
    this.retries.stop();
  }

  private drop(): void {
    this.retries.cancel();
    const { socket } = this;
    this.socket = null;
    socket?.close();
  }

  private connect(): void {
    this.drop();
    const socket = this.open(this.api.events, ["ringback.v2"]);
    this.socket = socket;
    socket.onopen = () => {
      if (socket !== this.socket) return;
      this.to("live");
    };
    socket.onmessage = ({ data }) => {
      if (socket !== this.socket || typeof data !== "string") return;
      // A server that accepts and closes again is no better than one that does not accept.
      this.retries.reset();
      const message = readMessage(AGENT_MESSAGES, data);
      if (message) this.emit("message", message);
    };
    socket.onclose = ({ code }) => {
      if (socket !== this.socket || this.stopped) return;
      this.socket = null;
      void this.closed(code);
    };
  }

  private async closed(code: number): Promise<void> {
    if (code === NOT_LOGGED_IN) {
      this.loggedOut();
      return;
    }
    this.to(code === TOO_MANY ? "too_many" : "lost");
    this.retries.failed(code === TOO_MANY ? TOO_MANY_WAIT : undefined);
  }

  /** A socket that was refused does not say why, so ask over HTTP first. */
  private async again(): Promise<void> {
    const before = this.socket;
    try {
      await this.api.me();
    } catch (problem) {
      if (!(problem instanceof ApiProblem)) throw problem;
      if (this.stopped || this.socket !== before) return;
      if (problem.id === "not_logged_in") this.loggedOut();
      else await this.closed(0);
      return;
    }
    if (!this.stopped && this.socket === before) this.connect();
  }

  private loggedOut(): void {
    this.stop();
    this.emit("logged_out", undefined);
  }

  private to(state: LineState): void {
    if (state === this.state) return;
    this.state = state;
    this.emit("state", state);
  }
}

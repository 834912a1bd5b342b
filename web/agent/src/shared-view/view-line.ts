/** The document's own WebSocket: opened with a token that the desk gives, again and again while the view lasts. */

import { openWebSocket, type OpenSocket, parseJson, Retries, type Socket } from "@ringback/browser-leg";
import { isRecord } from "@ringback/browser-leg/shapes";
import type { ViewAgentMessage, ViewServerMessage } from "./messages";

/** Close codes after which there is nothing to connect to any more. */
const OVER: ReadonlySet<number> = new Set([1000, 4404, 4409]);

/** Ms for the desk to give a token, before it is asked again. */
const TOKEN_WITHIN = 4_000;

export type LineStands = "connecting" | "live" | "lost" | "over" | "elsewhere";

export class ViewLine {
  stands: LineStands = "connecting";
  private socket: Socket | null = null;
  private readonly retries: Retries;

  constructor(
    private readonly address: (view: string) => string,
    /** Ask the desk for a token. */
    private readonly wish: () => void,
    private readonly hear: (message: ViewServerMessage) => void,
    private readonly moved: () => void,
    private readonly open: OpenSocket = openWebSocket,
    retries: (again: () => void) => Retries = (again) =>
      new Retries(again, { longest: 5_000, hurry: () => this.stands === "lost" && this.begin() }),
  ) {
    this.retries = retries(() => this.begin());
  }

  /** Ask for a token; `connect` follows. */
  begin(): void {
    if (this.stands === "live" || this.stands === "over" || this.stands === "elsewhere") return;
    this.wish();
    // The desk may be offline itself.
    this.retries.failed(TOKEN_WITHIN);
  }

  connect(view: string, token: string): void {
    // A token that was asked for twice is good for later.
    if (this.socket || this.stands === "over") return;
    this.retries.cancel();
    const socket = this.open(this.address(view), ["ringback.v2"]);
    this.socket = socket;
    socket.onopen = () => {
      if (socket === this.socket) socket.send(JSON.stringify({ type: "hello", token }));
    };
    socket.onmessage = ({ data }) => {
      const message = socket === this.socket && typeof data === "string" ? readView(data) : null;
      if (!message) return;
      if (message.type === "ping") {
        this.say({ type: "pong" });
        return;
      }
      if (this.stands !== "live") {
        this.retries.reset();
        this.to("live");
      }
      if (message.type === "ended") this.finish("over");
      this.hear(message);
    };
    socket.onclose = ({ code }) => {
      if (socket !== this.socket || this.stands === "over") return;
      this.socket = null;
      if (OVER.has(code)) {
        this.finish(code === 4409 ? "elsewhere" : "over");
        return;
      }
      this.to("lost");
      this.retries.failed();
    };
  }

  /** Speak; false: there is no connection. */
  say(message: ViewAgentMessage): boolean {
    if (!this.socket || (this.stands !== "live" && message.type !== "pong")) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  private finish(stands: LineStands): void {
    this.retries.stop();
    const { socket } = this;
    this.socket = null;
    socket?.close();
    this.to(stands);
  }

  private to(stands: LineStands): void {
    this.stands = stands;
    this.moved();
  }
}

/** What the server says; what is in its events is judged where they are shown. */
function readView(source: string): ViewServerMessage | null {
  const value = parseJson(source);
  return isRecord(value) && typeof value["type"] === "string"
    ? (value as unknown as ViewServerMessage)
    : null;
}

/** The shared views of this agent, by their calls and chats: asked for, seen, over. Knows nothing of their look. */

import type { AgentPageMessage, DeskView } from "../messages";
import type { Scope } from "./view-words";

/** As many as are remembered, with those that are over. */
const MOST = 20;

export class DeskViews {
  private readonly views = new Map<string, DeskView>();
  private readonly confirmed = new Set<string>();
  private readonly refusals = new Map<string, string>();
  private readonly waiting = new Map<string, (token: string) => void>();

  constructor(
    private readonly send: (message: AgentPageMessage) => boolean,
    private readonly changed: () => void,
  ) {}

  /** The view of a call or chat; null: there is none. */
  of(talk: string): DeskView | null {
    return this.views.get(talk) ?? null;
  }

  /** Why the last wish about a call or chat came to nothing; empty: it did not. */
  refusal(talk: string): string {
    return this.refusals.get(talk) ?? "";
  }

  hear(message: DeskView): void {
    const { detail, refused, talk, token, view } = message;
    if (refused) {
      this.refusals.set(talk, detail || "That did not work.");
      this.changed();
      return;
    }
    this.refusals.delete(talk);
    this.views.delete(talk);
    this.views.set(talk, message);
    this.confirmed.add(talk);
    if (token) {
      this.waiting.get(view)?.(token);
      this.waiting.delete(view);
    }
    for (const [old, { state }] of this.views) {
      if (this.views.size <= MOST) break;
      if (state === "ended") this.views.delete(old);
    }
    this.changed();
  }

  ask(talk: string, scopes: readonly Scope[]): void {
    this.refusals.delete(talk);
    this.said(talk, { type: "ask_view", talk, scopes });
  }

  /** Join by the code that the shopper read out. */
  join(talk: string, code: string, scopes: readonly Scope[]): void {
    this.refusals.delete(talk);
    this.said(talk, { type: "join_view", talk, code, scopes });
  }

  end(talk: string): void {
    const view = this.of(talk);
    if (view) this.said(talk, { type: "end_view", view: view.view });
  }

  /** The agent has read why it is over. */
  dismiss(talk: string): void {
    this.views.delete(talk);
    this.refusals.delete(talk);
    this.changed();
  }

  /** Get a token for the document of a view, once. */
  token(view: string, given: (token: string) => void): void {
    this.waiting.set(view, given);
    this.send({ type: "view_token", view });
  }

  /** A new WebSocket: the server tells of every view that lives. */
  unconfirm(): void {
    this.confirmed.clear();
    this.waiting.clear();
  }

  /** Forget what the server told nothing of on the newest WebSocket. */
  confirm(): void {
    for (const [talk, { state }] of this.views) {
      if (state !== "ended" && !this.confirmed.has(talk)) this.views.delete(talk);
    }
  }

  clear(): void {
    this.views.clear();
    this.refusals.clear();
    this.waiting.clear();
  }

  private said(talk: string, message: AgentPageMessage): void {
    if (!this.send(message)) this.refusals.set(talk, "There is no connection to the server at the moment.");
    this.changed();
  }
}

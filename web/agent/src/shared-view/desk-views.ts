/** The shared views of this agent, by their calls and chats: asked for, seen, over. Knows nothing of their look. */

import type { AgentPageMessage, DeskView, RunningView } from "../messages";
import type { Scope } from "./view-words";

/** As many as are remembered, with those that are over. */
const MOST = 20;

export class DeskViews {
  /** Those of others that a supervisor may look at; null: this agent is none. */
  running: readonly RunningView[] | null = null;
  /** The one of them that is looked at; and whether the last one that was is over. */
  watched: string | null = null;
  watchedOver = false;
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
    if (view !== "" && view === this.watched) {
      if (refused) this.unwatch();
      else this.give(view, token);
      this.changed();
      return;
    }
    if (refused) {
      this.refusals.set(talk, detail || "That did not work.");
      this.changed();
      return;
    }
    this.refusals.delete(talk);
    this.views.delete(talk);
    this.views.set(talk, message);
    this.confirmed.add(talk);
    this.give(view, token);
    for (const [old, { state }] of this.views) {
      if (this.views.size <= MOST) break;
      if (state === "ended") this.views.delete(old);
    }
    this.changed();
  }

  /** Which views run, as supervisors are told. */
  hearRunning(running: readonly RunningView[]): void {
    this.running = running;
    if (this.watched !== null && !running.some(({ view }) => view === this.watched)) this.unwatch();
    this.changed();
  }

  /** Look at a view of somebody else's; null: at none any more. */
  watch(view: string | null): void {
    this.watched = view;
    this.watchedOver = false;
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
    this.running = this.watched = null;
    this.watchedOver = false;
  }

  private unwatch(): void {
    this.watched = null;
    this.watchedOver = true;
  }

  private give(view: string, token: string | null): void {
    if (!token) return;
    this.waiting.get(view)?.(token);
    this.waiting.delete(view);
  }

  private said(talk: string, message: AgentPageMessage): void {
    if (!this.send(message)) this.refusals.set(talk, "There is no connection to the server at the moment.");
    this.changed();
  }
}

/** The chats at the desk, by their ids: what is offered, what the agent has, what they look into. */

import { ServerClock } from "@ringback/browser-leg";
import { DeskChat } from "./desk-chat";
import type { AgentPageMessage, AgentServerMessage, BoardChat } from "./messages";

/** As many as are remembered, with those that are over. */
const MOST = 40;
/** No chat's id. */
export const NONE = "";
const ORDER: readonly DeskChat["part"][] = ["offered", "talking", "watching", "over", "unknown"];

export class DeskChats {
  /** All open chats, for who may look into them; null for everybody else. */
  board: readonly BoardChat[] | null = null;
  private readonly chats = new Map<string, DeskChat>();
  private chosen: string | null = null;

  constructor(
    private readonly send: (message: AgentPageMessage) => boolean,
    private readonly changed: () => void,
    private readonly clock = new ServerClock(),
    /** Whether nobody looks at this page. */
    private readonly isHidden: () => boolean = () => typeof document !== "undefined" && document.hidden,
  ) {}

  /** What there is to look at: offers first, then the agent's own, the oldest first. */
  get all(): readonly DeskChat[] {
    return [...this.chats.values()]
      .filter(({ done, part }) => !done && part !== "unknown")
      .sort(
        (a, b) =>
          ORDER.indexOf(a.part) - ORDER.indexOf(b.part) ||
          (a.state?.asked_at ?? 0) - (b.state?.asked_at ?? 0),
      );
  }

  get offered(): readonly DeskChat[] {
    return this.all.filter(({ part }) => part === "offered");
  }

  get unread(): number {
    return this.all.reduce((sum, { unread }) => sum + unread, 0);
  }

  /** What the agent looks at: what they chose, else what is offered or theirs; null: none. */
  get current(): DeskChat | null {
    const { all } = this;
    const chosen = all.find(({ id }) => id === this.chosen);
    return chosen ?? (this.chosen === NONE ? null : (all[0] ?? null));
  }

  /** Whether the agent chose to look at a chat, or at what is besides them. */
  get chosenFor(): "chat" | "other" {
    return this.chosen !== null && this.chosen !== NONE && this.current?.id === this.chosen
      ? "chat"
      : "other";
  }

  /** Look at a chat; `NONE`: at the desk, until another chat is offered. */
  choose(id: string): void {
    this.chosen = id;
    this.current?.seen();
    this.changed();
  }

  get(id: string): DeskChat | null {
    return this.chats.get(id) ?? null;
  }

  clear(): void {
    this.chats.clear();
    this.board = this.chosen = null;
  }

  /** A new WebSocket. */
  unconfirm(): void {
    for (const chat of this.chats.values()) chat.resume();
  }

  /** Forget what the server told nothing of on the newest WebSocket. */
  confirm(): void {
    for (const chat of this.chats.values()) if (!chat.confirmed) chat.lost();
  }

  hear(message: AgentServerMessage): void {
    switch (message.type) {
      case "desk_chat": {
        const chat = this.of(message.chat_id);
        const before = chat.part;
        chat.told(message);
        if (chat.part === "offered" && before !== "offered" && this.chosen === NONE) this.chosen = null;
        // What the agent has just accepted is what they look at.
        if (before === "offered" && chat.talks) this.choose(chat.id);
        if (chat.part === "watching" && before !== "watching") this.choose(chat.id);
        break;
      }
      case "desk_entries":
        this.get(message.chat_id)?.heard(message, this.looksAt(message.chat_id));
        break;
      case "shopper_typing":
        this.get(message.chat_id)?.shopperTypes();
        break;
      case "desk_sent":
        this.get(message.chat_id)?.sent(message.key, message.seq);
        break;
      case "chat_nudge": {
        const chat = this.get(message.chat_id);
        if (chat) chat.nudged = true;
        break;
      }
      case "chat_canned": {
        const chat = this.get(message.chat_id);
        if (chat) chat.replies = message.replies;
        break;
      }
      case "chat_kept":
        this.get(message.chat_id)?.kept(message.note, message.code);
        break;
      case "chat_board":
        this.board = message.chats;
        break;
      case "refused":
        this.get(message.chat_id ?? "")?.refuse(message);
        break;
    }
  }

  /** Somebody looks at this page again. */
  looked(): void {
    if (this.current && this.current.unread > 0) this.current.seen();
  }

  private looksAt(id: string): boolean {
    return this.current?.id === id && !this.isHidden();
  }

  /** Look into a chat of somebody else's. */
  look(id: string): void {
    this.of(id).watch(true);
  }

  private of(id: string): DeskChat {
    const known = this.chats.get(id);
    if (known) return known;
    const chat = new DeskChat(id, this.send, this.changed, this.clock);
    this.chats.set(id, chat);
    if (this.chats.size > MOST) {
      const over = [...this.chats.values()].find(({ done }) => done);
      if (over) this.chats.delete(over.id);
    }
    return chat;
  }
}

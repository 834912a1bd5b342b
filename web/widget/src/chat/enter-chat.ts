/** The chat of a page: how it comes to be, and what the shop hears of it. */

import type { Json } from "@ringback/call-client";
import type { PanelContext } from "../../../page/src/widget-seam";
import { signedBy } from "../signing";
import type { HearOfView } from "../view-seam";
import { words } from "../words";
import { speakInChat } from "./chat-words";
import { LiveChat } from "./live-chat";

/** The chat that this browser has, or none yet; `passed` is what the page tells of its shopper. */
export async function enterChat(
  context: PanelContext,
  passed: () => Readonly<Record<string, Json>>,
  changed: () => void,
  shared: HearOfView,
): Promise<LiveChat> {
  await speakInChat(words.language);
  const news = new ChatNews(context);
  let chat: LiveChat | null = null;
  chat = new LiveChat(
    {
      base: context.base,
      site: context.site,
      page: () => context.page().url,
      language: () => words.language,
      context: passed,
      visitor: () => context.visitor(),
      token: () => context.token(),
      shared,
      signed: () => signedBy(context.tell("calling", { way: "chat", number: "", country: "" })),
    },
    () => {
      if (chat) news.tell(chat);
      changed();
    },
  );
  return chat;
}

/** The shop hears once of each chat that this page began, and of its ends: one that ended may go on. */
class ChatNews {
  private known: string | null = null;
  private outcome: string | null = null;

  constructor(private readonly context: PanelContext) {}

  tell({ live, rejoined, state, ticket }: LiveChat): void {
    if (!ticket || rejoined) return;
    const { id } = ticket;
    if (id !== this.known) this.context.tell("contact", { way: "chat", id });
    if (id !== this.known || live) [this.known, this.outcome] = [id, null];
    const outcome = state?.outcome ?? null;
    if (live || outcome === null || outcome === this.outcome) return;
    this.outcome = outcome;
    const call = state?.call_id;
    this.context.tell("ended", { way: "chat", id, outcome, ...(call && { call }) });
    if (outcome === "callback" || outcome === "message") this.context.tell("booked", { kind: outcome });
  }
}

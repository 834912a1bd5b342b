/** The chat of the panel: a file of its own, which comes when the shopper chooses it, or has one already. */

import type { Json } from "@ringback/call-client";
import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { PanelContext } from "../../page/src/widget-seam";
import type { LiveChat } from "./chat/live-chat";
import type { HearOfView } from "./view-seam";

export class ChatSlot implements ReactiveController {
  /** null: not loaded. */
  chat: LiveChat | null = null;
  /** Whether its file did not come. */
  lost = false;
  private entering: Promise<LiveChat> | null = null;

  /** `passed` is what the page tells of its shopper; `shared` hears of shared views. */
  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly context: PanelContext,
    private readonly passed: () => Readonly<Record<string, Json>>,
    private readonly shared: HearOfView,
  ) {
    host.addController(this);
  }

  hostConnected(): void {}

  get live(): boolean {
    return this.chat?.live === true;
  }

  /** Whether there is a chat, live or over. */
  get begun(): boolean {
    return this.chat?.ticket != null;
  }

  async load(): Promise<void> {
    if (this.chat) return;
    this.lost = false;
    try {
      this.chat = await (this.entering ??= this.enter());
    } catch {
      this.entering = null;
      this.lost = true;
    }
    this.host.requestUpdate();
  }

  private async enter(): Promise<LiveChat> {
    const { enterChat } = await import("./chat/thread-pane");
    return enterChat(this.context, this.passed, () => this.host.requestUpdate(), this.shared);
  }
}

/** Whether this browser has a chat, of which the chat's own file reads more. */
export function hasChat(): boolean {
  try {
    return (localStorage.getItem("ringback.chat") ?? sessionStorage.getItem("ringback.chat-draft")) !== null;
  } catch {
    return false;
  }
}

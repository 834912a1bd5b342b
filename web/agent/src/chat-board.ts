/** All open chats, for who may look into them. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { BoardChat } from "./messages";
import { base, buttons } from "./styles";

const STATES: Readonly<Record<BoardChat["state"], string>> = {
  guided: "Answers questions",
  waiting: "Waits",
  offered: "Is offered",
  talking: "With",
  ended: "Over",
  unknown: "Open",
};

/** Fires `look` with the id of a chat. */
@customElement("chat-board")
export class ChatBoardPanel extends LitElement {
  @property({ attribute: false }) chats: readonly BoardChat[] = [];
  /** The server's clock, in seconds since 1970. */
  @property({ attribute: false }) now = 0;

  static override styles = [
    base,
    buttons,
    css`
      .card {
        padding: 1.25rem 1.3rem 1.4rem;
      }
      h2 {
        margin-bottom: 0.7rem;
      }
      li {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: center;
        gap: 0.2rem 0.8rem;
        padding: 0.55rem 0;
        border-top: 1px solid var(--line);
      }
      .away {
        color: var(--stop);
        font-weight: 600;
      }
    `,
  ];

  protected override render() {
    const { chats } = this;
    return html`<section class="card" aria-labelledby="board">
      <h2 id="board">All open chats</h2>
      ${
        chats.length === 0
          ? html`<p class="soft">There are none.</p>`
          : html`<ul>
              ${chats.map(
                (chat) =>
                  html`<li>
                    <span>
                      ${STATES[chat.state]} ${chat.agent ? html`<bdi>${chat.agent}</bdi>` : nothing}
                      <span class="soft"
                        >· ${chat.site} · ${Math.max(0, Math.round((this.now - chat.asked_at) / 60))}
                        min</span
                      >
                      ${chat.away ? html`<span class="away">· connection lost</span>` : nothing}
                    </span>
                    <button class="button plain small" @click=${() => this.look(chat.chat_id)}>
                      Look in
                    </button>
                  </li>`,
              )}
            </ul>`
      }
    </section>`;
  }

  private look(id: string): void {
    this.dispatchEvent(new CustomEvent("look", { detail: id }));
  }
}

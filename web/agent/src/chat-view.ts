/** One chat: who, what was said, where to write, what is known of the shopper, notes, and passing it on. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import type { ChatComposer } from "./chat-composer";
import "./chat-composer";
import "./chat-log";
import { chatRefusalWords, chatterWords, overWords } from "./chat-words";
import type { DeskChat } from "./desk-chat";
import { NO_SETTINGS } from "./desk-settings";
import "./earlier-calls";
import { warningIcon } from "./icons";
import type { DeskSettings } from "./messages";
import "./note-pad";
import "./page-push";
import "./pop-panel";
import type { DeskViews } from "./shared-view/desk-views";
import "./shared-view/shared-view-card";
import { base, buttons, fields, notices } from "./styles";

@customElement("chat-view")
export class ChatView extends LitElement {
  @property({ attribute: false }) chat!: DeskChat;
  @property({ attribute: false }) settings: DeskSettings = NO_SETTINGS;
  @property({ attribute: false }) views: DeskViews | null = null;
  @property({ attribute: false }) tick: unknown;
  @state() private passing = false;
  @query("h1") private head!: HTMLElement | null;
  @query("chat-composer") private composer!: ChatComposer | null;

  static override styles = [
    base,
    buttons,
    fields,
    notices,
    css`
      .rest {
        display: grid;
        grid-template-columns: minmax(0, 1fr) 23rem;
        gap: 1.25rem;
        align-items: start;
      }
      .shared {
        margin-bottom: 1.25rem;
      }
      .side {
        display: grid;
        gap: 1.25rem;
      }
      .talk {
        overflow: clip;
      }
      .offered {
        border-color: var(--call);
        box-shadow: 0 0 0 4px var(--call-soft);
      }
      .head {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.6rem 1rem;
        padding: 1rem 1.1rem;
      }
      .head > div {
        flex: 1 1 12rem;
        min-width: 0;
      }
      h1 {
        font-size: 1.35rem;
        overflow-wrap: anywhere;
      }
      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: 0.6rem;
        flex: none !important;
      }
      .notice {
        margin: 0 1.1rem 0.9rem;
      }
      .pass {
        display: grid;
        gap: 0.7rem;
        padding: 0 1.1rem 1.1rem;
      }
      @media (max-width: 58rem) {
        .rest {
          grid-template-columns: minmax(0, 1fr);
        }
      }
      @media (max-width: 30rem) {
        .actions,
        .actions .button {
          flex: 1 1 auto !important;
        }
      }
    `,
  ];

  override focus(): void {
    // What there is to focus may have to be drawn first.
    void this.updateComplete.then(async () => {
      await this.composer?.updateComplete;
      if (this.chat.talks && this.composer) this.composer.focus();
      else this.head?.focus();
    });
  }

  protected override render() {
    const { chat, settings, tick } = this;
    const { codes } = settings;
    return html`${this.shares ? html`<div class="shared">${this.renderShared()}</div>` : nothing}
      <div class="rest">
        <div class="side">
          <section class="card talk ${chat.part}" aria-label="The chat" data-part=${chat.part}>
            ${this.renderHead()} ${this.passing && chat.talks ? this.renderPass() : nothing}
            ${
              chat.refused && chat.refused.request !== "chat_page"
                ? html`<div class="notice bad" role="alert">
                    ${warningIcon}
                    <p>${chatRefusalWords(chat.refused)}</p>
                  </div>`
                : nothing
            }
            <chat-log .chat=${chat} .tick=${tick}></chat-log>
            ${
              chat.talks || chat.part === "watching"
                ? html`<chat-composer .chat=${chat} .tick=${tick}></chat-composer>`
                : nothing
            }
          </section>
        </div>
        <div class="side">
          <pop-panel .call=${{ leg: null, pop: chat.pop, site: chat.site }} .tick=${tick}></pop-panel>
          ${chat.pop ? html`<earlier-calls .history=${chat.pop.history}></earlier-calls>` : nothing}
          ${this.mayShare && !this.shares ? this.renderShared() : nothing}
          ${
            chat.talks && (settings.push[chat.siteName] ?? "off") !== "off"
              ? html`<page-push .call=${chat} .settings=${settings} .tick=${tick}></page-push>`
              : nothing
          }
          ${
            chat.had
              ? html`<note-pad .call=${chat} .codes=${codes} about="chat" .tick=${tick}></note-pad>`
              : nothing
          }
        </div>
      </div>`;
  }

  private get mayShare(): boolean {
    return this.views !== null && (this.chat.talks || this.chat.part === "watching");
  }

  /** Whether the page is looked at together; until then, the card for it is among the others. */
  private get shares(): boolean {
    return this.mayShare && (this.views?.of(this.chat.id) ?? null) !== null;
  }

  private renderShared() {
    const { chat, settings } = this;
    return html`<shared-view-card
      .views=${this.views}
      .talk=${chat.id}
      .scopes=${settings.views[chat.siteName] ?? []}
      .mine=${chat.talks}
      .tick=${this.tick}
    ></shared-view-card>`;
  }

  private renderHead() {
    const { chat } = this;
    const { part, secondsLeft, site, state } = chat;
    return html`<div class="head">
      <div>
        <h1 tabindex="-1"><bdi>${chatterWords(chat)}</bdi></h1>
        <p class="soft" role="status">
          ${
            part === "offered"
              ? html`wants to chat, from <bdi>${site}</bdi>. ${secondsLeft} s to accept`
              : part === "over" && state
                ? overWords(state)
                : html`<bdi>${site}</bdi>${state?.passing === "ringing" ? " · passing it on…" : nothing}${
                      state?.passing === "failed" ? " · nobody took it: it is still yours" : nothing
                    }${chat.nudged ? html` · <b>the shopper waits for your answer</b>` : nothing}`
          }
        </p>
      </div>
      <div class="actions">${this.renderActions()}</div>
    </div>`;
  }

  private renderActions() {
    const { chat } = this;
    switch (chat.part) {
      case "offered":
        return html`<button class="button call" data-accept @click=${() => chat.accept()}>Accept</button>
          <button class="button plain" @click=${() => chat.decline()}>Decline</button>`;
      case "talking":
        return html`${
            chat.mayCall
              ? html`<button
                  class="button plain small"
                  title="The shopper is asked for their number"
                  @click=${() => chat.call()}
                >
                  Call
                </button>`
              : nothing
          }<button
            class="button plain small"
            aria-expanded=${this.passing}
            @click=${() => (this.passing = !this.passing)}
          >
            Pass on
          </button>
          <button class="button stop small" data-end @click=${() => chat.end()}>End chat</button>`;
      case "watching":
        return html`<button class="button brand small" @click=${() => chat.take()}>Take over</button>
          <button class="button plain small" @click=${() => chat.watch(false)}>Look no more</button>`;
      default:
        return html`${
            chat.wrapUpLeft === null
              ? nothing
              : html`<span class="soft">Takes your room for ${chat.wrapUpLeft} s</span>`
          }<button class="button brand small" data-finish @click=${() => chat.finish()}>Done</button>`;
    }
  }

  private renderPass() {
    const agents = this.settings.transfers.filter(({ kind }) => kind === "agent");
    return html`<form class="pass" @submit=${this.pass}>
      <div>
        <label class="name" for="to">Pass the chat on to</label>
        <select id="to" name="to">
          <option value="queue">The queue: the next free agent</option>
          ${agents.map(({ label, state, to }) => html`<option value=${to}>${label} (${state ?? "unknown"})</option>`)}
        </select>
      </div>
      <div>
        <label class="name" for="why">What they should know</label>
        <input
          id="why"
          name="note"
          type="text"
          maxlength="1000"
          autocomplete="off"
          placeholder="For agents alone"
        />
      </div>
      <button class="button brand small" type="submit">Pass on</button>
    </form>`;
  }

  private pass(event: Event): void {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    this.chat.pass(String(form.get("to") ?? "queue"), String(form.get("note") ?? ""));
    this.passing = false;
  }
}

/**
 * The chat in the panel: what is said, the field to write in, and what else there is to do. Text nodes alone. Filter lists of
 * browsers block addresses with the word "chat" in them, and this file has one of its own.
 */

import { isolated } from "@ringback/browser-leg";
import type { TalkBy } from "@ringback/call-client";
import { css, html, LitElement, nothing } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import type { Typed } from "../typed";
import { loadPart } from "../later-part";
import type { SitePlan } from "../plan";
import { base, buttons } from "../styles";
import { words } from "../words";
import "./ask-pane";
import { partStyles } from "./chat-styles";
import { chatWords, type ChatWords, problemWords } from "./chat-words";
import type { LiveChat } from "./live-chat";
import "./log-pane";
import { valuesOf } from "./values";

export { enterChat } from "./enter-chat";

/** Fires `chat-call` with the way of a call that the shopper wants instead of, or beside, the chat. */
@customElement("ringback-chat")
export class ChatPane extends LitElement {
  @property({ attribute: false }) chat!: LiveChat;
  @property({ attribute: false }) plan!: SitePlan;
  /** What was typed in the other panes. */
  @property({ attribute: false }) typed!: Typed;
  /** Redraws with every change of the chat. */
  @property({ attribute: false }) tick: unknown;
  /** Of the panel's words. */
  @property() language = "en";
  @query("ringback-log") private log!: HTMLElement | null;
  @query("#entry") private entry!: HTMLTextAreaElement | null;
  @query("#before") private beforeForm!: HTMLFormElement | null;

  static override styles = [
    base,
    buttons,
    partStyles,
    css`
      :host {
        display: grid;
        gap: 0.75rem;
        min-width: 0;
      }
    `,
  ];

  private hadFocus = false;

  override connectedCallback(): void {
    super.connectedCallback();
    this.chat.seen(true);
    loadPart(() => import("./after-pane"));
  }

  private get focused(): boolean {
    return (this.getRootNode() as ShadowRoot).activeElement !== null;
  }

  protected override willUpdate(): void {
    this.hadFocus = this.focused;
  }

  /** The button that was pressed is gone: the focus would be lost with it. */
  protected override updated(): void {
    if (this.hadFocus) requestAnimationFrame(() => !this.focused && this.log?.focus());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.chat.seen(false);
  }

  private get words(): ChatWords {
    return chatWords;
  }

  protected override render() {
    const { chat, words: own } = this;
    const problem = chat.problem?.id ?? chat.refused?.reason;
    return html`
      ${chat.ticket ? this.renderStanding() : this.renderWelcome()}
      ${
        chat.ticket || chat.story.unsent.length > 0
          ? html`<ringback-log
              .chat=${chat}
              .plan=${this.plan}
              .tick=${Symbol()}
              language=${this.language}
            ></ringback-log>`
          : nothing
      }
      ${chat.typing ? html`<p class="soft small">${own.typing(this.agent)}</p>` : nothing}
      <ringback-ask
        .chat=${chat}
        .typed=${this.typed}
        .tick=${Symbol()}
        @change-answer=${() => this.entry?.focus()}
      ></ringback-ask>
      <div role="alert" class=${problem ? "error" : "quiet"}>
        ${problem ? problemWords(problem) : nothing}
      </div>
      ${this.renderComposer()}
      ${
        chat.ticket
          ? html`<ringback-after
              .chat=${chat}
              .tick=${Symbol()}
              ?transcript=${this.plan.chat.transcript}
            ></ringback-after>`
          : nothing
      }
    `;
  }

  // Before it, and how it stands ---------------------------------------------------------------------------

  private renderWelcome() {
    const { chat, plan, words: own } = this;
    const { fields, guided } = plan.chat;
    return html`<p class="soft">${guided ? own.guided : own.welcome}</p>
      ${
        fields.length > 0 || guided
          ? html`<form id="before" @submit=${this.start}>
              ${fields.map(
                ({ key, label, required }) =>
                  html`<label
                    ><span>${label} ${required ? nothing : html`<small>${own.optional}</small>`}</span>
                    <input name=${key} maxlength="512" ?required=${required} />
                  </label>`,
              )}
              ${
                guided
                  ? html`<button class="button call wide" aria-disabled=${chat.opening}>
                      ${chat.opening ? own.opening : own.start}
                    </button>`
                  : nothing
              }
            </form>`
          : nothing
      }`;
  }

  /** Who has the chat. */
  private get agent(): string {
    return isolated(this.chat.state?.agent ?? this.words.anybody);
  }

  private get standing(): string {
    const { chat, words: own } = this;
    const { state } = chat;
    if (chat.ticket && !chat.connected) return own.reconnecting;
    if (!state) return own.opening;
    switch (state.state) {
      case "talking":
        return own.with(this.agent);
      case "ended":
        return own.over;
      case "guided":
        return own.guided;
      case "offered":
        return own.asking;
      default: {
        const { position, wait } = state;
        const place = position === null ? own.inLine : position <= 1 ? words.next : words.place(position);
        return wait === null ? `${place}.` : `${place}, ${words.wait(Math.ceil(wait / 60))}.`;
      }
    }
  }

  private renderStanding() {
    const { chat, plan, words: own } = this;
    const { call, state } = chat.state ?? { call: "none", state: "unknown" };
    // In a guided chat the ways are among the answers, unless the shopper typed that they want to talk in the browser.
    const typed: readonly TalkBy[] = call === "asked" ? ["pc"] : [];
    const mayCall = chat.live && ["none", "asked", "over"].includes(call);
    const ways = mayCall ? (state === "guided" ? typed : plan.chat.escalate) : [];
    return html`<div class="standing ${call === "asked" ? "asked" : ""}">
      <p role="status">
        ${call === "asked" && state !== "guided" ? own.asksForCall(this.agent) : this.standing}
      </p>
      ${
        ways.length > 0
          ? html`<div class="calls">
              ${ways.map(
                (by) =>
                  html`<button
                    class="button small ${call === "asked" ? "call" : "plain"}"
                    @click=${() => this.dispatchEvent(new CustomEvent("chat-call", { detail: by }))}
                  >
                    ${by === "phone" ? own.call : own.callByPc}
                  </button>`,
              )}
            </div>`
          : nothing
      }
    </div>`;
  }

  // Writing ------------------------------------------------------------------------------------------------

  private renderComposer() {
    const { chat, plan, words: own } = this;
    const over = chat.state?.state === "ended";
    if ((over && !chat.state?.reopens) || (!chat.ticket && plan.chat.guided)) return nothing;
    if (chat.flow && !chat.flow.question) return nothing;
    const kind = chat.flow?.question?.kind;
    const mode = kind === "phone" ? "tel" : kind === "year" ? "numeric" : kind === "email" ? "email" : "text";
    return html`<form class="composer" @submit=${this.submit}>
      <label
        ><span class=${over ? "soft" : "visually-hidden"}>${over ? own.reopens : own.field}</span>
        <textarea
          id="entry"
          rows="2"
          dir="auto"
          inputmode=${mode}
          enterkeyhint="send"
          maxlength=${plan.chat.longest}
          placeholder=${own.field}
          .value=${chat.draft}
          @input=${this.type}
          @keydown=${this.key}
        ></textarea>
      </label>
      <button class="button call" aria-disabled=${chat.opening || chat.draft.trim() === ""}>
        ${own.send}
      </button>
    </form>`;
  }

  private type(event: Event): void {
    this.chat.write((event.target as HTMLTextAreaElement).value);
  }

  private key(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.send();
  }

  private submit(event: Event): void {
    event.preventDefault();
    this.send();
  }

  private send(): void {
    const { beforeForm, chat } = this;
    if (chat.draft.trim() === "" || (beforeForm && !beforeForm.reportValidity())) return;
    const text = chat.draft;
    chat.draft = "";
    chat.submit(text, beforeForm ? valuesOf(beforeForm) : undefined);
    this.entry?.focus();
  }

  private start(event: Event): void {
    event.preventDefault();
    if (this.plan.chat.guided) void this.chat.begin(valuesOf(event.target as HTMLFormElement));
    else this.entry?.focus();
  }
}

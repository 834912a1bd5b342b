/** What there is to choose in a chat beside writing: answers to questions, and what can be had while nobody has time. */

import type { FlowStands } from "@ringback/call-client/chat";
import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { Typed } from "../typed";
import { base, buttons } from "../styles";
import { partStyles } from "./chat-styles";
import { chatWords } from "./chat-words";
import type { LiveChat } from "./live-chat";
import { valuesOf } from "./values";

/** Fires `chat-call` where the shopper chooses to talk in the browser, and `change-answer` where the shopper is about to write another answer. */
@customElement("ringback-ask")
export class AskPane extends LitElement {
  @property({ attribute: false }) chat!: LiveChat;
  /** What was typed in the other panes. */
  @property({ attribute: false }) typed!: Typed;
  /** Redraws with every change of the chat. */
  @property({ attribute: false }) tick: unknown;
  /** The form that is open in place of the choices. */
  @state() private form: "message" | "callback" | null = null;

  static override styles = [base, buttons, partStyles];

  protected override willUpdate(): void {
    if (!this.chat.state?.choices.length) this.form = null;
  }

  protected override render() {
    const { flow } = this.chat;
    return html`${flow ? this.renderFlow(flow) : nothing} ${this.renderChoices()}`;
  }

  private renderFlow({ answers, question, ways }: FlowStands) {
    const { chat } = this;
    const own = chatWords;
    const step = (what: "skip" | "back" | "person" | "way", to = "") =>
      chat.act({ type: "chat_step", do: what, to });
    return html`<div class="ask">
      ${
        question?.choices.length || ways.length
          ? html`<div class="row">
              ${question?.choices.map(
                (choice) =>
                  html`<button class="button plain small" dir="auto" @click=${() => chat.submit(choice)}>
                    ${choice}
                  </button>`,
              )}
              ${ways
                .filter(possible)
                .map(
                  ({ label, way }, place) =>
                    html`<button
                      class="button small ${place === 0 ? "call" : "plain"}"
                      @click=${() => this.go(way)}
                    >
                      ${label}
                    </button>`,
                )}
            </div>`
          : nothing
      }
      ${question?.consent ? html`<p class="soft small">${question.consent}</p>` : nothing}
      <div class="row">
        ${
          question?.may_skip
            ? html`<button class="button plain small" @click=${() => step("skip")}>${own.skip}</button>`
            : nothing
        }
        ${
          ways.some(({ way }) => way === "chat")
            ? nothing
            : html`<button class="button plain small" @click=${() => step("person")}>${own.person}</button>`
        }
      </div>
      ${
        answers.length > 0
          ? html`<details>
              <summary>${own.answers} (${answers.length})</summary>
              <ul>
                ${answers.map(
                  ({ key, label, value }) =>
                    html`<li>
                      <span><bdi>${label}</bdi>: <bdi>${value || own.skipped}</bdi></span>
                      <button
                        class="button plain small"
                        aria-label=${`${own.edit}: ${label}`}
                        @click=${() => this.changeAnswer(key)}
                      >
                        ${own.edit}
                      </button>
                    </li>`,
                )}
              </ul>
            </details>`
          : nothing
      }
    </div>`;
  }

  /** A call in the browser is placed by the panel; the chat is told, so that what was answered goes along. */
  private go(way: string): void {
    this.chat.act({ type: "chat_step", do: "way", to: way });
    const call = new CustomEvent("chat-call", { detail: "pc", bubbles: true, composed: true });
    if (way === "pc") this.dispatchEvent(call);
  }

  private changeAnswer(key: string): void {
    this.chat.act({ type: "chat_step", do: "back", to: key });
    this.dispatchEvent(new CustomEvent("change-answer"));
  }

  private renderChoices() {
    const { chat } = this;
    const own = chatWords;
    const choices = chat.live ? (chat.state?.choices ?? []) : [];
    if (choices.length === 0) return nothing;
    if (this.form) return this.renderChoice(this.form);
    return html`<div class="ask" role="group" aria-labelledby="choices">
      <p id="choices">${own.choices}</p>
      <div class="row">
        ${choices.map((choice) =>
          choice === "unknown"
            ? nothing
            : html`<button
                class="button plain small"
                @click=${() => (choice === "wait" ? chat.act({ type: "chat_choose", choice }) : (this.form = choice))}
              >
                ${own[choice]}
              </button>`,
        )}
      </div>
    </div>`;
  }

  private renderChoice(choice: "message" | "callback") {
    const { typed } = this;
    const own = chatWords;
    return html`<form class="ask" @submit=${(event: SubmitEvent) => this.choose(event, choice)}>
      ${
        choice === "message"
          ? html`<label
                ><span>${own.messageText}</span>
                <textarea name="text" rows="3" maxlength="4000"></textarea></label
              ><label
                ><span>${own.replyTo}</span>
                <input name="reply_to" autocomplete="email" required maxlength="200" dir="ltr"
              /></label>`
          : html`<label
              ><span>${own.number}</span>
              <input
                name="number"
                type="tel"
                autocomplete="tel"
                required
                maxlength="40"
                dir="ltr"
                .value=${typed.number}
            /></label>`
      }
      <div class="row">
        <button class="button call small">${choice === "message" ? own.send : own.book}</button>
        <button type="button" class="button plain small" @click=${() => (this.form = null)}>
          ${own.back}
        </button>
      </div>
    </form>`;
  }

  private choose(event: SubmitEvent, choice: "message" | "callback"): void {
    event.preventDefault();
    const given = valuesOf(event.target as HTMLFormElement);
    const { number = "", reply_to = "", text = "" } = given;
    const country = this.typed.country || null;
    this.chat.act(
      choice === "message"
        ? { type: "chat_choose", choice, text, reply_to }
        : { type: "chat_choose", choice, number, country },
    );
  }
}

/** Whether this browser can do it: only pages with https get a microphone. */
const possible = ({ way }: { readonly way: string }): boolean => way !== "pc" || "mediaDevices" in navigator;

/** What follows a chat, or ends it: the rating, another chat, and the transcript, saved or mailed. */

import { CallProblem } from "@ringback/call-client";
import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { base, buttons } from "../styles";
import { partStyles } from "./chat-styles";
import { chatWords, problemWords } from "./chat-words";
import type { LiveChat } from "./live-chat";
import { valuesOf } from "./values";

const RATINGS = [1, 2, 3, 4, 5];

@customElement("ringback-after")
export class AfterPane extends LitElement {
  @property({ attribute: false }) chat!: LiveChat;
  /** Whether the shopper may save what was said. */
  @property({ type: Boolean }) transcript = false;
  /** Redraws with every change of the chat. */
  @property({ attribute: false }) tick: unknown;
  @state() private rating = 0;
  @state() private mailing: "no" | "busy" | "mailed" | CallProblem = "no";

  static override styles = [base, buttons, partStyles];

  protected override render() {
    const { chat } = this;
    const own = chatWords;
    const over = chat.state?.state === "ended";
    return html`${chat.state?.survey ? this.renderSurvey() : nothing}
      <div class="row more">
        ${
          over
            ? html`<button class="button plain small" @click=${this.renew}>${own.another}</button>`
            : html`<button class="button plain small" @click=${() => chat.act({ type: "chat_end" })}>
                ${own.end}
              </button>`
        }
        ${this.transcript ? this.renderTranscript() : nothing}
      </div>`;
  }

  private renderTranscript() {
    const own = chatWords;
    return html`<details>
      <summary>${own.transcript}</summary>
      <form @submit=${this.mail}>
        <button type="button" class="button plain small" @click=${this.save}>${own.save}</button>
        <label
          ><span>${own.email}</span>
          <input name="email" type="email" autocomplete="email" required maxlength="200" dir="ltr" />
        </label>
        <button class="button plain small" aria-disabled=${this.mailing === "busy"}>${own.mail}</button>
        <p role="status">
          ${
            this.mailing instanceof CallProblem
              ? problemWords(this.mailing.id)
              : this.mailing === "mailed"
                ? own.mailed
                : nothing
          }
        </p>
      </form>
    </details>`;
  }

  private renew(): void {
    this.rating = 0;
    this.mailing = "no";
    this.chat.renew();
  }

  private renderSurvey() {
    const { chat, rating } = this;
    const own = chatWords;
    if (chat.rated) return html`<p role="status" class="soft">${own.thanks}</p>`;
    return html`<form class="ask" @submit=${this.rate}>
      <fieldset>
        <legend>${own.rate}</legend>
        <div class="row">
          ${RATINGS.map(
            (each) =>
              html`<label class="rating"
                ><input
                  type="radio"
                  name="rating"
                  aria-label=${own.stars(each)}
                  .checked=${each === rating}
                  @change=${() => (this.rating = each)}
                />${each}</label
              >`,
          )}
        </div>
      </fieldset>
      ${
        rating > 0
          ? html`<label
                ><span>${own.rateText}</span>
                <textarea name="text" rows="2" maxlength="1000"></textarea></label
              ><button class="button call small">${own.rateSend}</button>`
          : nothing
      }
    </form>`;
  }

  private rate(event: Event): void {
    event.preventDefault();
    if (this.rating > 0) this.chat.rate(this.rating, valuesOf(event.target as HTMLFormElement)["text"] ?? "");
  }

  private mail(event: Event): void {
    event.preventDefault();
    void this.fetch(valuesOf(event.target as HTMLFormElement)["email"]);
  }

  private save(): void {
    void this.fetch();
  }

  private async fetch(email?: string): Promise<void> {
    const { chat } = this;
    if (!chat.ticket || this.mailing === "busy") return;
    this.mailing = "busy";
    try {
      const { subject, text } = await chat.threads.transcript(chat.ticket, email);
      this.mailing = email ? "mailed" : "no";
      if (!email) download(`${subject}.txt`, text);
    } catch (problem) {
      if (!(problem instanceof CallProblem)) throw problem;
      this.mailing = problem;
    }
  }
}

function download(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  link.download = name.replace(/[\\/:*?"<>|]/g, "-");
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

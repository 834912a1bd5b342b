/**
 * The chat in the panel: what is said, the field to write in, and what else there is to do. Text nodes alone. Filter lists of
 * browsers block addresses with the word "chat" in them, and this file has one of its own.
 */

import { isolated, linked, webAddress } from "@ringback/browser-leg";
import { CallProblem, rememberWay, type TalkBy } from "@ringback/call-client";
import type { ChatLineTold, FlowStands } from "@ringback/call-client/chat";
import { html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { Typed } from "../panel-memory";
import type { SitePlan } from "../plan";
import { base, buttons } from "../styles";
import { words } from "../words";
import { paneStyles } from "./chat-styles";
import { chatWords, type ChatWords } from "./chat-words";
import { openCard, pageOfCard, type Unsent } from "./chat-story";
import type { LiveChat } from "./live-chat";

export { speakInChat } from "./chat-words";
export { LiveChat, type ChatPlace } from "./live-chat";

/** As near to the end, in pixels, counts as being there. */
const NEAR = 60;
/** Ms for an answer to leave this page before it goes. */
const GO_AFTER = 150;
const RATINGS = [1, 2, 3, 4, 5];

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
  /** The form that is open in place of the choices. */
  @state() private form: "message" | "callback" | null = null;
  @state() private rating = 0;
  @state() private mailing: "no" | "busy" | "mailed" | CallProblem = "no";
  @query(".log") private log!: HTMLElement | null;
  @query("#entry") private entry!: HTMLTextAreaElement | null;
  @query("#before") private beforeForm!: HTMLFormElement | null;
  private atEnd = true;

  static override styles = [base, buttons, paneStyles];

  override connectedCallback(): void {
    super.connectedCallback();
    this.chat.seen(true);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.chat.seen(false);
  }

  protected override willUpdate(): void {
    const { log } = this;
    this.atEnd = !log || log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
    if (!this.chat.state?.choices.length) this.form = null;
  }

  protected override updated(_: PropertyValues): void {
    const { log } = this;
    if (log && this.atEnd) log.scrollTop = log.scrollHeight;
  }

  private get words(): ChatWords {
    return chatWords;
  }

  protected override render() {
    const { chat, words: own } = this;
    const problem = chat.problem && problemWords(chat.problem.id, own);
    const refused = chat.refused && problemWords(chat.refused.reason, own);
    return html`
      ${chat.ticket ? this.renderStanding() : this.renderWelcome()}
      ${chat.ticket || chat.story.unsent.length > 0 ? this.renderLog() : nothing}
      ${chat.flow ? this.renderFlow(chat.flow) : nothing} ${this.renderChoices()}
      <div role="alert" class=${problem || refused ? "error" : "quiet"}>${problem || refused || nothing}</div>
      ${this.renderComposer()} ${chat.ticket ? this.renderMore() : nothing}
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

  private get standing(): string {
    const { chat, words: own } = this;
    const { state } = chat;
    if (chat.ticket && !chat.connected) return own.reconnecting;
    if (!state) return own.opening;
    switch (state.state) {
      case "talking":
        return own.with(isolated(state.agent ?? own.anybody));
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
    const mayCall = chat.live && state !== "guided" && ["none", "asked", "over"].includes(call);
    const ways: readonly TalkBy[] = mayCall ? plan.chat.escalate : [];
    return html`<div class="standing ${call === "asked" ? "asked" : ""}">
      <p role="status">
        ${call === "asked" ? own.asksForCall(isolated(chat.state?.agent ?? own.anybody)) : this.standing}
      </p>
      ${ways.map(
        (by) =>
          html`<button
            class="button small ${call === "asked" ? "call" : "plain"}"
            @click=${() => this.dispatchEvent(new CustomEvent("chat-call", { detail: by }))}
          >
            ${by === "phone" ? own.call : own.callByPc}
          </button>`,
      )}
    </div>`;
  }

  // What is said -------------------------------------------------------------------------------------------

  private renderLog() {
    const { chat, words: own } = this;
    const { earlier, lines, unsent } = chat.story;
    const card = openCard(lines);
    return html`<div class="log" role="log" aria-label=${own.log} aria-live="polite" tabindex="0">
        ${
          earlier
            ? html`<button class="button plain small" @click=${() => chat.moreEntries()}>
                ${own.earlier}
              </button>`
            : nothing
        }
        ${repeat(
          lines,
          ({ seq }) => seq,
          (line) => this.renderLine(line, line.seq === card),
        )}
        ${repeat(
          unsent,
          ({ key }) => key,
          (each) => this.renderUnsent(each),
        )}
      </div>
      ${
        chat.typing
          ? html`<p class="soft small">${own.typing(isolated(chat.state?.agent ?? own.anybody))}</p>`
          : nothing
      }`;
  }

  private renderLine(line: ChatLineTold, isOpen: boolean) {
    const { by, kind, text } = line;
    if (kind === "event") {
      const said = eventWords(line, this.words);
      return said ? html`<p class="event">${said}</p>` : nothing;
    }
    if (kind === "unknown") return nothing;
    return html`<div class="entry ${by}" data-seq=${line.seq}>
      <small>${this.speaker(line)} · <time>${clock(line.at, this.language)}</time></small>
      ${
        kind === "card"
          ? this.renderCard(line, isOpen)
          : html`<p class="said" dir="auto">${this.renderText(text)}</p>`
      }
    </div>`;
  }

  private speaker({ agent, by }: ChatLineTold) {
    const { plan, words: own } = this;
    return by === "shopper" ? own.you : html`<bdi>${agent ?? (plan.label || own.shop)}</bdi>`;
  }

  private renderUnsent({ key, refused, text }: Unsent) {
    const { chat, words: own } = this;
    return html`<div class="entry shopper unsent ${refused ? "failed" : ""}">
      <small>${own.you} · ${refused ? own.notSent : own.sending}</small>
      <p class="said" dir="auto">${text}</p>
      ${
        refused
          ? html`<p class="why">${problemWords(refused, own)}</p>
              <div class="row">
                <button class="button plain small" @click=${() => chat.again(key)}>${own.again}</button>
                <button class="button plain small" @click=${() => chat.takeBack(key)}>${own.edit}</button>
              </div>`
          : nothing
      }
    </div>`;
  }

  /** Addresses with https are links, as they are written. */
  private renderText(text: string) {
    return linked(text).map(({ href, text: part }) =>
      href === null
        ? part
        : html`<a href=${href} target="_blank" rel="noopener noreferrer nofollow"
            >${part}<span class="visually-hidden"> (${this.words.newTab})</span></a
          >`,
    );
  }

  private renderCard(line: ChatLineTold, isOpen: boolean) {
    const { words: own } = this;
    const { title, url } = pageOfCard(line);
    const address = webAddress(url);
    return html`<p class="said"><b dir="auto">${title}</b></p>
      ${address ? html`<p class="soft small" dir="ltr">${address.host}${address.pathname}</p>` : nothing}
      ${
        isOpen && address
          ? html`<div class="row">
              <button class="button call small" @click=${() => this.openPage(address)}>
                ${own.openPage}
              </button>
              <button
                class="button plain small"
                @click=${() => this.chat.act({ type: "chat_card", accepted: false })}
              >
                ${own.noPage}
              </button>
            </div>`
          : nothing
      }`;
  }

  private openPage(address: URL): void {
    this.chat.act({ type: "chat_card", accepted: true });
    const here = window.location;
    if (address.origin !== here.origin) {
      window.open(address.href, "_blank", "noopener");
      return;
    }
    rememberWay(address.href, here.href);
    setTimeout(() => here.assign(address.href), GO_AFTER);
  }

  // Questions, and what else there is to choose ------------------------------------------------------------

  private renderFlow({ answers, question, ways }: FlowStands) {
    const { chat, words: own } = this;
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
              ${ways.map(
                ({ label, way }, place) =>
                  html`<button
                    class="button small ${place === 0 ? "call" : "plain"}"
                    @click=${() => step("way", way)}
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

  private changeAnswer(key: string): void {
    this.chat.act({ type: "chat_step", do: "back", to: key });
    this.entry?.focus();
  }

  private renderChoices() {
    const { chat, words: own } = this;
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
    const { typed, words: own } = this;
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
    this.atEnd = true;
    chat.submit(text, beforeForm ? valuesOf(beforeForm) : undefined);
    this.entry?.focus();
  }

  private start(event: Event): void {
    event.preventDefault();
    if (this.plan.chat.guided) void this.chat.begin(valuesOf(event.target as HTMLFormElement));
    else this.entry?.focus();
  }

  // The end ------------------------------------------------------------------------------------------------

  private renderMore() {
    const { chat, words: own } = this;
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
        <details>
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
                  ? problemWords(this.mailing.id, own)
                  : this.mailing === "mailed"
                    ? own.mailed
                    : nothing
              }
            </p>
          </form>
        </details>
      </div>`;
  }

  private renew(): void {
    this.rating = 0;
    this.mailing = "no";
    this.chat.renew();
  }

  private renderSurvey() {
    const { chat, rating, words: own } = this;
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
    void this.transcript(valuesOf(event.target as HTMLFormElement)["email"]);
  }

  private save(): void {
    void this.transcript();
  }

  private async transcript(email?: string): Promise<void> {
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

/** What is filled in, by name. */
function valuesOf(form: HTMLFormElement): Record<string, string> {
  const given = [...new FormData(form)].map(([name, value]) => [name, String(value).trim()] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== ""));
}

function download(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  link.download = name.replace(/[\\/:*?"<>|]/g, "-");
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

const clock = (at: number, language: string): string =>
  new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" }).format(new Date(at * 1000));

/** What happened; empty: nothing that concerns the shopper. */
function eventWords({ agent, text }: ChatLineTold, own: ChatWords): string {
  const who = isolated(agent ?? own.anybody);
  if (text === "joined") return own.joined(who);
  if (text === "ended_by_agent") return own.endedBy(who);
  return own.events[text] ?? "";
}

const problemWords = (id: string, own: ChatWords): string => own.problems[id] ?? own.problem;

/** Answers before contact: a search, what is asked on this page, and the way on to somebody who can help. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { announce } from "../announcer";
import { base, buttons, fields } from "../styles";
import { AnswersApi, type AnswersPlace, type AnswerWords, type FoundAnswer } from "./answers-api";
import { answersWords } from "./answers-words";
import { Asking } from "./asking";

/** Ms after the last key before the answers are searched, and before what stands there is a question. */
const SEARCH_AFTER = 300;
const SETTLED_AFTER = 2500;

/** Fires `go-on` when the shopper wants to talk. */
@customElement("ringback-answers")
export class AnswersPane extends LitElement {
  @property({ attribute: false }) place!: AnswersPlace;
  /** Of the panel's words. */
  @property() language = "en";
  @state() private question = "";
  /** What belongs to `foundFor`; null: the server did not say. */
  @state() private found: readonly FoundAnswer[] | null = [];
  @state() private foundFor: string | null = null;
  @state() private open = "";
  /** What the shopper said of answers, by their names. */
  @state() private said: Readonly<Record<string, boolean>> = {};
  private api!: AnswersApi;
  private asking!: Asking;
  private searching: ReturnType<typeof setTimeout> | undefined;
  private settling: ReturnType<typeof setTimeout> | undefined;

  static override styles = [
    base,
    buttons,
    fields,
    css`
      :host {
        display: grid;
        gap: 1rem;
      }
      ul {
        display: grid;
        gap: 0.5rem;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        border: 1px solid var(--line);
        border-radius: var(--radius);
        overflow: hidden;
      }
      input {
        width: 100%;
        min-height: 3rem;
        padding: 0 0.9rem;
        border: 1.5px solid var(--control);
        border-radius: 10px;
        background: var(--card);
      }
      h3 {
        margin: 0 0 0.5rem;
        font-size: 0.875rem;
        font-weight: 600;
        color: var(--ink-soft);
      }
      .question {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 0.75rem;
        width: 100%;
        min-height: 2.75rem;
        padding: 0.55rem 0.9rem;
        border: 0;
        background: transparent;
        color: inherit;
        font: inherit;
        font-weight: 600;
        text-align: start;
        cursor: pointer;
      }
      .question:hover {
        background: var(--sunk);
      }
      .question::after {
        content: "+";
        font-weight: 400;
      }
      .question[aria-expanded="true"]::after {
        content: "–";
      }
      .answer {
        display: grid;
        gap: 0.6rem;
        padding: 0.2rem 0.9rem 0.9rem;
        overflow-wrap: anywhere;
      }
      .answer p {
        margin: 0;
      }
      a {
        color: var(--brand);
      }
      .verdict {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.5rem;
        color: var(--ink-soft);
      }
      .verdict button {
        min-width: 3.5rem;
        min-height: 2.75rem;
      }
      .notice {
        margin: 0;
        padding: 0.7rem 0.9rem;
        border-radius: var(--radius);
        background: var(--sunk);
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.api = new AnswersApi(this.place);
    this.asking = new Asking((news) => this.api.tell(news));
    void this.search();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.searching);
    clearTimeout(this.settling);
    this.asking.settle();
  }

  protected override render() {
    const words = answersWords(this.language);
    const { found, foundFor } = this;
    const current = foundFor === this.question.trim();
    return html`<form role="search" @submit=${this.submit}>
        <label class="name" for="question">${words.question}</label>
        <input
          id="question"
          type="search"
          autocomplete="off"
          maxlength="200"
          enterkeyhint="search"
          .value=${this.question}
          @input=${this.type}
        />
      </form>
      ${
        found === null
          ? html`<p class="notice">${words.unreachable}</p>`
          : found.length > 0
            ? html`<div>
                ${foundFor === "" ? html`<h3>${words.suggested}</h3>` : nothing}
                <ul>
                  ${found.map((answer) => this.renderAnswer(answer))}
                </ul>
              </div>`
            : current && foundFor
              ? html`<p class="notice">${words.none}</p>`
              : nothing
      }
      <button class="button call wide" @click=${this.goOn}>${words.goOn}</button>`;
  }

  private renderAnswer(answer: FoundAnswer) {
    const isOpen = this.open === answer.id;
    return html`<li>
      <button
        class="question"
        aria-expanded=${isOpen}
        aria-controls="answer-${answer.id}"
        @click=${() => this.toggle(answer)}
      >
        ${answer.question}
      </button>
      <div class="answer" id="answer-${answer.id}" ?hidden=${!isOpen}>
        ${answer.paragraphs.map((words) => html`<p>${words.map((each) => this.renderWords(each))}</p>`)}
        ${this.renderVerdict(answer)}
      </div>
    </li>`;
  }

  /** A link of the answer; what leads away from the shop opens beside it. */
  private renderWords({ text, href }: AnswerWords) {
    const url = href === null ? null : safeUrl(href);
    if (!url) return text;
    if (url.origin === window.location.origin) return html`<a href=${url.href}>${text}</a>`;
    return html`<a href=${url.href} target="_blank" rel="noopener noreferrer"
      >${text}<span class="visually-hidden"> (${answersWords(this.language).newTab})</span></a
    >`;
  }

  private renderVerdict({ id }: FoundAnswer) {
    const words = answersWords(this.language);
    const said = this.said[id];
    if (said !== undefined) return html`<p class="verdict">${said ? words.thanks : words.sorry}</p>`;
    return html`<div class="verdict" role="group" aria-labelledby="helped-${id}">
      <span id="helped-${id}">${words.helped}</span>
      <button class="button plain" @click=${() => this.judge(id, true)}>${words.yes}</button>
      <button class="button plain" @click=${() => this.judge(id, false)}>${words.no}</button>
    </div>`;
  }

  private type(event: Event): void {
    this.question = (event.target as HTMLInputElement).value;
    this.asking.type(this.question);
    clearTimeout(this.searching);
    clearTimeout(this.settling);
    this.searching = setTimeout(() => void this.search(), SEARCH_AFTER);
    this.settling = setTimeout(() => this.asking.settle(), SETTLED_AFTER);
  }

  private submit(event: Event): void {
    event.preventDefault();
    this.asking.settle();
    clearTimeout(this.searching);
    void this.search();
  }

  private async search(): Promise<void> {
    const question = this.question.trim();
    const found = await this.api.find(question);
    if (question !== this.question.trim() || !this.isConnected) return;
    this.found = found;
    this.foundFor = question;
    if (question === "") return;
    const words = answersWords(this.language);
    announce(
      this,
      found === null ? words.unreachable : found.length ? words.found(found.length) : words.none,
    );
  }

  private toggle({ id }: FoundAnswer): void {
    this.open = this.open === id ? "" : id;
    if (this.open === id) this.asking.open(id);
  }

  private judge(id: string, helped: boolean): void {
    this.said = { ...this.said, [id]: helped };
    this.asking.helped(id, helped);
    const words = answersWords(this.language);
    announce(this, helped ? words.thanks : words.sorry);
    // The buttons are gone: the focus goes to what comes next.
    void this.updateComplete.then(() =>
      this.renderRoot
        .querySelector<HTMLElement>(helped ? `[aria-controls="answer-${id}"]` : ".button.call")
        ?.focus(),
    );
  }

  private goOn(): void {
    this.asking.goOn();
    this.dispatchEvent(new CustomEvent("go-on"));
  }
}

/** An address that a click may follow: with https, or a path of the shop. The server has checked it, too. */
function safeUrl(href: string): URL | null {
  try {
    const url = new URL(href, window.location.href);
    return url.protocol === "https:" || url.origin === window.location.origin ? url : null;
  } catch {
    return null;
  }
}

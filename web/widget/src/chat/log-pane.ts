/** What is said in a chat, and what is on its way. Text nodes alone. */

import { linked, webAddress } from "@ringback/browser-leg";
import { rememberWay } from "@ringback/call-client";
import type { ChatLineTold } from "@ringback/call-client/chat";
import { html, LitElement, nothing } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { SitePlan } from "../plan";
import { base, buttons } from "../styles";
import { partStyles } from "./chat-styles";
import { chatWords, eventWords, problemWords } from "./chat-words";
import { openCard, pageOfCard, type Unsent } from "./chat-story";
import type { LiveChat } from "./live-chat";

/** As near to the end, in pixels, counts as being there. */
const NEAR = 60;
/** Ms for an answer to leave this page before it goes. */
const GO_AFTER = 150;

@customElement("ringback-log")
export class LogPane extends LitElement {
  @property({ attribute: false }) chat!: LiveChat;
  @property({ attribute: false }) plan!: SitePlan;
  /** Redraws with every change of the chat. */
  @property({ attribute: false }) tick: unknown;
  /** Of the panel's words. */
  @property() language = "en";
  @query(".log") private log!: HTMLElement | null;
  private atEnd = true;
  private writing = 0;

  static override styles = [base, buttons, partStyles];

  override focus(): void {
    this.log?.focus();
  }

  protected override willUpdate(): void {
    const { log, writing } = this;
    this.writing = this.chat.story.unsent.length;
    // Whoever has just written something sees it.
    this.atEnd = !log || this.writing > writing || log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
  }

  protected override updated(): void {
    const { log } = this;
    if (log && this.atEnd) log.scrollTop = log.scrollHeight;
  }

  protected override render() {
    const { chat } = this;
    const own = chatWords;
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
    </div>`;
  }

  private renderLine(line: ChatLineTold, isOpen: boolean) {
    const { by, kind, text } = line;
    if (kind === "event") {
      const said = eventWords(line);
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
    const { plan } = this;
    const own = chatWords;
    return by === "shopper" ? own.you : html`<bdi>${agent ?? (plan.label || own.shop)}</bdi>`;
  }

  private renderUnsent({ key, refused, text }: Unsent) {
    const { chat } = this;
    const own = chatWords;
    return html`<div class="entry shopper unsent ${refused ? "failed" : ""}">
      <small>${own.you} · ${refused ? own.notSent : own.sending}</small>
      <p class="said" dir="auto">${text}</p>
      ${
        refused
          ? html`<p class="why">${problemWords(refused)}</p>
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
            >${part}<span class="visually-hidden"> (${chatWords.newTab})</span></a
          >`,
    );
  }

  private renderCard(line: ChatLineTold, isOpen: boolean) {
    const own = chatWords;
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
}

const clock = (at: number, language: string): string =>
  new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" }).format(new Date(at * 1000));

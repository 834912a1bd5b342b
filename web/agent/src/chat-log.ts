/** What was said in a chat, as text alone: nothing that anybody wrote becomes markup. */

import { linked } from "@ringback/browser-leg";
import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import { eventWords, notSentWords, speakerWords } from "./chat-words";
import type { DeskChat, Unsent } from "./desk-chat";
import { warningIcon } from "./icons";
import type { ChatLineTold } from "./messages";
import { base, buttons } from "./styles";

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
/** As near to the end, in pixels, counts as being there. */
const NEAR = 60;

@customElement("chat-log")
export class ChatLog extends LitElement {
  @property({ attribute: false }) chat!: DeskChat;
  @property({ attribute: false }) tick: unknown;
  @query(".log") private log!: HTMLElement;
  private shown = "";
  private atEnd = true;

  static override styles = [
    base,
    buttons,
    css`
      .log {
        display: flex;
        flex-direction: column;
        gap: 0.55rem;
        height: clamp(14rem, 52vh, 34rem);
        overflow-y: auto;
        padding: 1rem 1.1rem;
        background: var(--sunk);
      }
      .log:focus-visible {
        outline-offset: -3px;
      }
      .entry {
        align-self: flex-start;
        max-width: min(34rem, 88%);
        padding: 0.5rem 0.85rem 0.55rem;
        border-radius: 14px 14px 14px 4px;
        background: var(--card);
        border: 1px solid var(--line);
        overflow-wrap: anywhere;
      }
      .agent {
        align-self: flex-end;
        border-radius: 14px 14px 4px 14px;
        background: var(--brand-soft);
        border-color: transparent;
      }
      .note {
        align-self: flex-end;
        background: var(--amber-soft);
        border: 1px dashed var(--amber);
      }
      .system,
      .flow {
        align-self: flex-end;
        background: transparent;
        border-style: dotted;
        border-color: var(--control);
      }
      .who {
        display: block;
        font-size: 0.8125rem;
        color: var(--ink-soft);
      }
      .said {
        white-space: pre-wrap;
      }
      .event {
        align-self: center;
        font-size: 0.875rem;
        color: var(--ink-soft);
        text-align: center;
      }
      .unsent {
        border: 1px dashed var(--control);
      }
      .failed {
        border-color: var(--stop);
      }
      .failed .why {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.4rem;
        margin-top: 0.3rem;
        font-size: 0.875rem;
        color: var(--stop);
        font-weight: 600;
      }
      .why svg {
        width: 1rem;
        height: 1rem;
      }
      .earlier {
        align-self: center;
      }
      .typing {
        min-height: 1.6rem;
        padding: 0.15rem 1.1rem 0;
        font-size: 0.875rem;
        color: var(--ink-soft);
      }
    `,
  ];

  protected override willUpdate(): void {
    const { log } = this;
    if (log) this.atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
  }

  protected override updated(changed: PropertyValues): void {
    const other = changed.has("chat") && this.shown !== this.chat.id;
    this.shown = this.chat.id;
    if (other || this.atEnd) this.log.scrollTop = this.log.scrollHeight;
  }

  protected override render() {
    const { chat } = this;
    const { earlier, lines, typing, unsent } = chat;
    return html`
      <div class="log" role="log" aria-label="What was said" aria-live="polite" tabindex="0">
        ${
          earlier
            ? html`<button class="button plain small earlier" @click=${() => chat.moreEntries()}>
                Show earlier ones
              </button>`
            : nothing
        }
        ${repeat(
          lines,
          ({ seq }) => seq,
          (line) => this.renderLine(line),
        )}
        ${unsent.map((each) => this.renderUnsent(each))}
      </div>
      <p class="typing" aria-live="off">
        ${typing ? html`<bdi>${chat.name || "The shopper"}</bdi> is typing…` : nothing}
      </p>
    `;
  }

  private renderLine(line: ChatLineTold) {
    if (line.kind === "event") {
      return html`<p class="event">${clock(line.at)} · <bdi>${eventWords(line)}</bdi></p>`;
    }
    const [title = "", url = ""] = line.kind === "card" ? line.text.split("\n") : [];
    const who = speakerWords(line, this.chat.name);
    const mark = line.kind === "note" ? " · note, for agents alone" : line.kind === "card" ? " · page" : "";
    return html`<div class="entry ${line.by} ${line.kind}" data-seq=${line.seq}>
      <span class="who"><bdi>${who}</bdi>${mark} · ${clock(line.at)}</span>
      <span class="said" dir="auto"
        >${line.kind === "card" ? html`<b>${title}</b><br />${renderText(url)}` : renderText(line.text)}</span
      >
    </div>`;
  }

  private renderUnsent({ key, note, refused, text }: Unsent) {
    return html`<div class="entry agent unsent ${note ? "note" : ""} ${refused ? "failed" : ""}">
      <span class="who">You · ${refused ? "not sent" : "sending…"}</span>
      <span class="said" dir="auto">${text}</span>
      ${
        refused
          ? html`<span class="why" role="alert"
              >${warningIcon} Not sent: ${notSentWords(refused)}.
              <button class="button plain small" @click=${() => this.chat.again(key)}>Try again</button>
              <button class="button plain small" @click=${() => this.chat.takeBack(key)}>Edit</button></span
            >`
          : nothing
      }
    </div>`;
  }
}

const clock = (at: number): string => CLOCK.format(new Date(at * 1000));

/** Only addresses with https are links, shown as they are. */
const renderText = (text: string) =>
  linked(text).map(({ href, text: part }) =>
    href === null
      ? part
      : html`<a href=${href} target="_blank" rel="noopener noreferrer nofollow">${part}</a>`,
  );

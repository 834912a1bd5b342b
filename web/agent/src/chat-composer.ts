/** Where the agent writes: text, notes for colleagues, and the menu of canned replies behind "/". */

import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { type DeskChat, hasGap } from "./desk-chat";
import { warningIcon } from "./icons";
import type { CannedOption } from "./messages";
import { base, buttons, fields } from "./styles";

const LONGEST = 2_000;
const folded = (text: string): string =>
  text
    .normalize("NFD")
    .replace(/\p{Diacritic}/gu, "")
    .toLowerCase();

/** The replies whose title or text has all the words typed behind "/". */
export function findReplies(replies: readonly CannedOption[], typed: string): readonly CannedOption[] {
  const words = folded(typed.replace(/^\//, "")).split(/\s+/).filter(Boolean);
  const inside = (text: string): boolean => words.every((word) => folded(text).includes(word));
  const byTitle = replies.filter(({ title }) => inside(title));
  return [...byTitle, ...replies.filter((reply) => !byTitle.includes(reply) && inside(reply.text))];
}

@customElement("chat-composer")
export class ChatComposer extends LitElement {
  @property({ attribute: false }) chat!: DeskChat;
  @property({ attribute: false }) tick: unknown;
  @state() private at = 0;
  @state() private closed = false;
  @query("textarea") private field!: HTMLTextAreaElement;

  static override styles = [
    base,
    buttons,
    fields,
    css`
      form {
        position: relative;
        display: grid;
        gap: 0.6rem;
        padding: 0.6rem 1.1rem 1.1rem;
      }
      textarea {
        display: block;
        width: 100%;
        min-height: 3.4rem;
        max-height: 12rem;
        field-sizing: content;
        padding: 0.7rem 0.85rem;
        border: 1.5px solid var(--control);
        border-radius: 11px;
        background: var(--card);
        line-height: 1.45;
        resize: vertical;
      }
      .noting textarea {
        background: var(--amber-soft);
        border-style: dashed;
      }
      .row {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.6rem;
      }
      .row .button[type="submit"] {
        margin-left: auto;
      }
      .gap {
        display: flex;
        align-items: center;
        gap: 0.4rem;
        color: var(--amber);
        font-weight: 650;
        font-size: 0.9375rem;
      }
      .gap svg {
        width: 1.1rem;
        height: 1.1rem;
      }
      label.check {
        display: inline-flex;
        align-items: center;
        gap: 0.45rem;
        min-height: 2.75rem;
        cursor: pointer;
      }
      label.check input {
        width: 1.15rem;
        height: 1.15rem;
      }
      [role="listbox"] {
        position: absolute;
        inset: auto 1.1rem calc(100% - 0.3rem);
        max-height: 16rem;
        overflow-y: auto;
        z-index: 4;
        border: 1px solid var(--control);
        border-radius: 13px;
        background: var(--card);
        box-shadow: 0 -6px 24px rgb(0 0 0 / 0.16);
      }
      [role="option"] {
        padding: 0.5rem 0.85rem;
        min-height: 2.75rem;
        cursor: pointer;
      }
      [role="option"] b {
        display: block;
      }
      [role="option"] span {
        display: block;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        font-size: 0.875rem;
        color: var(--ink-soft);
      }
      [role="option"]:hover,
      [aria-selected="true"] {
        background: var(--brand-soft);
      }
      .none {
        padding: 0.75rem 0.85rem;
      }
    `,
  ];

  override focus(): void {
    this.field?.focus();
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("chat")) this.closed = false;
    this.renderRoot.querySelector("[aria-selected='true']")?.scrollIntoView({ block: "nearest" });
  }

  /** Whether the menu of canned replies is open. */
  private get menu(): boolean {
    const { chat } = this;
    return chat.draft.startsWith("/") && !this.closed && !chat.noting;
  }

  private get found(): readonly CannedOption[] {
    return findReplies(this.chat.replies ?? [], this.chat.draft);
  }

  protected override render() {
    const { chat, menu } = this;
    const gap = hasGap(chat.draft) && !chat.noting;
    return html`<form class=${chat.noting ? "noting" : ""} @submit=${this.submit}>
      ${menu ? this.renderMenu() : nothing}
      <label class="visually-hidden" for="text">
        ${chat.noting ? "A note, for agents alone" : "Your answer"}
      </label>
      <textarea
        id="text"
        dir="auto"
        rows="2"
        maxlength=${LONGEST}
        aria-controls="replies"
        aria-autocomplete="list"
        aria-haspopup="listbox"
        aria-activedescendant=${menu && this.found.length > 0 ? `reply-${this.at}` : nothing}
        placeholder=${chat.noting ? "For agents alone. The shopper does not see it." : "Write, or / for canned replies"}
        .value=${chat.draft}
        @input=${this.write}
        @keydown=${this.key}
      ></textarea>
      ${gap ? html`<p class="gap" role="status">${warningIcon} Fill what stands between ⟦ and ⟧ first.</p>` : nothing}
      <div class="row">
        <button type="button" class="button plain small" @click=${this.openMenu}>Canned replies</button>
        <label class="check"
          ><input type="checkbox" .checked=${chat.noting} @change=${this.toggle} />Note for agents</label
        >
        <button class="button brand small" type="submit" aria-disabled=${chat.draft.trim() === "" || gap}>
          ${chat.noting ? "Keep note" : "Send"}
        </button>
      </div>
    </form>`;
  }

  private renderMenu() {
    const { at, found } = this;
    return html`<div id="replies" role="listbox" aria-label="Canned replies">
      ${found.map(
        (reply, index) =>
          html`<div
            id="reply-${index}"
            role="option"
            aria-selected=${index === at}
            @pointerdown=${(event: Event) => event.preventDefault()}
            @click=${() => this.pick(reply)}
          >
            <b dir="auto">${reply.title}</b><span dir="auto">${reply.text}</span>
          </div>`,
      )}
      ${
        found.length === 0
          ? html`<p class="none soft" role="status">
              ${this.chat.replies === null ? "One moment…" : "No canned reply has these words."}
            </p>`
          : nothing
      }
    </div>`;
  }

  private write(): void {
    const { chat, field } = this;
    const began = field.value.startsWith("/") && !chat.draft.startsWith("/");
    if (began) this.closed = false;
    if (began && !chat.noting) chat.askReplies();
    this.at = 0;
    chat.write(field.value);
  }

  private openMenu(): void {
    this.chat.noting = false;
    this.closed = false;
    this.chat.askReplies();
    this.chat.write("/");
    this.focus();
  }

  private toggle(event: Event): void {
    this.chat.noting = (event.target as HTMLInputElement).checked;
    this.chat.write(this.chat.draft);
    this.focus();
  }

  private key(event: KeyboardEvent): void {
    const { found, menu } = this;
    if (menu) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && found.length > 0) {
        event.preventDefault();
        this.at = (this.at + step + found.length) % found.length;
      } else if (event.key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
        this.closed = true;
      } else if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab") {
        const reply = found[this.at];
        if (!reply) return;
        event.preventDefault();
        this.pick(reply);
      }
      return;
    }
    // Where people compose characters, Enter ends that.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.chat.submit();
    }
  }

  private pick(reply: CannedOption): void {
    this.chat.pick(reply);
    this.focus();
    // At once: what is typed next replaces the first gap.
    this.field.value = reply.text;
    const gap = reply.text.indexOf("\u27e6");
    const end = reply.text.indexOf("\u27e7");
    if (gap >= 0 && end > gap) this.field.setSelectionRange(gap, end + 1);
  }

  private submit(event: Event): void {
    event.preventDefault();
    this.chat.submit();
    this.focus();
  }
}

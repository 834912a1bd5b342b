/** The drawer of "Talk by Phone" and "Talk by PC": the form, then the live call, then what became of it. */

import type { CallRequest, Json, TalkBy } from "@ringback/call-client";
import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import "./call-form";
import "./call-progress";
import "../../demo-shop/src/call-record";
import type { CallWish } from "./call-form";
import { bringCompany, type DemoSetup, fetchSigned } from "../../demo-shop/src/demo-setup";
import { closeIcon, headsetIcon, phoneIcon } from "./icons";
import type { LiveCall } from "./live-call";
import { base, buttons } from "./styles";
import { leadWords, talkWords, wayWords } from "./way-words";

@customElement("call-panel")
export class CallPanel extends LitElement {
  @property({ attribute: false }) setup!: DemoSetup;
  @property({ attribute: false }) call!: LiveCall;
  /** What the shop knows of the shopper; goes along with the call. */
  @property({ attribute: false }) context: Readonly<Record<string, Json>> = {};
  /** Redraws with every change of the call and every tick of its clock. */
  @property({ attribute: false }) tick: unknown;
  @state() private by: TalkBy = "phone";
  /** The story's other shoppers are asked to call first, and the shop's server to sign. */
  @state() private preparing = false;
  @query("dialog") private dialog!: HTMLDialogElement;
  @query("h2") private heading!: HTMLElement;
  private hadCall = false;

  static override styles = [
    base,
    buttons,
    css`
      dialog {
        position: fixed;
        inset: 0 0 0 auto;
        width: min(31rem, 100vw);
        max-width: none;
        height: 100dvh;
        max-height: none;
        margin: 0;
        padding: 0;
        border: 0;
        background: var(--card);
        color: var(--ink);
        box-shadow: 0 0 60px rgb(0 0 0 / 0.3);
        overflow-y: auto;
        overscroll-behavior: contain;
        /* What has the focus is not hidden behind the header, nor behind the form's button. */
        scroll-padding: 5rem 0 6rem;
      }
      dialog[open] {
        animation: slide 0.22s ease-out;
      }
      dialog::backdrop {
        background: rgb(12 18 28 / 0.45);
      }
      header {
        position: sticky;
        top: 0;
        z-index: 2;
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 1rem;
        padding: 0.9rem 1.5rem;
        background: var(--card);
        border-bottom: 1px solid var(--line);
      }
      h2 {
        font-size: 1.3rem;
        outline: none;
      }
      .close {
        display: grid;
        place-items: center;
        width: 2.75rem;
        height: 2.75rem;
        margin-right: -0.6rem;
        border: 0;
        border-radius: 50%;
        background: transparent;
        cursor: pointer;
      }
      .close:hover {
        background: var(--sunk);
      }
      .close svg {
        width: 1.4rem;
        height: 1.4rem;
      }
      .body {
        display: grid;
        gap: 1.5rem;
        padding: 1.25rem 1.5rem 2rem;
      }
      .lead {
        color: var(--ink-soft);
      }
      fieldset {
        display: grid;
        grid-auto-flow: column;
        grid-auto-columns: 1fr;
        gap: 4px;
        margin: 0;
        padding: 4px;
        border: 0;
        border-radius: 999px;
        background: var(--sunk);
      }
      .way {
        position: relative;
        display: flex;
        align-items: center;
        justify-content: center;
        gap: 0.5rem;
        min-height: 2.75rem;
        border-radius: 999px;
        font-weight: 650;
        color: var(--ink-soft);
        cursor: pointer;
      }
      .way:has(:checked) {
        background: var(--card);
        color: var(--ink);
        box-shadow: 0 1px 4px rgb(0 0 0 / 0.18);
      }
      .way:has(:focus-visible) {
        outline: 3px solid var(--focus);
        outline-offset: 2px;
      }
      .way input {
        position: absolute;
        inset: 0;
        margin: 0;
        opacity: 0;
        cursor: pointer;
      }
      .way svg {
        width: 1.25rem;
        height: 1.25rem;
      }
      @keyframes slide {
        from {
          transform: translateX(2.5rem);
          opacity: 0;
        }
      }
    `,
  ];

  /** Open the drawer, with the focus on its heading; `by` is the way to talk, unless there is a call already. */
  show(by: TalkBy = this.by): void {
    this.choose(by);
    if (!this.dialog.open) this.dialog.showModal();
    this.heading.focus();
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has("tick")) return;
    const hasCall = this.call.view !== null;
    // The button that was pressed is gone: the focus would be lost with it.
    if (hasCall !== this.hadCall && this.dialog.open) this.heading.focus();
    this.hadCall = hasCall;
  }

  protected override render() {
    const by = this.call.view === null ? this.by : this.call.by;
    return html`<dialog aria-labelledby="title" @close=${this.closed}>
      <header>
        <h2 id="title" tabindex="-1">${talkWords(by)}</h2>
        <button class="close" aria-label="Close" @click=${this.close}>${closeIcon}</button>
      </header>
      <div class="body" @by-phone=${this.byPhone}>
        ${this.call.view === null ? this.renderForm() : this.renderCall()}
      </div>
    </dialog>`;
  }

  private renderForm() {
    return html`
      ${this.setup.talk.length > 1 ? this.renderWays() : nothing}
      <p class="lead">${leadWords(this.by)}</p>
      <call-form
        .setup=${this.setup}
        .problem=${this.call.problem}
        .microphone=${this.call.microphone}
        by=${this.by}
        ?busy=${this.call.asking || this.preparing}
        @call-me=${this.ask}
      ></call-form>
    `;
  }

  private renderWays() {
    return html`<fieldset>
      <legend class="visually-hidden">How would you like to talk?</legend>
      ${this.setup.talk.map(
        (by) =>
          html`<label class="way">
            <input
              type="radio"
              name="by"
              value=${by}
              .checked=${by === this.by}
              @change=${() => this.choose(by)}
            />
            ${by === "pc" ? headsetIcon : phoneIcon} ${wayWords(by)}
          </label>`,
      )}
    </fieldset>`;
  }

  private renderCall() {
    const { view, ticket } = this.call;
    const over = view?.phase === "ended" || (this.call.problem !== null && this.call.connection === "closed");
    return html`
      <call-progress
        .call=${this.call}
        .tick=${this.tick}
        ?phone=${this.setup.talk.includes("phone")}
      ></call-progress>
      ${
        over && ticket
          ? html`<call-record .callId=${ticket.id}></call-record>
              <button class="button ink wide" @click=${this.again}>Try another call</button>`
          : nothing
      }
    `;
  }

  private choose(by: TalkBy): void {
    if (by === this.by || !this.setup.talk.includes(by)) return;
    this.by = by;
    if (this.call.view === null) this.call.reset();
  }

  private async ask({ detail: wish }: CustomEvent<CallWish>): Promise<void> {
    const { by } = this;
    if (this.preparing) return;
    this.preparing = true;
    try {
      if (by === "pc" && wish.story?.company) await bringCompany(wish.story);
      const signed = await fetchSigned(wish.number, wish.country);
      await this.call.ask(this.setup.api, { ...this.request(wish, by), ...(signed ? { signed } : {}) });
    } finally {
      this.preparing = false;
    }
  }

  private request({ number, country }: CallWish, by: TalkBy): CallRequest {
    const { context } = this;
    const wish = { site_key: this.setup.site_key, page: window.location.href, context };
    if (by === "phone") return { ...wish, number, country };
    return number === "" ? { ...wish, by } : { ...wish, by, number, country };
  }

  private again(): void {
    this.call.reset();
  }

  private byPhone(): void {
    this.call.reset();
    this.choose("phone");
    this.heading.focus();
  }

  private close(): void {
    this.dialog.close();
  }

  /** Also by the Escape key: nothing listens in a drawer that is closed, but a call goes on. */
  private closed(): void {
    if (this.call.view === null) this.call.microphone.close();
  }
}

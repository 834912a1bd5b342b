/** The drawer that "Talk by Phone" opens: the form, then the live call, then what became of it. */

import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import "./call-form";
import "./call-progress";
import "./call-record";
import type { CallWish } from "./call-form";
import type { DemoSetup } from "./demo-setup";
import { closeIcon } from "./icons";
import type { LiveCall } from "./live-call";
import { base, buttons } from "./styles";

@customElement("call-drawer")
export class CallDrawer extends LitElement {
  @property({ attribute: false }) setup!: DemoSetup;
  @property({ attribute: false }) call!: LiveCall;
  /** What the shop knows of the shopper; goes along with the call. */
  @property({ attribute: false }) context: Readonly<Record<string, string>> = {};
  /** Redraws with every change of the call and every tick of its clock. */
  @property({ attribute: false }) tick: unknown;
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
      @keyframes slide {
        from {
          transform: translateX(2.5rem);
          opacity: 0;
        }
      }
    `,
  ];

  /** Open the drawer, with the focus on its heading. */
  show(): void {
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
    return html`<dialog aria-labelledby="title">
      <header>
        <h2 id="title" tabindex="-1">Talk by Phone</h2>
        <button class="close" aria-label="Close" @click=${this.close}>${closeIcon}</button>
      </header>
      <div class="body">${this.call.view === null ? this.renderForm() : this.renderCall()}</div>
    </dialog>`;
  }

  private renderForm() {
    return html`
      <p class="lead">We call you, and connect you with somebody who knows bikes. It costs you nothing.</p>
      <call-form
        .setup=${this.setup}
        .problem=${this.call.problem}
        ?busy=${this.call.asking}
        @call-me=${this.ask}
      ></call-form>
    `;
  }

  private renderCall() {
    const { view, ticket } = this.call;
    const over = view?.phase === "ended" || (this.call.problem !== null && this.call.connection === "closed");
    return html`
      <call-progress .call=${this.call} .tick=${this.tick}></call-progress>
      ${
        over && ticket
          ? html`<call-record .callId=${ticket.id}></call-record>
              <button class="button ink wide" @click=${this.again}>Try another call</button>`
          : nothing
      }
    `;
  }

  private ask(event: CustomEvent<CallWish>): void {
    const { number, country } = event.detail;
    void this.call.ask(this.setup.api, {
      site_key: this.setup.site_key,
      number,
      country,
      page: window.location.href,
      context: this.context,
    });
  }

  private again(): void {
    this.call.reset();
  }

  private close(): void {
    this.dialog.close();
  }
}

/** It rings: who calls, answer, decline. */

import { css, html, LitElement } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import type { AgentCall } from "./agent-call";
import "./caller-facts";
import { hangUpIcon, phoneIcon } from "./icons";
import "./problem-notice";
import { hasKeys, shortcutWords } from "./shortcuts";
import { base, buttons } from "./styles";

@customElement("incoming-call")
export class IncomingCall extends LitElement {
  @property({ attribute: false }) call!: AgentCall;
  @property({ attribute: false }) tick: unknown;
  @query("h1") private heading!: HTMLElement;

  static override styles = [
    base,
    buttons,
    css`
      .card {
        padding: 2.4rem clamp(1.15rem, 5vw, 2.5rem) 2rem;
        text-align: center;
        border-color: var(--call);
        box-shadow: 0 0 0 4px var(--call-soft);
      }
      .bell {
        position: relative;
        display: grid;
        place-items: center;
        width: 5rem;
        height: 5rem;
        margin: 0 auto 1.5rem;
        border-radius: 50%;
        background: var(--call);
        color: var(--call-ink);
      }
      .bell svg {
        width: 2.3rem;
        height: 2.3rem;
        animation: shake 1.5s infinite;
      }
      .bell::before,
      .bell::after {
        content: "";
        position: absolute;
        inset: 0;
        border-radius: 50%;
        border: 2px solid var(--call);
        animation: wave 2s ease-out infinite;
      }
      .bell::after {
        animation-delay: 1s;
      }
      h1 {
        font-size: 1.8rem;
        overflow-wrap: anywhere;
      }
      h1 + p {
        margin: 0.25rem 0 1.5rem;
      }
      caller-facts {
        max-width: 30rem;
        margin: 0 auto 1.6rem;
      }
      problem-notice {
        max-width: 30rem;
        margin: 0 auto 1.2rem;
      }
      .actions {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: 0.9rem;
        max-width: 30rem;
        margin: 0 auto;
      }
      .actions .button {
        min-height: 3.75rem;
        font-size: 1.125rem;
        padding-inline: 0.75rem;
      }
      .keys {
        margin-top: 1rem;
        font-size: 0.875rem;
      }
      kbd {
        padding: 0.1rem 0.4rem;
        border: 1px solid var(--line);
        border-radius: 6px;
        background: var(--sunk);
        font: inherit;
      }
      @keyframes wave {
        from {
          transform: scale(1);
          opacity: 0.8;
        }
        to {
          transform: scale(1.75);
          opacity: 0;
        }
      }
      @keyframes shake {
        0%,
        50%,
        100% {
          transform: none;
        }
        10%,
        30% {
          transform: rotate(-14deg);
        }
        20%,
        40% {
          transform: rotate(14deg);
        }
      }
      @media (max-width: 40rem) {
        /* In the reach of a thumb, however much is told of the caller. */
        .actions {
          position: sticky;
          bottom: 0;
          margin: 0 -0.5rem -1rem;
          padding: 0.75rem 0.5rem 1rem;
          background: var(--card);
        }
      }
    `,
  ];

  override focus(): void {
    this.heading.focus();
  }

  protected override render() {
    const { ring, problem } = this.call;
    return html`<section class="card" aria-labelledby="who">
      <span class="bell">${phoneIcon}</span>
      <h1 id="who" tabindex="-1">${ring.site || "Somebody"} calls</h1>
      <p class="soft">A visitor of the site wants to talk with you.</p>
      <caller-facts .ring=${ring}></caller-facts>
      <problem-notice .problem=${problem}></problem-notice>
      <div class="actions">
        <button class="button stop" accesskey="x" @click=${this.decline}>${hangUpIcon} Decline</button>
        <button class="button call" accesskey="a" @click=${this.answer}>
          ${phoneIcon} ${problem ? "Try again" : "Answer"}
        </button>
      </div>
      ${
        hasKeys()
          ? html`<p class="keys soft">
              <kbd>${shortcutWords("a")}</kbd> answers, <kbd>${shortcutWords("x")}</kbd> declines
            </p>`
          : ""
      }
    </section>`;
  }

  private answer(): void {
    void this.call.take();
  }

  private decline(): void {
    this.call.decline();
  }
}

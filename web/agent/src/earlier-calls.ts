/** The shopper's earlier calls and chats, in one list. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { EarlierContact, EarlierNote } from "./messages";
import { base } from "./styles";
import { earlierWords, momentWords, pageWords } from "./words";

@customElement("earlier-calls")
export class EarlierCalls extends LitElement {
  /** The newest first; null while it is being looked up. */
  @property({ attribute: false }) history: readonly EarlierContact[] | null = null;

  static override styles = [
    base,
    css`
      .card {
        padding: 1.25rem 1.3rem 0.7rem;
      }
      h2 + p {
        padding: 0.4rem 0 0.6rem;
      }
      ol {
        margin-top: 0.4rem;
      }
      li {
        display: grid;
        gap: 0.05rem;
        padding: 0.6rem 0;
        font-size: 0.9375rem;
      }
      li + li {
        border-top: 1px solid var(--line);
      }
      b {
        font-weight: 600;
        overflow-wrap: anywhere;
      }
      .soft {
        overflow-wrap: anywhere;
      }
      .note {
        margin-top: 0.3rem;
        padding-left: 0.75rem;
        border-left: 3px solid var(--line);
        overflow-wrap: anywhere;
      }
      .note span {
        display: block;
        white-space: pre-line;
      }
      .note .soft {
        font-size: 0.875rem;
      }
      @media (max-width: 30rem) {
        .card {
          padding-inline: 1rem;
        }
      }
    `,
  ];

  protected override render() {
    const { history } = this;
    return html`<section class="card" aria-labelledby="title" aria-busy=${history === null}>
      <h2 id="title">Earlier calls and chats</h2>
      ${
        history === null
          ? html`<p class="soft">Looking them up…</p>`
          : history.length === 0
            ? html`<p class="soft">None that we know of.</p>`
            : html`<ol>
                ${history.map(
                  (each) =>
                    html`<li>
                      <b>${earlierWords(each)}</b>
                      <span class="soft"
                        ><time datetime=${new Date(each.at * 1000).toISOString()}
                          >${momentWords(each.at)}</time
                        >${each.disposition !== null && each.chat_id !== null ? " · out of a chat" : nothing}${each.page ? html` · ${pageWords(each.page)}` : nothing}</span
                      >
                      ${each.notes.map(renderNote)}
                    </li>`,
                )}
              </ol>`
      }
    </section>`;
  }
}

const renderNote = ({ agent, code, text }: EarlierNote) =>
  html`<p class="note">
    <span dir="auto">${text}</span>
    <span class="soft">${[agent, code].filter(Boolean).join(" · ")}</span>
  </p>`;

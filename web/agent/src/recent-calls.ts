/** The agent's last calls, as the server tells them: the same in every tab, and after a reload. */

import { clockWords } from "@ringback/browser-leg";
import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { ListedCall } from "./desk";
import { base } from "./styles";
import { outcomeWords, whoWords } from "./words";

@customElement("recent-calls")
export class RecentCalls extends LitElement {
  @property({ attribute: false }) past: readonly ListedCall[] = [];
  @property({ attribute: false }) tick: unknown;

  static override styles = [
    base,
    css`
      .card {
        padding: 1.35rem 1.4rem 0.6rem;
      }
      ol {
        margin-top: 0.6rem;
      }
      li {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: 0 1rem;
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
      time,
      .length {
        text-align: right;
        color: var(--ink-soft);
        font-variant-numeric: tabular-nums;
      }
    `,
  ];

  protected override render() {
    if (this.past.length === 0) return nothing;
    return html`<section class="card" aria-labelledby="title">
      <h2 id="title">Your calls</h2>
      <ol>
        ${this.past.map((call) => {
          const { at, cause, number, seconds, talked } = call;
          const when = new Date(at);
          return html`<li>
            <b dir="auto">${whoWords(call) || "A visitor"}</b>
            <time datetime=${when.toISOString()}
              >${when.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" })}</time
            >
            <span class="soft"
              >${outcomeWords(cause, talked)}${number ? html`<br /><bdi>${number}</bdi>` : nothing}</span
            >
            <span class="length">${talked ? clockWords(seconds) : ""}</span>
          </li>`;
        })}
      </ol>
    </section>`;
  }
}

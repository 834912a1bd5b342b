/** What was done on the shopper's page, the newest first. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import { base } from "../styles";
import type { DoneAction } from "./shown-view";
import { doneWords, resultWords, waitsWords } from "./view-words";

@customElement("done-list")
export class DoneList extends LitElement {
  @property({ attribute: false }) done: readonly DoneAction[] = [];

  static override styles = [
    base,
    css`
      ol {
        display: grid;
        gap: 0.4rem;
        margin-top: 0.5rem;
        font-size: 0.9375rem;
      }
      li {
        padding: 0.45rem 0.7rem;
        border-radius: 10px;
        background: var(--sunk);
        overflow-wrap: anywhere;
      }
      .done {
        background: var(--call-soft);
      }
      .refused,
      .declined {
        background: var(--amber-soft);
      }
      small {
        display: block;
        font-size: 0.875rem;
        color: var(--ink-soft);
      }
    `,
  ];

  protected override render() {
    if (this.done.length === 0) return nothing;
    return html`<section aria-labelledby="title">
      <h2 id="title">What was done</h2>
      <ol role="log" aria-labelledby="title" aria-relevant="additions text">
        ${this.done.map(
          ({ kind, result, value, what }) =>
            html`<li class=${result?.result ?? "waits"} aria-atomic="true">
              <bdi
                >${kind ? doneWords({ kind, value, what }, result?.result === "done") : "A colleague’s action"}</bdi
              >
              <small>${result ? resultWords(result) : waitsWords(kind)}</small>
            </li>`,
        )}
      </ol>
    </section>`;
  }
}

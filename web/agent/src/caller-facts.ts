/** Who calls: the site, the number, the page they look at, and what the page passed along. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { AgentRing } from "./agent-call";
import { base } from "./styles";
import { keyWords, pageLink, pageWords } from "./words";

@customElement("caller-facts")
export class CallerFacts extends LitElement {
  @property({ attribute: false }) ring!: AgentRing;

  static override styles = [
    base,
    css`
      dl {
        display: grid;
        grid-template-columns: minmax(5rem, auto) minmax(0, 1fr);
        border: 1px solid var(--line);
        border-radius: 13px;
        overflow: hidden;
        text-align: left;
      }
      div {
        display: grid;
        grid-template-columns: subgrid;
        grid-column: 1 / -1;
        gap: 1rem;
        padding: 0.5rem 0.95rem;
      }
      div + div {
        border-top: 1px solid var(--line);
      }
      dt {
        color: var(--ink-soft);
      }
      dd {
        overflow-wrap: anywhere;
        font-weight: 550;
      }
    `,
  ];

  protected override render() {
    const { context, number, page } = this.ring;
    const facts = Object.entries(context);
    if (!number && !page && facts.length === 0) return nothing;
    const link = pageLink(page);
    return html`<dl>
      ${
        number
          ? html`<div>
              <dt>Number</dt>
              <dd>${number}</dd>
            </div>`
          : nothing
      }
      ${
        page
          ? html`<div>
              <dt>Page</dt>
              <dd>
                ${
                  link
                    ? html`<a href=${link} target="_blank" rel="noopener noreferrer"
                        >${pageWords(page)}<span class="visually-hidden"> (opens in a new tab)</span></a
                      >`
                    : pageWords(page)
                }
              </dd>
            </div>`
          : nothing
      }
      ${facts.map(
        ([key, value]) =>
          html`<div>
            <dt>${keyWords(key)}</dt>
            <dd>${factWords(value)}</dd>
          </div>`,
      )}
    </dl>`;
  }
}

function factWords(value: unknown): string {
  if (value === true) return "yes";
  if (value === false) return "no";
  return String(value);
}

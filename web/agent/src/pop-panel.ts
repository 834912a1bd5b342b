/** What is known of the shopper: what the retailer's server signed, and apart from it what the page merely says. */

import { css, html, LitElement, nothing, type TemplateResult } from "lit";
import { customElement, property } from "lit/decorators.js";
import { webAddress } from "@ringback/browser-leg";
import { lockIcon, outIcon, shieldIcon, unsureIcon, warningIcon } from "./icons";
import type { AgentLeg } from "./agent-leg";
import type { FilledLink, Pop, PopField } from "./messages";
import { base, buttons, notices } from "./styles";
import { keyWords, pageWords } from "./words";

/** A call or a chat, as far as it is told of its shopper. */
export interface Known {
  readonly leg: Pick<AgentLeg, "ring"> | null;
  readonly pop: Pop | null;
  readonly site: string;
}

@customElement("pop-panel")
export class PopPanel extends LitElement {
  @property({ attribute: false }) call!: Known;
  /** Links that should have opened by themselves, and were kept from it. */
  @property({ attribute: false }) blocked: readonly FilledLink[] = [];
  @property({ attribute: false }) tick: unknown;

  static override styles = [
    base,
    buttons,
    notices,
    css`
      .card {
        display: grid;
        gap: 1rem;
        padding: 1.25rem 1.3rem 1.4rem;
      }
      .top {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.6rem;
      }
      h2 {
        margin-right: auto;
      }
      .out {
        text-decoration: none;
        color: var(--ink);
        min-height: 2.4rem;
      }
      .out svg {
        width: 1.05rem;
        height: 1.05rem;
      }
      .groups {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(18rem, 100%), 1fr));
        gap: 1rem;
        align-items: start;
      }
      .group {
        border-radius: 14px;
        overflow: hidden;
      }
      .signed {
        border: 2px solid var(--call);
      }
      /* Nobody vouches for it: the box itself is not solid. */
      .claimed {
        border: 2px dashed var(--control);
      }
      .group header {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        align-items: center;
        gap: 0 0.7rem;
        padding: 0.6rem 0.9rem;
      }
      .signed header {
        background: var(--call);
        color: var(--call-ink);
      }
      .claimed header {
        color: var(--ink);
        border-bottom: 2px dashed var(--line);
      }
      header svg {
        grid-row: span 2;
        width: 1.7rem;
        height: 1.7rem;
      }
      h3 {
        font-size: 1rem;
      }
      header p {
        font-size: 0.8438rem;
        line-height: 1.3;
      }
      .claimed header p {
        color: var(--ink-soft);
      }
      dl > div {
        display: grid;
        grid-template-columns: minmax(7.75rem, 1fr) minmax(0, 2fr);
        gap: 0.1rem 1rem;
        padding: 0.5rem 0.9rem;
      }
      dl > div + div {
        border-top: 1px solid var(--line);
      }
      dt {
        color: var(--ink-soft);
        overflow-wrap: anywhere;
      }
      dd {
        font-weight: 600;
        overflow-wrap: anywhere;
        white-space: pre-line;
      }
      .signed dd {
        font-weight: 650;
      }
      .claimed dd {
        font-weight: 500;
      }
      .masked,
      .differs {
        display: inline-flex;
        align-items: center;
        gap: 0.4rem;
        color: var(--ink-soft);
        font-weight: 500;
        white-space: normal;
      }
      .masked svg,
      .differs svg {
        flex: none;
        width: 1.05rem;
        height: 1.05rem;
      }
      .differs {
        font-size: 0.8438rem;
        color: var(--amber);
        font-weight: 650;
      }
      div:has(> dd > .differs) {
        background: var(--amber-soft);
      }
      @media (max-width: 30rem) {
        .card {
          padding-inline: 1rem;
        }
        dl > div {
          grid-template-columns: minmax(5.5rem, 2fr) minmax(0, 5fr);
        }
      }
    `,
  ];

  protected override render() {
    const { call } = this;
    const { signed, claimed, page, page_known } = knownOf(call);
    return html`<section class="card" aria-labelledby="known">
      <div class="top">
        <h2 id="known">About the shopper</h2>
        ${(call.pop?.links ?? []).map(
          ({ label, url }) =>
            html`<a
              class="button plain small out"
              href=${url}
              target="_blank"
              rel="noopener noreferrer"
              @click=${() => this.dispatchEvent(new CustomEvent("opened", { detail: url }))}
              ><bdi>${label}</bdi> ${outIcon}<span class="visually-hidden"> (opens in a new tab)</span></a
            >`,
        )}
      </div>
      ${
        this.blocked.length > 0
          ? html`<div class="notice" role="status">
              ${warningIcon}
              <p>
                <b
                  >Your browser did not let ${this.blocked.map(({ label }) => `“${label}”`).join(" and ")}
                  open by itself.</b
                >
                Click it above, and allow pop-ups for this page.
              </p>
            </div>`
          : nothing
      }
      <div class="groups">
        ${
          signed.length > 0
            ? html`<section class="group signed" aria-labelledby="signed">
                <header>
                  ${shieldIcon}
                  <h3 id="signed">Verified</h3>
                  <p>Signed by the server of ${call.site || "the site"}</p>
                </header>
                <dl>${signed.map(renderField)}</dl>
              </section>`
            : nothing
        }
        ${
          claimed.length > 0 || page
            ? html`<section class="group claimed" aria-labelledby="claimed">
                <header>
                  ${unsureIcon}
                  <h3 id="claimed">Not verified</h3>
                  <p>From the shopper’s page, which a visitor can change</p>
                </header>
                <dl>
                  ${page ? renderRow("Page", renderPage(page, page_known)) : nothing}${claimed.map(renderField)}
                </dl>
              </section>`
            : nothing
        }
      </div>
      ${
        signed.length === 0 && claimed.length === 0 && !page
          ? html`<p class="soft">Their page sent nothing about them.</p>`
          : nothing
      }
    </section>`;
  }
}

interface Told {
  readonly signed: readonly PopField[];
  readonly claimed: readonly PopField[];
  readonly page: string;
  /** Whether that is a page of the site's; null where nobody told. */
  readonly page_known: boolean | null;
}

/** Without a pop there is what the ring brought, for which nobody vouches. */
function knownOf({ leg, pop }: Known): Told {
  if (pop) return pop;
  const claimed = Object.entries(leg?.ring.context ?? {}).map(([key, value]) => ({
    key,
    label: keyWords(key),
    value,
    masked: false,
    differs: false,
  }));
  return { signed: [], claimed, page: leg?.ring.page ?? "", page_known: null };
}

function renderField({ differs, label, masked, value }: PopField): TemplateResult {
  const shown = masked
    ? html`<span class="masked" title="You may not see this">${lockIcon} Hidden from you</span>`
    : html`${value}`;
  return renderRow(
    label,
    differs
      ? html`${shown}<br /><span class="differs">${warningIcon} The server signed another value</span>`
      : shown,
  );
}

const renderRow = (label: string, value: TemplateResult): TemplateResult =>
  html`<div>
    <dt>${label}</dt>
    <dd dir="auto">${value}</dd>
  </div>`;

/** A caller can name any address as their page: one that is not the site's is shown in full, without a link. */
function renderPage(page: string, known: boolean | null): TemplateResult {
  const link = known ? webAddress(page)?.href : null;
  return link
    ? html`<a href=${link} target="_blank" rel="noopener noreferrer"
        >${breakable(pageWords(page))}<span class="visually-hidden"> (opens in a new tab)</span></a
      >`
    : html`${breakable(pageWords(page))}${
        known === null
          ? nothing
          : html`<br /><span class="differs">${warningIcon} Not a page of this site</span>`
      }`;
}

/** An address breaks where its parts end. */
const breakable = (address: string) =>
  address.split("/").map((part, index) => (index === 0 ? part : html`/<wbr />${part}`));

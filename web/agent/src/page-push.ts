/** Sends the shopper's browser to a page: one of the catalogue's, or any address that may be shown. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { addressOf } from "./addresses";
import type { Push, Refusal } from "./desk-call";
import type { DeskPage, DeskSettings } from "./messages";
import { checkIcon, pageIcon, warningIcon } from "./icons";
import { base, buttons, fields } from "./styles";
import { pageWords, pushWords, refusalWords } from "./words";

/** More pages than these need a search. */
const FEW = 5;

/** A call or a chat whose shopper may be shown pages. */
export interface PushTarget {
  /** The name of its site in the settings. */
  readonly siteName: string;
  /** The pages of before, the newest first. */
  readonly pushes: readonly Push[];
  readonly refused: Refusal | null;
  /** Whether a page is a card in the chat, which the shopper opens. */
  readonly cards?: boolean;
  push(page: string, title: string, url: string): void;
}

const REQUESTS: readonly (string | null)[] = ["push_page", "chat_page"];

@customElement("page-push")
export class PagePushPanel extends LitElement {
  @property({ attribute: false }) call!: PushTarget;
  @property({ attribute: false }) settings!: DeskSettings;
  @property({ attribute: false }) tick: unknown;
  @state() private typed = "";
  @query("input") private field!: HTMLInputElement;

  static override styles = [
    base,
    buttons,
    fields,
    css`
      .card {
        padding: 1.25rem 1.3rem 1.3rem;
      }
      h2 + p {
        margin: 0.15rem 0 0.8rem;
        font-size: 0.9375rem;
      }
      form {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: 0.5rem;
      }
      ul {
        margin: 0.5rem -0.4rem 0;
      }
      .pages {
        max-height: 16rem;
        overflow-y: auto;
      }
      .pages li + li {
        border-top: 1px solid var(--line);
      }
      .page {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr) auto;
        align-items: center;
        gap: 0.75rem;
        width: 100%;
        min-height: 3rem;
        padding: 0.35rem 0.4rem;
        border: 0;
        border-radius: 9px;
        background: transparent;
        text-align: left;
        cursor: pointer;
      }
      .page:hover {
        background: var(--sunk);
      }
      .id {
        min-width: 2.1rem;
        padding: 0.1rem 0.35rem;
        border-radius: 7px;
        background: var(--sunk);
        font-size: 0.875rem;
        font-variant-numeric: tabular-nums;
        text-align: center;
        color: var(--ink-soft);
      }
      .page b {
        font-weight: 600;
        overflow-wrap: anywhere;
      }
      .go {
        font-size: 0.9375rem;
        font-weight: 650;
        color: var(--brand);
      }
      .pushes {
        display: grid;
        gap: 0.5rem;
        margin: 0.9rem 0 0;
      }
      .pushes li {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: 0 0.65rem;
        padding: 0.55rem 0.75rem;
        border-radius: 11px;
        background: var(--sunk);
        font-size: 0.9375rem;
      }
      .pushes svg {
        width: 1.2rem;
        height: 1.2rem;
        margin-top: 0.15rem;
        grid-row: span 2;
        color: var(--ink-soft);
      }
      .pushes b {
        font-weight: 600;
        overflow-wrap: anywhere;
      }
      .accepted {
        background: var(--call-soft) !important;
      }
      .accepted svg {
        color: var(--call);
      }
      .declined,
      .no_page {
        background: var(--amber-soft) !important;
      }
      .declined svg,
      .no_page svg {
        color: var(--amber);
      }
      .error {
        margin-top: 0.6rem;
        color: var(--stop);
        font-weight: 600;
      }
      @media (max-width: 30rem) {
        .card {
          padding-inline: 1rem;
        }
      }
    `,
  ];

  protected override render() {
    const { call } = this;
    const { pages, found } = this;
    const asks = call.cards === true || this.settings.push[call.siteName] !== "go";
    const refused = call.refused && REQUESTS.includes(call.refused.request) ? call.refused : null;
    return html`<section class="card" aria-labelledby="title">
      <h2 id="title">Show a page</h2>
      <p class="soft">
        ${asks ? "The shopper is asked, and can go back." : "The shopper’s browser goes there, and can go back."}
      </p>
      <form @submit=${this.submit}>
        <div>
          <label class="visually-hidden" for="search"
            >${pages.length > FEW ? "Search pages, or an address" : "Address of a page"}</label
          >
          <input
            id="search"
            type="text"
            inputmode="url"
            autocomplete="off"
            autocapitalize="none"
            spellcheck="false"
            accesskey="g"
            placeholder=${pages.length > FEW ? "Search, or https://…" : "https://…"}
            aria-invalid=${refused !== null}
            aria-describedby="error"
            .value=${this.typed}
            @input=${() => (this.typed = this.field.value)}
          />
        </div>
        <button
          class="button plain small"
          aria-disabled=${addressOf(this.typed) === null && found.length !== 1}
        >
          Show
        </button>
      </form>
      <p class="error" id="error" role="alert" ?hidden=${!refused}>
        ${refused ? refusalWords(refused) : nothing}
      </p>
      ${
        found.length > 0
          ? html`<ul class="pages" aria-label="Pages">
              ${found.map(
                (page) =>
                  html`<li>
                    <button class="page" @click=${() => this.show(page)}>
                      <span class="id" title=${call.cards ? nothing : `From a phone: *${page.id}#`}
                        >${page.id}</span
                      >
                      <b dir="auto">${page.title}</b>
                      <span class="go">Show</span>
                    </button>
                  </li>`,
              )}
            </ul>`
          : nothing
      }
      <div role="status">
        ${
          call.pushes.length > 0
            ? html`<ul class="pushes" aria-label="Pages that were sent">
                ${call.pushes.map(
                  ({ state: at, title }) =>
                    html`<li class=${at}>
                      ${at === "accepted" ? checkIcon : ["asked", "waiting", "sent"].includes(at) ? pageIcon : warningIcon}
                      <b dir="auto">${title}</b><span>${pushWords(at)}</span>
                    </li>`,
                )}
              </ul>`
            : nothing
        }
      </div>
    </section>`;
  }

  /** The catalogue of the site. */
  private get pages(): readonly DeskPage[] {
    return this.settings.pages.filter(({ site }) => site === this.call.siteName);
  }

  private get found(): readonly DeskPage[] {
    const typed = this.typed.trim().toLowerCase();
    return this.pages.filter(({ id, title, url }) => `${id} ${title} ${url}`.toLowerCase().includes(typed));
  }

  private submit(event: Event): void {
    event.preventDefault();
    const [only] = this.found;
    const address = addressOf(this.typed);
    if (address) this.push(address, pageWords(address), address);
    else if (only && this.found.length === 1) this.show(only);
  }

  private show({ id, title, url }: DeskPage): void {
    this.push(id, title, url);
  }

  private push(page: string, title: string, url: string): void {
    this.call.push(page, title, url);
    this.typed = "";
  }
}

/** What the agent does on the shopper's page: choose a field or a button, by eye or from a list, and then what to do. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import { addressOf } from "../addresses";
import { base, buttons, fields } from "../styles";
import type { WishAction } from "./messages";
import type { PageThing } from "./page-things";
import type { ShownView } from "./shown-view";

/** What is chosen; a new object each time something is. */
export interface Chosen {
  readonly thing: PageThing;
}

const KIND_WORDS: Readonly<Record<PageThing["kind"], string>> = {
  field: "field",
  choice: "box to tick",
  button: "button",
  link: "link",
  other: "part of the page",
};
/** More things than these need a search. */
const FEW = 8;

/** Fires `choose` with a thing. */
@customElement("act-panel")
export class ActPanel extends LitElement {
  @property({ attribute: false }) view!: ShownView;
  @property({ attribute: false }) things: readonly PageThing[] = [];
  @property({ attribute: false }) chosen: Chosen | null = null;
  @property({ attribute: false }) tick: unknown;
  @state() private search = "";
  @query("#chosen") private head!: HTMLElement | null;
  @query("#word") private word!: HTMLInputElement | null;
  @query("#value") private value!: HTMLInputElement | HTMLSelectElement | null;
  @query("#address") private address!: HTMLInputElement | null;

  static override styles = [
    base,
    buttons,
    fields,
    css`
      :host {
        display: grid;
        gap: 1.1rem;
      }
      .things {
        max-height: 15rem;
        margin-top: 0.4rem;
        overflow-y: auto;
      }
      .things button {
        display: grid;
        width: 100%;
        padding: 0.4rem 0.6rem;
        border: 0;
        border-radius: 9px;
        background: transparent;
        text-align: start;
        cursor: pointer;
        overflow-wrap: anywhere;
      }
      .things button:hover {
        background: var(--sunk);
      }
      .things button[aria-pressed="true"] {
        background: var(--brand-soft);
      }
      small {
        font-size: 0.875rem;
        color: var(--ink-soft);
      }
      form,
      .chosen {
        display: grid;
        gap: 0.6rem;
      }
      .acts {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem;
      }
      .acts .button {
        padding-inline: 0.9rem;
      }
      label.name {
        margin-bottom: 0.2rem;
        font-size: 0.9375rem;
      }
      input,
      select {
        min-height: 2.75rem !important;
      }
      h2:focus {
        outline: none;
      }
    `,
  ];

  focusChosen(): void {
    void this.updateComplete.then(() => (this.value ?? this.word ?? this.head)?.focus());
  }

  protected override render() {
    const { view } = this;
    if (view.ended !== null || !view.page) return nothing;
    const helps = view.may("point") || view.may("fill");
    return html`
      ${this.chosen && helps ? this.renderChosen(this.chosen.thing) : nothing} ${this.renderThings(helps)}
      ${view.may("point") ? this.renderAddress() : nothing}
    `;
  }

  private renderThings(helps: boolean) {
    const { things } = this;
    if (!helps)
      return html`<p class="soft">You can see the page. To point at something, ask the shopper first.</p>`;
    const found = things.filter(({ name, kind }) =>
      `${name} ${KIND_WORDS[kind]}`.toLowerCase().includes(this.search.trim().toLowerCase()),
    );
    return html`<section aria-labelledby="things">
      <h2 id="things">Fields and buttons</h2>
      <p class="soft"><small>Choose one here, or click anything in the picture.</small></p>
      ${
        things.length > FEW
          ? html`<input
              type="text"
              aria-label="Search fields and buttons"
              placeholder="Search"
              autocomplete="off"
              .value=${this.search}
              @input=${(event: Event) => (this.search = (event.target as HTMLInputElement).value)}
            />`
          : nothing
      }
      <ul class="things">
        ${found.map(
          (thing) =>
            html`<li>
              <button
                aria-pressed=${this.chosen?.thing.node === thing.node}
                @click=${() => this.choose(thing)}
              >
                <bdi>${thing.name || "Without a name"}</bdi>
                <small
                  >${KIND_WORDS[thing.kind]}${thing.hidden ? ", hidden for privacy" : thing.valueHidden ? ", its value is hidden" : nothing}</small
                >
              </button>
            </li>`,
        )}
      </ul>
      ${found.length === 0 ? html`<p class="soft">Nothing to choose.</p>` : nothing}
    </section>`;
  }

  private renderChosen(thing: PageThing) {
    const { view } = this;
    const [point, fill] = [view.may("point"), view.may("fill")];
    const act = (kind: WishAction["kind"], words: string, look = "plain") =>
      html`<button class="button small ${look}" type="button" @click=${() => this.act(kind, thing)}>
        ${words}
      </button>`;
    return html`<section class="chosen" aria-labelledby="chosen">
      <h2 id="chosen" tabindex="-1">
        <bdi>${thing.name || "Without a name"}</bdi> <small>${KIND_WORDS[thing.kind]}</small>
      </h2>
      ${thing.hidden ? html`<p class="soft">This is hidden for privacy. You can only show the shopper where it is.</p>` : nothing}
      ${
        point
          ? html`<div>
                <label class="name" for="word">A word beside it</label>
                <input
                  id="word"
                  type="text"
                  maxlength="120"
                  autocomplete="off"
                  placeholder="This one, please"
                />
              </div>
              <div class="acts">
                ${act("highlight", "Highlight", "brand")} ${act("point", "Point")}
                ${act("scroll", "Scroll there")}
              </div>`
          : nothing
      }
      ${
        thing.kind === "field" && !thing.hidden
          ? html`<div>
                <label class="name" for="value">What to write in it</label>
                ${
                  thing.options.length > 0
                    ? html`<select id="value">
                        ${thing.options.map((option) => html`<option>${option}</option>`)}
                      </select>`
                    : html`<input id="value" type="text" maxlength="2000" autocomplete="off" />`
                }
              </div>
              <div class="acts">
                ${point ? act("propose", "Suggest it") : nothing}
                ${fill ? act("fill", "Fill it in", "brand") : nothing}
              </div>`
          : nothing
      }
      ${fill && thing.kind !== "field" ? html`<div class="acts">${act("click", "Click it", "brand")}</div>` : nothing}
    </section>`;
  }

  private renderAddress() {
    return html`<form aria-label="Open a page" @submit=${this.navigate}>
      <div>
        <label class="name" for="address">Open a page for them</label>
        <input
          id="address"
          type="text"
          inputmode="url"
          autocomplete="off"
          autocapitalize="none"
          spellcheck="false"
          placeholder="https://…"
        />
      </div>
      <div class="acts"><button class="button plain small">Open</button></div>
    </form>`;
  }

  private choose(thing: PageThing): void {
    this.dispatchEvent(new CustomEvent<PageThing>("choose", { detail: thing }));
    this.focusChosen();
  }

  private act(kind: WishAction["kind"], { name, node }: PageThing): void {
    const writes = kind === "fill" || kind === "propose";
    const says = kind === "highlight" || kind === "point";
    this.view.act(kind, name, {
      node,
      ...(writes ? { value: this.value?.value ?? "" } : {}),
      ...(says ? { word: this.word?.value.trim() ?? "" } : {}),
    });
  }

  private navigate(event: Event): void {
    event.preventDefault();
    const typed = this.address?.value ?? "";
    const address = addressOf(typed);
    if (address === null) {
      this.address?.setAttribute("aria-invalid", "true");
      this.address?.focus();
      return;
    }
    this.address?.removeAttribute("aria-invalid");
    this.view.act("navigate", "", { value: address });
    if (this.address) this.address.value = "";
  }
}

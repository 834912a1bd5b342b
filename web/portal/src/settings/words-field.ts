/** A text that shoppers read: one for all, or one for each language. */

import { closeIcon } from "@ringback/look/icons";
import { html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { WishedEdit } from "./messages";
import { isTree, type Loc } from "./settings-model";
import { settingsStyles } from "./settings-styles";

const NAMES = new Intl.DisplayNames(["en"], { type: "language" });
const FIRST = ["en", "de", "es", "fr"];

/** Fires `edits`. */
@customElement("words-field")
export class WordsField extends LitElement {
  @property({ attribute: false }) value: unknown;
  @property({ attribute: false }) loc: Loc = [];
  @property() label = "";
  /** Whether there may be one text for all languages. */
  @property({ type: Boolean }) single = false;
  @property({ type: Boolean }) locked = false;

  static override styles = settingsStyles;

  private edit(edit: WishedEdit): void {
    this.dispatchEvent(new CustomEvent("edits", { detail: [edit], bubbles: true, composed: true }));
  }

  protected override render() {
    const { value } = this;
    if (isTree(value)) return this.renderLanguages(value as Readonly<Record<string, string>>);
    if (!this.single) return this.renderLanguages({});
    return html`${this.renderText(this.loc, typeof value === "string" ? value : "", this.label)}
    ${
      this.locked || typeof value !== "string" || value === ""
        ? nothing
        : html`<button
            class="button plain small"
            @click=${() => this.edit({ do: "set", at: [...this.loc], value: { en: value } })}
          >
            Another text for each language
          </button>`
    }`;
  }

  private renderText(loc: Loc, text: string, label: string) {
    return html`<textarea
      rows="2"
      aria-label=${label}
      .value=${text}
      ?disabled=${this.locked}
      @change=${(event: Event) => {
        const typed = (event.target as HTMLTextAreaElement).value.replaceAll(/\s*\n\s*/g, " ").trim();
        if (typed) this.edit({ do: "set", at: [...loc], value: typed });
        else if (text) this.edit({ do: "remove", at: [...loc] });
      }}
    ></textarea>`;
  }

  private renderLanguages(texts: Readonly<Record<string, string>>) {
    const free = FIRST.find((each) => !(each in texts)) ?? "";
    return html`${Object.entries(texts).map(
      ([language, text]) =>
        html`<div class="language">
          <b><abbr title=${nameOf(language)}>${language}</abbr></b>
          ${this.renderText([...this.loc, language], text, `${this.label} in ${nameOf(language)}`)}
          ${
            this.locked
              ? nothing
              : html`<button
                  class="button plain small"
                  aria-label="Remove the text in ${nameOf(language)}"
                  @click=${() => this.edit({ do: "remove", at: [...this.loc, language] })}
                >
                  ${closeIcon}
                </button>`
          }
        </div>`,
    )}
    ${
      this.locked
        ? nothing
        : html`<form class="tools" @submit=${(event: SubmitEvent) => this.add(event)}>
            <input
              class="short"
              type="text"
              required
              pattern="[a-z]{2,3}"
              aria-label="Language of another text of ${this.label}"
              title="A language's code: en, de, es, fr"
              .value=${free}
            />
            <button class="button plain small">Add a language</button>
          </form>`
    }`;
  }

  private add(event: SubmitEvent): void {
    event.preventDefault();
    const code = this.renderRoot.querySelector<HTMLInputElement>("input.short")?.value.trim() ?? "";
    const known = isTree(this.value) ? this.value : null;
    if (!code || (known && code in known)) return;
    // A text must say something: the operator writes over it.
    if (known) this.edit({ do: "set", at: [...this.loc, code], value: "…" });
    else this.edit({ do: "set", at: [...this.loc], value: { [code]: "…" } });
  }
}

function nameOf(language: string): string {
  try {
    return NAMES.of(language) ?? language;
  } catch {
    return language; // as somebody wrote it
  }
}

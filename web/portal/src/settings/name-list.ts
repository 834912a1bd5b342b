/** A list of names, such as who rings in a step: in their order, each of an item that there is. */

import { closeIcon } from "@ringback/look/icons";
import { html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { WishedEdit } from "./messages";
import type { Loc } from "./settings-model";
import { settingsStyles } from "./settings-styles";

/** Fires `edits`. */
@customElement("name-list")
export class NameList extends LitElement {
  @property({ attribute: false }) value: readonly string[] | undefined = [];
  @property({ attribute: false }) known: readonly string[] = [];
  @property({ attribute: false }) loc: Loc = [];
  @property() label = "";
  @property({ type: Boolean }) locked = false;

  static override styles = settingsStyles;

  private edit(edit: WishedEdit): void {
    this.dispatchEvent(new CustomEvent("edits", { detail: [edit], bubbles: true, composed: true }));
  }

  private add(event: SubmitEvent): void {
    event.preventDefault();
    const input = this.renderRoot.querySelector("input");
    const name = input?.value.trim() ?? "";
    if (!input || !name) return;
    input.value = "";
    const at = [...this.loc];
    if (this.value === undefined) this.edit({ do: "set", at, value: [name] });
    else this.edit({ do: "add", at, key: this.value.length, value: name });
  }

  protected override render() {
    const names = this.value ?? [];
    const free = this.known.filter((name) => !names.includes(name));
    return html`
      ${names.length === 0 ? html`<p class="soft">None.</p>` : nothing}
      <ol class="names">
        ${names.map((name, index) => this.renderName(name, index))}
      </ol>
      ${
        this.locked
          ? nothing
          : html`<form class="tools" @submit=${this.add}>
              <input type="text" list="known" required aria-label="Add to ${this.label}" autocomplete="off" />
              <datalist id="known">${free.map((name) => html`<option value=${name}></option>`)}</datalist>
              <button class="button plain small">Add</button>
            </form>`
      }
    `;
  }

  private renderName(name: string, index: number) {
    const at = [...this.loc, index];
    return html`<li>
      <span>${name}</span>
      ${
        this.locked
          ? nothing
          : html`${
                index > 0
                  ? html`<button
                      class="button plain small"
                      aria-label="Move ${name} up"
                      @click=${() => this.edit({ do: "move", at, before: index - 1 })}
                    >
                      ↑
                    </button>`
                  : nothing
              }<button
                class="button plain small"
                aria-label="Remove ${name}"
                @click=${() => this.edit({ do: "remove", at })}
              >
                ${closeIcon}
              </button>`
      }
    </li>`;
  }
}

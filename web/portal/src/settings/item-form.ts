/** One item of a section as a form, made from the schema. What has no field here is edited as text. */

import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { PortalApi } from "../portal-api";
import type { WishedEdit } from "./messages";
import { fieldsOf, type FormField, type Schema } from "./schema";
import type { Tree } from "./settings-model";
import { settingsStyles } from "./settings-styles";
import "./week-grid";

/** Fires `edits` with what was changed, `renamed` with a new name, and `removed`. */
@customElement("item-form")
export class ItemForm extends LitElement {
  @property({ attribute: false }) api!: PortalApi;
  @property({ attribute: false }) schema!: Schema;
  @property() section = "";
  @property() name = "";
  @property({ attribute: false }) item: Tree = {};
  @property({ type: Boolean }) locked = false;
  @state() private renaming = false;

  static override styles = settingsStyles;

  private edit(...edits: WishedEdit[]): void {
    this.dispatchEvent(new CustomEvent("edits", { detail: edits }));
  }

  private put(field: FormField, typed: string | boolean): void {
    const at = [this.section, this.name, field.name];
    if (typed === "" && !field.required) {
      if (field.name in this.item) this.edit({ do: "remove", at });
      return;
    }
    this.edit({ do: "set", at, value: valueOf(field, typed) });
  }

  protected override render() {
    const fields = fieldsOf(this.schema, this.section).filter(({ kind }) => kind !== "other");
    const shown = fields.filter(({ name, required }) => required || name in this.item);
    const others = fields.filter((field) => !shown.includes(field));
    const known = new Set(fields.map(({ name }) => name));
    const asText = Object.keys(this.item).filter((name) => !known.has(name));
    return html`<div class="stack">
      ${
        this.section === "hours" && typeof this.item["opening_hours"] === "string"
          ? html`<section class="card" aria-label="The week">
              <week-grid
                .api=${this.api}
                .text=${this.item["opening_hours"]}
                .locked=${this.locked}
                @hours=${(event: CustomEvent<string>) =>
                  this.edit({
                    do: "set",
                    at: [this.section, this.name, "opening_hours"],
                    value: event.detail,
                  })}
              ></week-grid>
            </section>`
          : nothing
      }
      <section class="card">
        ${shown.map((field) => this.renderField(field))}
        ${
          others.length > 0
            ? html`<details>
                <summary>More settings (${others.length})</summary>
                ${others.map((field) => this.renderField(field))}
              </details>`
            : nothing
        }
        ${
          asText.length > 0
            ? html`<p class="soft">
                Edited as text: ${asText.map((name) => name.replaceAll("_", " ")).join(", ")}.
              </p>`
            : nothing
        }
      </section>
      ${this.locked ? nothing : this.renderTools()}
    </div>`;
  }

  private renderTools() {
    if (this.renaming)
      return html`<form class="tools" @submit=${this.rename}>
        <label for="new-name">New name</label>
        <input id="new-name" type="text" .value=${this.name} required pattern="[a-z0-9_\\-]+" />
        <button class="button brand small">Rename</button>
        <button type="button" class="button plain small" @click=${() => (this.renaming = false)}>
          Cancel
        </button>
      </form>`;
    return html`<div class="tools">
      <button class="button plain small" @click=${() => (this.renaming = true)}>Rename</button>
      <button class="button plain small" @click=${() => this.dispatchEvent(new CustomEvent("removed"))}>
        Remove
      </button>
    </div>`;
  }

  private rename(event: SubmitEvent): void {
    event.preventDefault();
    const name = this.renderRoot.querySelector<HTMLInputElement>("#new-name")?.value.trim() ?? "";
    this.renaming = false;
    if (name && name !== this.name) this.dispatchEvent(new CustomEvent("renamed", { detail: name }));
  }

  private renderField(field: FormField) {
    const id = `field-${field.name}`;
    const value = this.item[field.name];
    const label = field.name.replaceAll("_", " ");
    const changed = (event: Event): void => {
      const input = event.target as HTMLInputElement;
      this.put(field, field.kind === "truth" ? input.checked : input.value);
    };
    return html`<div class="field">
      ${
        field.kind === "truth"
          ? html`<label class="tools"
              ><input
                id=${id}
                type="checkbox"
                .checked=${value === true}
                ?disabled=${this.locked}
                @change=${changed}
              />
              <b>${label}</b></label
            >`
          : html`<label class="name" for=${id}
                >${label}${field.required ? nothing : html` <span class="soft">(optional)</span>`}</label
              >
              ${this.renderInput(field, id, value, changed)}`
      }
      <small id="${id}-help">${field.help}</small>
    </div>`;
  }

  private renderInput(field: FormField, id: string, value: unknown, changed: (event: Event) => void) {
    const help = `${id}-help`;
    if (field.kind === "choice")
      return html`<select id=${id} aria-describedby=${help} ?disabled=${this.locked} @change=${changed}>
        ${field.required ? nothing : html`<option value="" ?selected=${value === undefined}></option>`}
        ${field.choices.map(
          (choice) => html`<option value=${choice} ?selected=${String(value) === choice}>${choice}</option>`,
        )}
      </select>`;
    const text = Array.isArray(value) ? value.map(String).join(", ") : scalarText(value);
    if (field.kind === "long")
      return html`<textarea
        id=${id}
        rows="3"
        aria-describedby=${help}
        .value=${text}
        ?disabled=${this.locked}
        @change=${changed}
      ></textarea>`;
    return html`<input
      id=${id}
      type="text"
      inputmode=${field.kind === "number" ? "decimal" : "text"}
      aria-describedby=${help}
      .value=${text}
      ?disabled=${this.locked}
      @change=${changed}
    />`;
  }
}

const scalarText = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";

/** What somebody typed, as the setting takes it. */
export function valueOf(field: FormField, typed: string | boolean): unknown {
  if (typeof typed === "boolean") return typed;
  if (field.kind === "number" && /^-?\d+(\.\d+)?$/.test(typed.trim())) return Number(typed);
  if (field.kind === "list")
    return typed
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== "");
  return field.kind === "long" ? typed.replaceAll(/\s*\n\s*/g, " ").trim() : typed.trim();
}

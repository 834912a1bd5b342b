/** A group of settings as fields, made from the schema; what is below a setting is a group again. */

import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { type FormAround, problemsAt, shownText, summaryOf, valueOf } from "./form-values";
import type { WishedEdit } from "./messages";
import "./name-list";
import { below, blank, fieldsOf, type FormField, type Schema } from "./schema";
import { isTree, type Loc, type Tree } from "./settings-model";
import { settingsStyles } from "./settings-styles";
import "./words-field";

/** Fires `edits`. */
@customElement("setting-group")
export class SettingGroup extends LitElement {
  @property({ attribute: false }) root!: Schema;
  @property({ attribute: false }) schema!: Schema;
  @property({ attribute: false }) value: Tree = {};
  @property({ attribute: false }) loc: Loc = [];
  @property({ attribute: false }) around!: FormAround;
  /** What was opened of what is below. */
  @state() private open: ReadonlySet<string> = new Set();

  static override styles = settingsStyles;

  private edit(...edits: WishedEdit[]): void {
    this.dispatchEvent(new CustomEvent("edits", { detail: edits, bubbles: true, composed: true }));
  }

  private put(field: FormField, loc: Loc, was: unknown, value: unknown): void {
    if (value !== "" || field.required) this.edit({ do: "set", at: [...loc], value });
    else if (was !== undefined) this.edit({ do: "remove", at: [...loc] });
  }

  protected override render() {
    const fields = fieldsOf(this.schema, this.root).filter(({ kind }) => kind !== "other");
    const shown = fields.filter(({ name, required }) => required || name in this.value);
    const others = fields.filter((field) => !shown.includes(field));
    const known = new Set(fields.map(({ name }) => name));
    const asText = Object.keys(this.value).filter((name) => !known.has(name));
    return html`
      ${shown.map((field) => this.renderField(field, [...this.loc, field.name], this.value[field.name]))}
      ${
        others.length > 0
          ? this.renderBelow("more", `More settings (${others.length})`, () =>
              others.map((field) => this.renderField(field, [...this.loc, field.name], undefined)),
            )
          : nothing
      }
      ${
        asText.length > 0
          ? html`<p class="soft">
              Edited as text: ${asText.map((name) => name.replaceAll("_", " ")).join(", ")}.
            </p>`
          : nothing
      }
    `;
  }

  /** Something that is drawn when it is opened. */
  private renderBelow(key: string, summary: unknown, inside: () => unknown, startsOpen = false) {
    const opened = this.open.has(key) || startsOpen;
    return html`<details
      ?open=${opened}
      @toggle=${(event: Event) => {
        const now = (event.target as HTMLDetailsElement).open;
        if (now !== this.open.has(key)) this.open = toggled(this.open, key, now);
      }}
    >
      <summary>${summary}</summary>
      ${opened ? html`<div class="below">${inside()}</div>` : nothing}
    </details>`;
  }

  private renderField(field: FormField, loc: Loc, value: unknown): unknown {
    const label = String(field.name).replaceAll("_", " ");
    const optional = field.required ? nothing : html` <span class="soft">(optional)</span>`;
    const found = problemsAt(this.around.problems, loc);
    const id = `field-${loc.slice(this.loc.length).join("-")}`;
    const told =
      found.length > 0
        ? html`<small class="wrong">${found.map(({ text }) => text).join(" ")}</small>`
        : nothing;
    const help = html`<small id="${id}-help">${field.help}</small>`;
    const locked = this.around.locked(loc);
    switch (field.kind) {
      case "group":
        return this.renderBelow(
          field.name,
          html`${label}
            <span class="soft">${value === undefined ? "not set" : summaryOf(value)}</span>
            ${wrong(found.length)}`,
          () =>
            html`${help}${this.renderGroup(field.schema, loc, value)}${this.renderUnset(field, loc, value, locked)}`,
        );
      case "items":
      case "named":
        return html`<fieldset class="many">
          <legend>${label}${optional}</legend>
          ${help}${this.renderMany(field, loc, value, locked)}
        </fieldset>`;
      case "names":
        return html`<fieldset class="many">
          <legend>${label}${optional}</legend>
          ${help}
          <name-list
            .value=${Array.isArray(value) ? value.map(String) : undefined}
            .known=${this.around.names(field.names)}
            .loc=${loc}
            .label=${label}
            .locked=${locked}
          ></name-list>
          ${told}
        </fieldset>`;
      case "words":
        return html`<fieldset class="many">
          <legend>${label}${optional}</legend>
          ${help}
          <words-field
            .value=${value}
            .loc=${loc}
            .label=${label}
            .single=${field.schema.anyOf !== undefined}
            .locked=${locked}
          ></words-field>
          ${told}
        </fieldset>`;
      case "choices":
        return html`<fieldset class="many">
          <legend>${label}${optional}</legend>
          ${help} ${this.renderChoices(field, loc, value, locked)} ${told}
        </fieldset>`;
      default:
        return html`<div class="field">
          <label class="name" for=${id}>${label}${optional}</label>
          ${this.renderInput(field, id, loc, value, locked, found.length > 0)} ${told} ${help}
        </div>`;
    }
  }

  private renderGroup(schema: Schema, loc: Loc, value: unknown) {
    return html`<setting-group
      .root=${this.root}
      .schema=${schema}
      .value=${isTree(value) ? value : {}}
      .loc=${loc}
      .around=${this.around}
    ></setting-group>`;
  }

  private renderUnset(field: FormField, loc: Loc, value: unknown, locked: boolean) {
    if (locked || field.required || value === undefined) return nothing;
    return html`<button class="button plain small" @click=${() => this.edit({ do: "remove", at: [...loc] })}>
      Remove ${field.name.replaceAll("_", " ")}
    </button>`;
  }

  /** The entries of a list in their order, or of a mapping by their names. */
  private renderMany(field: FormField, loc: Loc, value: unknown, locked: boolean) {
    const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
      ? value.map((each: unknown, index) => [index, each] as const)
      : Object.entries(isTree(value) ? value : {});
    return html`<div class="entries">
        ${entries.map(([key, entry], place) =>
          this.renderEntry(field, [...loc, key], entry, place, entries.length, locked),
        )}
      </div>
      ${locked ? nothing : this.renderAdd(field, loc, value, entries.length)}`;
  }

  private renderEntry(
    field: FormField,
    loc: Loc,
    value: unknown,
    place: number,
    of: number,
    locked: boolean,
  ) {
    const key = loc.at(-1) ?? "";
    const inner = below(field, String(key), this.root);
    const name = typeof key === "number" ? String(key + 1) : key;
    const found = problemsAt(this.around.problems, loc).length;
    const at = [...loc];
    return this.renderBelow(
      `${field.name}.${key}`,
      html`<b>${name}</b> <span class="soft">${summaryOf(value)}</span> ${wrong(found)}`,
      () => html`
        ${inner.kind === "group" ? this.renderGroup(inner.schema, loc, value) : this.renderField(inner, loc, value)}
        ${
          locked
            ? nothing
            : html`<div class="tools">
                ${
                  typeof key === "number" && place > 0
                    ? html`<button
                        class="button plain small"
                        @click=${() => this.edit({ do: "move", at, before: key - 1 })}
                      >
                        Move up
                      </button>`
                    : nothing
                }
                ${
                  typeof key === "number" && place < of - 1
                    ? html`<button
                        class="button plain small"
                        @click=${() => this.edit({ do: "move", at, before: key + 2 < of ? key + 2 : null })}
                      >
                        Move down
                      </button>`
                    : nothing
                }
                <button class="button plain small" @click=${() => this.edit({ do: "remove", at })}>
                  Remove ${name}
                </button>
              </div>`
        }
      `,
    );
  }

  private renderAdd(field: FormField, loc: Loc, value: unknown, count: number) {
    const label = field.name.replaceAll("_", " ");
    const fresh = blank(below(field, field.name, this.root), this.root);
    const at = [...loc];
    if (field.kind === "items") {
      const add = (): void => {
        this.open = toggled(this.open, `${field.name}.${count}`, true);
        if (Array.isArray(value)) this.edit({ do: "add", at, key: count, value: fresh });
        else this.edit({ do: "set", at, value: [fresh] });
      };
      return html`<button class="button plain small" aria-label="Add to ${label}" @click=${add}>Add</button>`;
    }
    const add = (event: SubmitEvent): void => {
      event.preventDefault();
      const form = event.currentTarget as HTMLFormElement;
      const name = (form.elements.namedItem("key") as HTMLInputElement).value.trim();
      form.reset();
      this.open = toggled(this.open, `${field.name}.${name}`, true);
      this.edit({ do: "set", at: [...at, name], value: fresh });
    };
    return html`<form class="tools" @submit=${add}>
      <input
        name="key"
        type="text"
        required
        pattern=${field.keys.replaceAll(/^\^|\$$/g, "").replaceAll("-]", "\\-]")}
        aria-label="Name of what is new in ${label}"
      />
      <button class="button plain small">Add</button>
    </form>`;
  }

  private renderChoices(field: FormField, loc: Loc, value: unknown, locked: boolean) {
    const chosen = Array.isArray(value) ? value.map(String) : [];
    const put = (choice: string, on: boolean): void => {
      const next = on ? [...chosen, choice] : chosen.filter((each) => each !== choice);
      this.edit({ do: "set", at: [...loc], value: next });
    };
    return html`<div class="tools">
      ${field.choices.map(
        (choice) =>
          html`<label class="tools"
            ><input
              type="checkbox"
              .checked=${chosen.includes(choice)}
              ?disabled=${locked}
              @change=${(event: Event) => put(choice, (event.target as HTMLInputElement).checked)}
            />
            ${choice.replaceAll("_", " ")}</label
          >`,
      )}
    </div>`;
  }

  private renderInput(field: FormField, id: string, loc: Loc, value: unknown, locked: boolean, bad: boolean) {
    const help = `${id}-help`;
    const typed = (event: Event): void =>
      this.put(field, loc, value, valueOf(field, (event.target as HTMLInputElement).value));
    if (field.kind === "truth" || field.kind === "choice") {
      const choices = field.kind === "truth" ? ["true", "false"] : field.choices;
      const words: Readonly<Record<string, string>> = { true: "yes", false: "no" };
      const chosen = (event: Event): void => {
        const text = (event.target as HTMLSelectElement).value;
        this.put(field, loc, value, field.kind === "truth" && text !== "" ? text === "true" : text);
      };
      return html`<select
        id=${id}
        aria-describedby=${help}
        aria-invalid=${bad}
        ?disabled=${locked}
        @change=${chosen}
      >
        ${field.required ? nothing : html`<option value="" ?selected=${value === undefined}></option>`}
        ${choices.map(
          (choice) =>
            html`<option value=${choice} ?selected=${String(value) === choice}>
              ${words[choice] ?? choice}
            </option>`,
        )}
      </select>`;
    }
    const text = shownText(value);
    if (field.kind === "long")
      return html`<textarea
        id=${id}
        rows="3"
        aria-describedby=${help}
        aria-invalid=${bad}
        .value=${text}
        ?disabled=${locked}
        @change=${typed}
      ></textarea>`;
    return html`<input
        id=${id}
        type="text"
        inputmode=${field.kind === "number" ? "decimal" : "text"}
        list=${field.names.length > 0 ? `${id}-names` : nothing}
        autocomplete="off"
        aria-describedby=${help}
        aria-invalid=${bad}
        .value=${text}
        ?disabled=${locked}
        @change=${typed}
      />${
        field.names.length > 0
          ? html`<datalist id="${id}-names">
              ${this.around.names(field.names).map((name) => html`<option value=${name}></option>`)}
            </datalist>`
          : nothing
      }`;
  }
}

const wrong = (count: number) =>
  count > 0
    ? html`<span class="chip wrong">${count === 1 ? "one problem" : `${count} problems`}</span>`
    : nothing;

function toggled(open: ReadonlySet<string>, key: string, on: boolean): ReadonlySet<string> {
  const next = new Set(open);
  if (on) next.add(key);
  else next.delete(key);
  return next;
}

/** One item of a section as a form, made from the schema, with what the check says of the draft at its fields. */

import { warningIcon } from "@ringback/look/icons";
import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { PortalApi } from "../portal-api";
import { type FormAround, type FormProblem, problemsAt } from "./form-values";
import type { MentionsView, WishedEdit } from "./messages";
import { itemOf, type Schema } from "./schema";
import "./setting-group";
import { editWords, type Loc, type SettingsModel, type Tree } from "./settings-model";
import { settingsStyles } from "./settings-styles";
import "./week-grid";

/** Milliseconds after the last change until the draft is checked. */
const PAUSE = 500;

/** Fires `edits` with what was changed, `renamed` with a new name, and `removed` with the edit. */
@customElement("item-form")
export class ItemForm extends LitElement {
  @property({ attribute: false }) api!: PortalApi;
  @property({ attribute: false }) model!: SettingsModel;
  @property({ attribute: false }) schema!: Schema;
  @property() section = "";
  @property() name = "";
  @property({ attribute: false }) item: Tree = {};
  /** What the server says of the draft. */
  @property({ attribute: false }) revision = 0;
  @state() private asking: "" | "name" | "remove" = "";
  @state() private mentions: readonly string[] = [];
  @state() private problems: readonly FormProblem[] = [];
  @state() private trouble = "";
  private checked = -1;
  private timer = 0;

  static override styles = settingsStyles;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  protected override updated(): void {
    if (this.revision === this.checked) return;
    this.checked = this.revision;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.check(), this.problems.length > 0 ? 0 : PAUSE);
  }

  private async check(): Promise<void> {
    try {
      this.problems = this.revision === 0 ? [] : (await this.model.review()).problems;
      this.trouble = "";
    } catch (error) {
      this.trouble = editWords(error);
    }
  }

  private get around(): FormAround {
    return {
      problems: this.problems,
      locked: (loc: Loc) => !this.model.may(sectionOf(loc)),
      names: (sections) => sections.flatMap((section) => namesOf(this.model, section, sections.length > 1)),
    };
  }

  private edit(...edits: WishedEdit[]): void {
    this.dispatchEvent(new CustomEvent("edits", { detail: edits }));
  }

  protected override render() {
    const found = problemsAt(this.problems, [this.section, this.name]);
    return html`<div class="stack">
      ${
        found.length > 0
          ? html`<section class="notice bad" aria-label="Problems">
              ${warningIcon}
              <div>${found.slice(0, 20).map((each) => html`<p><b>${each.path}</b> ${each.text}</p>`)}</div>
            </section>`
          : nothing
      }
      ${this.trouble ? html`<p class="soft" role="alert">${this.trouble}</p>` : nothing}
      ${
        this.section === "hours" && typeof this.item["opening_hours"] === "string"
          ? html`<section class="card" aria-label="The week">
              <week-grid
                .api=${this.api}
                .text=${this.item["opening_hours"]}
                .locked=${!this.model.may(this.section)}
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
        <setting-group
          .root=${this.schema}
          .schema=${itemOf(this.schema, this.section)}
          .value=${this.item}
          .loc=${[this.section, this.name]}
          .around=${this.around}
        ></setting-group>
      </section>
      ${this.model.may(this.section) ? this.renderTools() : nothing}
    </div>`;
  }

  private renderTools() {
    const cancel = html`<button type="button" class="button plain small" @click=${() => (this.asking = "")}>
      Cancel
    </button>`;
    if (this.asking === "name")
      return html`<form class="tools" @submit=${this.rename}>
        <label for="new-name">New name</label>
        <input id="new-name" type="text" .value=${this.name} required pattern="[a-z0-9][a-z0-9_\\-]*" />
        <button class="button brand small">Rename</button>
        ${cancel}
        <p class="soft">Settings that have the old name get the new one.</p>
      </form>`;
    if (this.asking === "remove")
      return html`<section class="notice" role="alertdialog" aria-label="Remove ${this.name}">
        ${warningIcon}
        <div>
          <b
            >${this.name} is named in
            ${this.mentions.length === 1 ? "one setting" : `${this.mentions.length} settings`}:</b
          >
          <ul class="plain">
            ${this.mentions.slice(0, 30).map((each) => html`<li>${each}</li>`)}
          </ul>
          <div class="tools">
            <button class="button brand small" @click=${() => this.take(true)}>Remove it there, too</button>
            <button class="button plain small" @click=${() => this.take(false)}>Remove it here alone</button>
            ${cancel}
          </div>
        </div>
      </section>`;
    return html`<div class="tools">
      <button class="button plain small" @click=${() => (this.asking = "name")}>Rename</button>
      <button class="button plain small" @click=${() => void this.askToRemove()}>Remove</button>
    </div>`;
  }

  private async askToRemove(): Promise<void> {
    try {
      const query = { section: this.section, name: this.name };
      this.mentions = (await this.api.get<MentionsView>("settings/mentions", query)).mentions;
    } catch (error) {
      this.trouble = editWords(error);
      return;
    }
    if (this.mentions.length > 0) this.asking = "remove";
    else this.take(false);
  }

  private take(mentions: boolean): void {
    this.asking = "";
    const edit: WishedEdit = { do: "remove", at: [this.section, this.name], mentions };
    this.dispatchEvent(new CustomEvent("removed", { detail: edit }));
  }

  private rename(event: SubmitEvent): void {
    event.preventDefault();
    const name = this.renderRoot.querySelector<HTMLInputElement>("#new-name")?.value.trim() ?? "";
    this.asking = "";
    if (name && name !== this.name) this.dispatchEvent(new CustomEvent("renamed", { detail: name }));
  }
}

/** The section that a setting belongs to, as rights have it: `engage` and `answers` of sites are their own. */
export const sectionOf = (loc: Loc): string => {
  const [section = "", , part = ""] = loc.map(String);
  return section === "sites" && (part === "engage" || part === "answers") ? part : section;
};

/** The names of a section's items; where several kinds are named, agents have a prefix. */
const namesOf = (model: SettingsModel, section: string, several: boolean): readonly string[] =>
  Object.keys(model.items(section)).map((name) => (several && section === "agents" ? `agent:${name}` : name));

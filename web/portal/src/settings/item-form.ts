/** One item of a section as a form, made from the schema, with what the check says of the draft at its fields. */

import { warningIcon } from "@ringback/look/icons";
import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { PortalApi } from "../portal-api";
import { type FormAround, type FormProblem, problemsAt } from "./form-values";
import "./item-tools";
import type { WishedEdit } from "./messages";
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

  private pass(event: CustomEvent<unknown>): void {
    this.dispatchEvent(new CustomEvent(event.type, { detail: event.detail }));
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
      ${
        this.model.may(this.section)
          ? html`<item-tools
              .api=${this.api}
              .section=${this.section}
              .name=${this.name}
              @renamed=${this.pass}
              @removed=${this.pass}
            ></item-tools>`
          : nothing
      }
    </div>`;
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

/** The settings: what there is to edit, an item as a form, files as text, the draft's review, and the changes. */

import { pageIcon, warningIcon } from "@ringback/look/icons";
import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { screenStyles } from "../screen-styles";
import { placeText } from "../place";
import type { ScreenContext, ScreenElement } from "../screens";
import "./changes-panel";
import "./item-form";
import "./item-tools";
import type { ChangeView, WishedEdit } from "./messages";
import "./prompt-panel";
import "./review-panel";
import type { Schema } from "./schema";
import { isTree, SettingsModel } from "./settings-model";
import { settingsStyles } from "./settings-styles";
import "./table-panel";
import "./text-panel";
import "./try-panel";
import { trouble } from "../trouble";

const SECTIONS = [
  ["hours", "Opening hours"],
  ["routes", "Routes"],
  ["destinations", "Destinations"],
  ["agents", "Agents"],
  ["sites", "Sites"],
  ["queues", "Queues"],
  ["mailboxes", "Mailboxes"],
  ["callbacks", "Callbacks"],
  ["canned", "Canned replies"],
  ["flows", "Guided chats"],
  ["prompts", "Prompts"],
  ["stores", "Store tables"],
] as const;

const link = (...path: string[]): string => placeText("settings", path);

@customElement("settings-screen")
export class SettingsScreen extends LitElement implements ScreenElement {
  @property({ attribute: false }) context!: ScreenContext;
  @state() private schema: Schema | null = null;
  @state() private filter = "";
  @state() private adding = "";
  @state() private told = "";
  private model: SettingsModel | null = null;

  static override styles = [...screenStyles, ...settingsStyles];

  protected override willUpdate(): void {
    if (this.model) return;
    this.model = new SettingsModel(this.context.api);
    this.model.addEventListener("change", () => this.requestUpdate());
    void this.model.load();
    void this.context.api.get<Schema>("settings/schema").then((schema) => (this.schema = schema));
  }

  protected override render() {
    const { model } = this;
    if (!model?.view)
      return html`<h1>Settings</h1>
        <p class="soft" role="status">${model?.problem || "One moment…"}</p>`;
    return html`
      ${this.renderHead(model)} ${trouble(model.problem)} ${model.shared ? this.renderShared(model) : nothing}
      ${
        model.view.problem
          ? html`<p class="notice bad">
              ${warningIcon}<span
                ><b>The file on disk has a mistake, so it is edited as text alone.</b
                >${model.view.problem}</span
              >
            </p>`
          : nothing
      }
      ${this.renderPlace(model)}
    `;
  }

  private renderHead(model: SettingsModel) {
    const files = model.view?.draft.files.length ?? 0;
    const beside = model.view?.beside ?? [];
    const tables = new Set(beside.filter(({ section }) => section === "stores").map(({ file }) => file));
    return html`<div class="head">
        <h1>Settings</h1>
        <nav class="tools" aria-label="Settings">
          <a class="button plain small" href=${link()}>All</a>
          ${model.view?.files.map((file) =>
            // A table is edited as a grid.
            model.view?.may_text && !tables.has(file)
              ? html`<a class="button plain small" href=${link("text", file)}
                  >${pageIcon}<span>${file}</span></a
                >`
              : nothing,
          )}
          <a class="button plain small" href=${link("try")}>Try</a>
          <a class="button plain small" href=${link("changes")}>Changes</a>
          ${
            files > 0
              ? html`<a class="button brand small" href=${link("review")}>Review your draft</a>
                  <button class="button plain small" @click=${() => void this.drop(model)}>Discard</button>`
              : nothing
          }
        </nav>
      </div>
      <p role="status" class="soft">${this.told}</p>`;
  }

  private async drop(model: SettingsModel): Promise<void> {
    if (!confirm("Discard everything in your draft?")) return;
    await model.drop();
    this.context.go([]);
  }

  private renderShared(model: SettingsModel) {
    return html`<section class="notice" role="alertdialog" aria-label="Several places use this setting">
      ${warningIcon}
      <div>
        <b>Several places use this setting by an anchor:</b> ${model.shared?.users.join(", ")}.
        <div class="tools">
          <button class="button brand small" @click=${() => void model.answer("all")}>
            Change all of them
          </button>
          <button class="button plain small" @click=${() => void model.answer("here")}>Only this one</button>
          <button class="button plain small" @click=${() => void model.answer(null)}>Cancel</button>
        </div>
      </div>
    </section>`;
  }

  private renderPlace(model: SettingsModel) {
    const [first = "", second = ""] = this.context.place.path;
    const { api } = this.context;
    if (first === "text") return html`<text-panel .model=${model} .file=${second}></text-panel>`;
    if (first === "changes")
      return html`<changes-panel
        .api=${api}
        .publishes=${model.view?.may_publish ?? false}
        @undone=${() => void model.load()}
      ></changes-panel>`;
    const stories = this.context.me.rights.includes("reports");
    if (first === "try") return html`<try-panel .api=${api} .model=${model} .stories=${stories}></try-panel>`;
    if (first === "review")
      return html`<review-panel
        .api=${api}
        .model=${model}
        .stories=${stories}
        @applied=${(event: CustomEvent<ChangeView>) => this.applied(event.detail)}
      ></review-panel>`;
    if (first && second) return this.renderItem(model, first, second);
    return this.renderList(model);
  }

  private applied(change: ChangeView): void {
    this.told =
      change.state === "waiting" ? "It waits for its time." : "It is in force. You can undo it here.";
    this.context.go(["changes"]);
  }

  private renderList(model: SettingsModel) {
    const wanted = this.filter.trim().toLowerCase();
    return html`
      <div class="field">
        <label class="name" for="filter">Find</label>
        <input
          id="filter"
          type="search"
          .value=${this.filter}
          @input=${(event: Event) => (this.filter = (event.target as HTMLInputElement).value)}
        />
      </div>
      <div class="columns">
        ${SECTIONS.map(([section, label]) => this.renderSection(model, section, label, wanted))}
      </div>
    `;
  }

  private renderSection(model: SettingsModel, section: string, label: string, wanted: string) {
    const items = Object.entries(model.items(section)).filter(([name, item]) => {
      const words = `${name} ${isTree(item) && typeof item["label"] === "string" ? item["label"] : ""}`;
      return words.toLowerCase().includes(wanted);
    });
    const may = model.may(section);
    if (items.length === 0 && (wanted || !may)) return nothing;
    return html`<section class="card" aria-label=${label}>
      <h2>${label} <span class="chip">${items.length}</span></h2>
      <ul class="items">
        ${items
          .slice(0, 60)
          .map(
            ([name, item]) =>
              html`<li>
                ${
                  isTree(item) || item === null || section === "prompts"
                    ? html`<a href=${link(section, name)}>${labelOf(name, item)}</a>`
                    : html`<span>${name}</span>`
                }
              </li>`,
          )}
      </ul>
      ${items.length > 60 ? html`<p class="soft">and ${items.length - 60} more: type above to find them.</p>` : nothing}
      ${may && !wanted ? this.renderAdd(model, section, label) : nothing}
    </section>`;
  }

  private renderAdd(model: SettingsModel, section: string, label: string) {
    if (this.adding !== section)
      return html`<button
        class="button plain small"
        aria-label="Add to ${label}"
        @click=${() => (this.adding = section)}
      >
        Add
      </button>`;
    const add = async (event: SubmitEvent): Promise<void> => {
      event.preventDefault();
      const form = event.currentTarget as HTMLFormElement;
      const name = (form.elements.namedItem("name") as HTMLInputElement).value.trim();
      const edit: WishedEdit = { do: "set", at: [section, name], value: {} };
      // A prompt is there once it has a recording.
      if (section === "prompts" || (await model.edit([edit]))) {
        this.adding = "";
        this.context.go([section, name]);
      }
    };
    return html`<form class="tools" @submit=${add}>
      <input
        name="name"
        type="text"
        aria-label="Name of what is new in ${label}"
        required
        pattern="[a-z0-9_\\-]+"
        title="Lower-case letters, digits, - and _"
      />
      <button class="button brand small">Add</button>
    </form>`;
  }

  private renderItem(model: SettingsModel, section: string, name: string) {
    const label = SECTIONS.find(([id]) => id === section)?.[1] ?? section;
    const item = model.items(section)[name];
    const crumbs = html`<p class="crumbs"><a href=${link()}>All settings</a> › ${label} › <b>${name}</b></p>`;
    if (section === "prompts") return html`${crumbs}${this.renderPrompt(model, name, item !== undefined)}`;
    if (item === undefined || !this.schema)
      return html`${crumbs}
        <p class="soft">${this.schema ? "There is nothing of this name." : "One moment…"}</p>`;
    return html`${crumbs}${section === "stores" ? this.renderTable(model, name) : nothing}<item-form
        .api=${this.context.api}
        .model=${model}
        .schema=${this.schema}
        .section=${section}
        .name=${name}
        .item=${item ?? {}}
        .revision=${model.view?.draft.revision ?? 0}
        @edits=${(event: CustomEvent<readonly WishedEdit[]>) => void model.edit(event.detail)}
        @renamed=${(event: CustomEvent<string>) => void this.rename(model, section, name, event.detail)}
        @removed=${(event: CustomEvent<WishedEdit>) => void this.removeItem(model, event.detail)}
      ></item-form>`;
  }

  private renderTable(model: SettingsModel, name: string) {
    const file = model.view?.beside.find(({ section, item }) => section === "stores" && item === name)?.file;
    if (!file)
      return html`<p class="soft">
        Its file is edited here once it is in force, and in the folder of the config file.
      </p>`;
    const locked = !model.may("stores") || !model.view?.may_text;
    return html`<section class="card stack" aria-label="The table">
      <table-panel .model=${model} .file=${file} .locked=${locked}></table-panel>
    </section>`;
  }

  private renderPrompt(model: SettingsModel, name: string, known: boolean) {
    return html`<div class="stack">
      <prompt-panel .api=${this.context.api} .model=${model} .name=${name}></prompt-panel>
      ${
        known && model.may("prompts")
          ? html`<item-tools
              .api=${this.context.api}
              .section=${"prompts"}
              .name=${name}
              @renamed=${(event: CustomEvent<string>) => void this.rename(model, "prompts", name, event.detail)}
              @removed=${(event: CustomEvent<WishedEdit>) => void this.removeItem(model, event.detail)}
            ></item-tools>`
          : nothing
      }
    </div>`;
  }

  private async rename(model: SettingsModel, section: string, name: string, key: string): Promise<void> {
    if (await model.edit([{ do: "rename", at: [section, name], key }])) this.context.go([section, key]);
  }

  private async removeItem(model: SettingsModel, edit: WishedEdit): Promise<void> {
    if (await model.edit([edit])) this.context.go([]);
  }
}

const labelOf = (name: string, item: unknown): string =>
  isTree(item) && typeof item["label"] === "string" && item["label"] !== name
    ? `${item["label"]} (${name})`
    : name;

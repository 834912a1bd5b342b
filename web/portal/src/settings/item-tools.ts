/** Gives an item another name, and removes it: with what names it, if the operator wants that. */

import { warningIcon } from "@ringback/look/icons";
import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { PortalApi } from "../portal-api";
import type { MentionsView, WishedEdit } from "./messages";
import { editWords } from "./settings-model";
import { settingsStyles } from "./settings-styles";

/** Fires `renamed` with a new name, and `removed` with the edit. */
@customElement("item-tools")
export class ItemTools extends LitElement {
  @property({ attribute: false }) api!: PortalApi;
  @property() section = "";
  @property() name = "";
  @state() private asking: "" | "name" | "remove" = "";
  @state() private mentions: readonly string[] = [];
  @state() private trouble = "";

  static override styles = settingsStyles;

  protected override render() {
    return html`${this.trouble ? html`<p class="soft" role="alert">${this.trouble}</p>` : nothing}
    ${this.asking === "name" ? this.renderRename() : this.asking === "remove" ? this.renderRemove() : this.renderTools()}`;
  }

  private renderTools() {
    return html`<div class="tools">
      <button class="button plain small" @click=${() => (this.asking = "name")}>Rename</button>
      <button class="button plain small" @click=${() => void this.askToRemove()}>Remove</button>
    </div>`;
  }

  private renderRename() {
    return html`<form class="tools" @submit=${this.rename}>
      <label for="new-name">New name</label>
      <input id="new-name" type="text" .value=${this.name} required pattern="[a-z0-9][a-z0-9_\\-]*" />
      <button class="button brand small">Rename</button>
      ${this.renderCancel()}
      <p class="soft">Settings that have the old name get the new one.</p>
    </form>`;
  }

  private renderRemove() {
    const { length } = this.mentions;
    return html`<section class="notice" role="alertdialog" aria-label="Remove ${this.name}">
      ${warningIcon}
      <div>
        <b>${this.name} is named in ${length === 1 ? "one setting" : `${length} settings`}:</b>
        <ul class="plain">
          ${this.mentions.slice(0, 30).map((each) => html`<li>${each}</li>`)}
        </ul>
        <div class="tools">
          <button class="button brand small" @click=${() => this.take(true)}>Remove it there, too</button>
          <button class="button plain small" @click=${() => this.take(false)}>Remove it here alone</button>
          ${this.renderCancel()}
        </div>
      </div>
    </section>`;
  }

  private renderCancel() {
    return html`<button type="button" class="button plain small" @click=${() => (this.asking = "")}>
      Cancel
    </button>`;
  }

  private async askToRemove(): Promise<void> {
    try {
      const query = { section: this.section, name: this.name };
      this.mentions = (await this.api.get<MentionsView>("settings/mentions", query)).mentions;
      this.trouble = "";
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

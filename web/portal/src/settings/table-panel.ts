/** A table of stores as a grid over its file: each cell that the check finds wrong says so. */

import { closeIcon, warningIcon } from "@ringback/look/icons";
import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { trouble } from "../trouble";
import { type Cell, type Row, rowsOf, withCell, withoutRow, withRow } from "./csv-cells";
import type { PlacedProblem } from "./messages";
import { editWords, type SettingsModel } from "./settings-model";
import { settingsStyles } from "./settings-styles";

/** Rows on one page. */
const PAGE = 50;

@customElement("table-panel")
export class TablePanel extends LitElement {
  @property({ attribute: false }) model!: SettingsModel;
  @property() file = "";
  @property({ type: Boolean }) locked = false;
  @state() private text: string | null = null;
  @state() private problems: readonly PlacedProblem[] = [];
  @state() private filter = "";
  @state() private page = 0;
  @state() private wrongOnly = false;
  @state() private problem = "";
  private shown = "";

  static override styles = settingsStyles;

  protected override willUpdate(): void {
    if (this.shown === this.file) return;
    this.shown = this.file;
    void this.load();
  }

  private async load(): Promise<void> {
    try {
      this.text = (await this.model.text(this.file)).text;
      await this.check();
    } catch (error) {
      this.problem = editWords(error);
    }
  }

  private async check(): Promise<void> {
    const review = await this.model.review();
    this.problems = [...review.problems, ...review.warnings].filter(({ file }) => file === this.file);
  }

  private async put(text: string): Promise<void> {
    this.text = text;
    const kept = await this.model.type(this.file, text);
    this.problem = kept ? "" : this.model.problem;
    if (!kept) return;
    try {
      await this.check();
    } catch (error) {
      this.problem = editWords(error);
    }
  }

  /** What is wrong at a cell: at its place, or anywhere within it. */
  private wrongAt(cell: Cell): string {
    return this.problems
      .filter(
        ({ line, column }) =>
          line === cell.line && column >= cell.column && column <= cell.column + cell.text.length,
      )
      .map(({ text }) => text)
      .join(" ");
  }

  protected override render() {
    if (this.text === null)
      return html`${trouble(this.problem)}
        <p class="soft">${this.problem ? "" : "One moment…"}</p>`;
    const [names = [], ...rows] = rowsOf(this.text);
    const wanted = this.filter.trim().toLowerCase();
    const lines = new Set(this.problems.map(({ line }) => line));
    const found = rows.filter(
      (row) =>
        (!this.wrongOnly || lines.has(row[0]?.line ?? 0)) &&
        (wanted === "" || row.some(({ text }) => text.toLowerCase().includes(wanted))),
    );
    const last = Math.max(0, Math.ceil(found.length / PAGE) - 1);
    const page = Math.min(this.page, last);
    return html`
      ${trouble(this.problem)} ${this.renderProblems(rows)}
      <div class="tools">
        <label for="find">Find</label>
        <input
          id="find"
          type="search"
          class="find"
          .value=${this.filter}
          @input=${(event: Event) => (this.filter = (event.target as HTMLInputElement).value)}
        />
        <span class="soft" role="status">${found.length} of ${rows.length} stores</span>
        ${
          last > 0
            ? html`<button
                  class="button plain small"
                  aria-disabled=${page === 0}
                  @click=${() => (this.page = Math.max(0, page - 1))}
                >
                  Back
                </button>
                <button
                  class="button plain small"
                  aria-disabled=${page === last}
                  @click=${() => (this.page = Math.min(last, page + 1))}
                >
                  Next
                </button>`
            : nothing
        }
      </div>
      <div class="scroll grid" tabindex="0" role="region" aria-label="Stores">
        <table>
          <thead>
            <tr>
              ${names.map(({ text }) => html`<th scope="col">${text}</th>`)}
              <th><span class="hidden">Remove</span></th>
            </tr>
          </thead>
          <tbody>
            ${found.slice(page * PAGE, (page + 1) * PAGE).map((row) => this.renderRow(row, names))}
          </tbody>
        </table>
      </div>
      ${this.locked ? nothing : this.renderAdd(names)}
    `;
  }

  private renderProblems(rows: readonly Row[]) {
    const count = this.problems.length;
    if (count === 0) return nothing;
    const elsewhere = this.problems.filter(
      ({ line }) => !rows.some((row) => row.some((cell) => cell.line === line)),
    );
    return html`<section class="notice bad" aria-label="Problems of the table">
      ${warningIcon}
      <div>
        <b>${count === 1 ? "One problem, at its cell." : `${count} problems, each at its cell.`}</b>
        ${elsewhere.map((each) => html`<p>Line ${each.line}: ${each.text}</p>`)}
        <label class="tools"
          ><input
            type="checkbox"
            .checked=${this.wrongOnly}
            @change=${(event: Event) => (this.wrongOnly = (event.target as HTMLInputElement).checked)}
          />
          Show their rows alone</label
        >
      </div>
    </section>`;
  }

  private renderRow(row: Row, names: Row) {
    const store = row[names.findIndex(({ text }) => text === "name")]?.text || `line ${row[0]?.line ?? ""}`;
    return html`<tr>
      ${row.map((cell, index) => this.renderCell(cell, names[index]?.text ?? `column ${index + 1}`, store))}
      <td>
        ${
          this.locked
            ? nothing
            : html`<button
                class="button plain small"
                aria-label="Remove ${store}"
                @click=${() => void this.put(withoutRow(this.text ?? "", row))}
              >
                ${closeIcon}
              </button>`
        }
      </td>
    </tr>`;
  }

  private renderCell(cell: Cell, column: string, store: string) {
    const wrong = this.wrongAt(cell);
    return html`<td>
      <input
        type="text"
        aria-label="${column} of ${store}"
        aria-invalid=${wrong !== ""}
        .value=${cell.text}
        ?disabled=${this.locked}
        @change=${(event: Event) =>
          void this.put(withCell(this.text ?? "", cell, (event.target as HTMLInputElement).value))}
      />
      ${wrong ? html`<small class="wrong">${wrong}</small>` : nothing}
    </td>`;
  }

  private renderAdd(names: Row) {
    const add = (event: SubmitEvent): void => {
      event.preventDefault();
      const form = event.currentTarget as HTMLFormElement;
      const name = (form.elements.namedItem("name") as HTMLInputElement).value.trim();
      form.reset();
      this.filter = name;
      const columns = names.map(({ text }) => text);
      void this.put(withRow(this.text ?? "", columns, name));
    };
    return html`<form class="tools" @submit=${add}>
      <input
        name="name"
        type="text"
        required
        pattern="[a-z0-9][a-z0-9_\\-]*"
        aria-label="Name of a new store"
      />
      <button class="button plain small">Add a store</button>
    </form>`;
  }
}

/** A settings file as text. Every key is kept on the server; problems stand where they are. */

import { html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, query, state } from "lit/decorators.js";
import type { CodeEditor } from "./code-editor";
import type { PlacedProblem, ReviewView } from "./messages";
import { editWords, type SettingsModel } from "./settings-model";
import { settingsStyles } from "./settings-styles";

/** Milliseconds after the last key until the text is kept, and then checked. */
const PAUSE = 600;

@customElement("text-panel")
export class TextPanel extends LitElement {
  @property({ attribute: false }) model!: SettingsModel;
  @property() file = "";
  @state() private told: "loading" | "kept" | "typing" | "failed" = "loading";
  @state() private problem = "";
  @state() private review: ReviewView | null = null;
  @query(".editor") private place!: HTMLElement;
  private editor: CodeEditor | null = null;
  private shown = "";
  private timer = 0;
  private typed: string | null = null;

  static override styles = settingsStyles;

  protected override updated(_: PropertyValues<this>): void {
    if (this.file === this.shown) return;
    this.shown = this.file;
    void this.open(this.file);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    void this.keep();
    this.editor?.view.destroy();
    this.editor = null;
    this.shown = "";
  }

  private async open(file: string): Promise<void> {
    try {
      const [{ codeEditor }, view] = await Promise.all([import("./code-editor"), this.model.text(file)]);
      if (file !== this.file || !this.isConnected) return;
      this.editor?.view.destroy();
      this.editor = codeEditor(this.place, view.text, !this.model.view?.may_text, (text) =>
        this.changed(text),
      );
      this.told = "kept";
      await this.check();
    } catch (error) {
      this.told = "failed";
      this.problem = editWords(error);
    }
  }

  private changed(text: string): void {
    this.typed = text;
    this.told = "typing";
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.keep(), PAUSE);
  }

  private async keep(): Promise<void> {
    clearTimeout(this.timer);
    const text = this.typed;
    if (text === null) return;
    this.typed = null;
    const kept = await this.model.type(this.shown, text);
    if (!kept) {
      // Typed text stays in the editor; the next key tries again.
      this.typed ??= text;
      this.told = "failed";
      this.problem = this.model.problem;
      return;
    }
    if (this.typed !== null) return;
    this.told = "kept";
    await this.check();
  }

  private async check(): Promise<void> {
    try {
      const review = await this.model.review();
      this.review = review;
      const here = (all: readonly PlacedProblem[]) => all.filter(({ file }) => file === this.file);
      this.editor?.show(here(review.problems), here(review.warnings));
    } catch (error) {
      this.problem = editWords(error);
    }
  }

  protected override render() {
    const words = {
      loading: "One moment…",
      kept: "Everything is kept in your draft.",
      typing: "Typing…",
      failed: this.problem,
    };
    const problems = this.review?.problems ?? [];
    return html`
      <div class="editor" part="editor"></div>
      <p role="status" class="soft">${words[this.told]}</p>
      ${
        problems.length > 0
          ? html`<section class="card" aria-label="Problems">
              <h2>${problems.length === 1 ? "One problem" : `${problems.length} problems`}</h2>
              <ul class="plain">
                ${problems.slice(0, 50).map(
                  (each) =>
                    html`<li>
                      <button
                        class="button plain small"
                        @click=${() => each.file === this.file && this.editor?.reveal(each.line, each.column)}
                      >
                        ${each.file}, line ${each.line}
                      </button>
                      ${each.path ? html`<b>${each.path}</b>: ` : nothing}${each.text}
                    </li>`,
                )}
              </ul>
            </section>`
          : nothing
      }
    `;
  }
}

/** Who changed and who looked at what. */

import { html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { AuditEntryView, AuditPage } from "../messages";
import { problemWords } from "../portal-api";
import { screenStyles } from "../screen-styles";
import type { ScreenContext, ScreenElement } from "../screens";
import { momentWords } from "../times";
import { trouble } from "../trouble";

@customElement("audit-screen")
export class AuditScreen extends LitElement implements ScreenElement {
  @property({ attribute: false }) context!: ScreenContext;
  @state() private entries: readonly AuditEntryView[] = [];
  @state() private next: number | null = null;
  @state() private busy = false;
  @state() private problem = "";
  private asked: string | null = null;

  static override styles = screenStyles;

  protected override willUpdate(_: PropertyValues<this>): void {
    const operator = this.context.place.query.get("operator") ?? "";
    if (operator === this.asked) return;
    this.asked = operator;
    this.entries = [];
    this.next = null;
    void this.load();
  }

  private async load(): Promise<void> {
    const { asked } = this;
    this.busy = true;
    try {
      const query = { operator: asked, before: this.next };
      const page = await this.context.api.get<AuditPage>("audit", query);
      if (asked !== this.asked) return;
      this.entries = [...this.entries, ...page.entries];
      this.next = page.next;
      this.problem = "";
    } catch (error) {
      this.problem = problemWords(error);
    } finally {
      this.busy = false;
    }
  }

  protected override render() {
    return html`
      <div class="head">
        <h1>Audit</h1>
        ${
          this.asked
            ? html`<button class="button plain small" @click=${() => this.context.go([])}>
                Show all operators
              </button>`
            : nothing
        }
      </div>
      ${trouble(this.problem)}
      <section class="card" aria-busy=${this.busy}>
        ${
          this.entries.length === 0
            ? html`<p class="empty">
                ${this.busy ? "One moment…" : "Nobody has changed or looked at anything yet."}
              </p>`
            : this.renderEntries()
        }
        ${
          this.next === null
            ? nothing
            : html`<button
                class="button plain small"
                aria-disabled=${this.busy}
                @click=${() => void (this.busy || this.load())}
              >
                Show older entries
              </button>`
        }
      </section>
    `;
  }

  private renderEntries() {
    return html`<div class="scroll" tabindex="0" role="region" aria-label="Entries">
      <table>
        <caption class="visually-hidden">
          What operators changed and looked at, the newest first
        </caption>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">What</th>
            <th scope="col">About</th>
            <th scope="col">From</th>
          </tr>
        </thead>
        <tbody>
          ${this.entries.map(
            (entry) =>
              html`<tr>
                <td>${momentWords(entry.at)}</td>
                <td>
                  <a href="#/audit?operator=${encodeURIComponent(entry.operator)}">${entry.label}</a>
                </td>
                <td>${whatWords(entry.what)}</td>
                <td>${aboutWords(entry.about)}</td>
                <td>${entry.address}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }
}

/** "call_opened" → "Call opened". */
export function whatWords(what: string): string {
  const words = what.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function aboutWords(about: AuditEntryView["about"]): string {
  return Object.entries(about)
    .map(([name, value]) => `${name}: ${value}`)
    .join(", ");
}

/** Who changed and who looked at what. */

import { html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { AuditEntryView, AuditPage } from "../messages";
import { PagedList } from "../paged-list";
import { screenStyles } from "../screen-styles";
import type { ScreenContext, ScreenElement } from "../screens";
import { momentWords } from "../times";
import { trouble } from "../trouble";

@customElement("audit-screen")
export class AuditScreen extends LitElement implements ScreenElement {
  @property({ attribute: false }) context!: ScreenContext;
  private readonly entries = new PagedList<AuditEntryView, number>(this, async (before) => {
    const query = { operator: this.operator, before };
    const { entries, next } = await this.context.api.get<AuditPage>("audit", query);
    return { rows: entries, next };
  });

  static override styles = screenStyles;

  private get operator(): string {
    return this.context.place.query.get("operator") ?? "";
  }

  protected override willUpdate(): void {
    this.entries.show(this.operator);
  }

  protected override render() {
    const { busy, problem, rows } = this.entries;
    return html`
      <div class="head">
        <h1>Audit</h1>
        ${
          this.operator
            ? html`<button class="button plain small" @click=${() => this.context.go([])}>
                Show all operators
              </button>`
            : nothing
        }
      </div>
      ${trouble(problem)}
      <section class="card" aria-busy=${busy}>
        ${
          rows.length === 0
            ? html`<p class="empty">
                ${busy ? "One moment…" : "Nobody has changed or looked at anything yet."}
              </p>`
            : this.renderEntries()
        }
        ${this.entries.button("Show older entries")}
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
          ${this.entries.rows.map(
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

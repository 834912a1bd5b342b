/** Opening hours as a week. What a week cannot show is kept, and shown as text. */

import { closeIcon } from "@ringback/look/icons";
import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { PortalApi } from "../portal-api";
import type { HoursText, HoursView } from "./messages";
import { editWords } from "./settings-model";
import { settingsStyles } from "./settings-styles";
import { clock, DAY_NAMES, nextSpan, type Span, spanOf } from "./week-times";

/** Fires `hours` with the new text. */
@customElement("week-grid")
export class WeekGrid extends LitElement {
  @property({ attribute: false }) api!: PortalApi;
  @property() text = "";
  @property({ type: Boolean }) locked = false;
  @state() private days: readonly (readonly Span[])[] | null = null;
  @state() private rest: readonly string[] = [];
  @state() private problem = "";
  @state() private bad = "";
  private shown = "";

  static override styles = settingsStyles;

  protected override willUpdate(): void {
    if (this.text === this.shown) return;
    this.shown = this.text;
    void this.read(this.text);
  }

  private async read(text: string): Promise<void> {
    try {
      const view = await this.api.get<HoursView>("settings/hours", { text });
      if (text !== this.text) return;
      this.days = view.days as readonly (readonly Span[])[] | null;
      this.rest = view.rest;
      this.problem = "";
    } catch (error) {
      this.problem = editWords(error);
    }
  }

  private async write(days: readonly (readonly Span[])[]): Promise<void> {
    this.days = days;
    try {
      const body = { days, rest: this.rest };
      const { text } = await this.api.change<HoursText>("POST", "settings/hours", body);
      this.problem = "";
      this.shown = text;
      this.dispatchEvent(new CustomEvent("hours", { detail: text }));
    } catch (error) {
      this.problem = editWords(error);
    }
  }

  private put(day: number, spans: readonly Span[]): void {
    if (this.days) void this.write(this.days.map((each, index) => (index === day ? spans : each)));
  }

  private typed(day: number, index: number, group: Element): void {
    const [from, to] = [...group.querySelectorAll("input")].map((input) => input.value);
    const span = spanOf(from ?? "", to ?? "");
    this.bad = span ? "" : `${day}.${index}`;
    const spans = this.days?.[day] ?? [];
    if (span) this.put(day, [...spans.slice(0, index), span, ...spans.slice(index + 1)]);
  }

  protected override render() {
    if (!this.days)
      return html`<p class="soft">
        ${this.problem || "These hours say more than a week can show. Edit them as text below."}
      </p>`;
    return html`
      ${this.days.map((spans, day) => this.renderDay(spans, day))}
      ${
        this.rest.length > 0
          ? html`<p class="soft">Beside the week, and kept as it is: <code>${this.rest.join("; ")}</code></p>`
          : nothing
      }
      <p role="alert" class="soft">${this.problem}</p>
    `;
  }

  private renderDay(spans: readonly Span[], day: number) {
    const name = DAY_NAMES[day] ?? "";
    return html`<div class="day" role="group" aria-label=${name}>
      <h3>${name}</h3>
      <div class="spans">
        ${spans.length === 0 ? html`<span class="soft">closed</span>` : nothing}
        ${spans.map(
          ([start, end], index) =>
            html`<span
              class="span"
              @change=${(event: Event) => this.typed(day, index, event.currentTarget as Element)}
            >
              <input
                type="text"
                inputmode="numeric"
                aria-label="${name} from"
                aria-invalid=${this.bad === `${day}.${index}`}
                .value=${clock(start)}
                ?disabled=${this.locked}
              />
              –
              <input
                type="text"
                inputmode="numeric"
                aria-label="${name} until"
                aria-invalid=${this.bad === `${day}.${index}`}
                .value=${clock(end)}
                ?disabled=${this.locked}
              />
              ${end > 1440 ? html`<small class="soft">next day</small>` : nothing}
              ${
                this.locked
                  ? nothing
                  : html`<button
                      class="button plain small"
                      aria-label="Remove ${clock(start)} to ${clock(end)} of ${name}"
                      @click=${() => this.put(day, [...spans.slice(0, index), ...spans.slice(index + 1)])}
                    >
                      ${closeIcon}
                    </button>`
              }
            </span>`,
        )}
        ${
          this.locked
            ? nothing
            : html`<button
                class="button plain small"
                aria-label="Add times on ${name}"
                @click=${() => this.put(day, [...spans, nextSpan(spans)])}
              >
                Add
              </button>`
        }
      </div>
    </div>`;
  }
}

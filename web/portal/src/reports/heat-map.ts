/** Hour by weekday: darker is more. Its table stands beside it. */

import { css, html, LitElement, svg } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { HeatView, MetricView } from "./messages";
import { numberWords } from "./numbers";

export const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;
const [CELL, GAP, LEFT, TOP] = [26, 3, 40, 18];

@customElement("heat-map")
export class HeatMap extends LitElement {
  @property({ attribute: false }) metric!: MetricView;
  @property({ attribute: false }) cells: readonly HeatView[] = [];

  static override styles = css`
    :host {
      display: block;
    }
    div {
      overflow-x: auto;
    }
    div:focus-visible {
      outline: 3px solid var(--focus);
    }
    svg {
      display: block;
      width: 100%;
      min-width: 36rem;
    }
    text {
      fill: var(--ink-soft);
      font: 11px var(--font);
    }
    rect {
      fill: var(--brand);
    }
    rect.none {
      fill: var(--sunk);
      fill-opacity: 1;
    }
  `;

  protected override render() {
    const { metric } = this;
    const at = new Map(
      this.cells.map((cell) => [cell.weekday * 24 + cell.hour, cell.metrics[metric.id] ?? null]),
    );
    const most = Math.max(0, ...[...at.values()].map((value) => value ?? 0));
    const width = LEFT + 24 * (CELL + GAP);
    const height = TOP + 7 * (CELL + GAP);
    return html`<div tabindex="0" role="region" aria-label="Hours of the week">
      <svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${metric.label} by hour and weekday">
        ${[0, 3, 6, 9, 12, 15, 18, 21].map(
          (hour) => svg`<text x=${LEFT + hour * (CELL + GAP)} y="11">${String(hour).padStart(2, "0")}</text>`,
        )}
        ${WEEKDAYS.map((day, weekday) => {
          const y = TOP + weekday * (CELL + GAP);
          return svg`<text x="0" y=${y + 17}>${day}</text>
          ${Array.from({ length: 24 }, (_, hour) => {
            const value = at.get(weekday * 24 + hour) ?? null;
            const none = value === null || value === 0 || most === 0;
            const opacity = none ? 1 : 0.12 + 0.88 * ((value ?? 0) / most);
            return svg`<rect
              class=${none ? "none" : ""}
              x=${LEFT + hour * (CELL + GAP)} y=${y} width=${CELL} height=${CELL} rx="5"
              fill-opacity=${opacity}
            ><title>${day} ${String(hour).padStart(2, "0")}:00 – ${numberWords(value, metric.unit)}</title></rect>`;
          })}`;
        })}
      </svg>
    </div>`;
  }
}

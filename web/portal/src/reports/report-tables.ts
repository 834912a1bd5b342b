/** What the charts of a report show, as tables. */

import { html, nothing } from "lit";
import { WEEKDAYS } from "./heat-map";
import type { MetricView, ReportView as Report } from "./messages";
import { numberWords } from "./numbers";
import { stepWords } from "./series-chart";

/** A metric over time. */
export function stepsTable(report: Report, metric: MetricView) {
  return html`<table>
    <thead>
      <tr>
        <th scope="col">Begins</th>
        <th scope="col" class="number">${metric.label}</th>
        ${report.steps_before.length > 0 ? html`<th scope="col" class="number">Before</th>` : nothing}
      </tr>
    </thead>
    <tbody>
      ${report.steps.map(
        (step, at) =>
          html`<tr>
            <th scope="row">${stepWords(step, report.period.zone)}</th>
            <td class="number">${numberWords(step.metrics[metric.id], metric.unit)}</td>
            ${
              report.steps_before.length > 0
                ? html`<td class="number">
                    ${numberWords(report.steps_before[at]?.metrics[metric.id], metric.unit)}
                  </td>`
                : nothing
            }
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** A metric by hour and weekday. */
export function heatTable(report: Report, metric: MetricView) {
  const at = new Map(report.heat.map((cell) => [cell.weekday * 24 + cell.hour, cell.metrics[metric.id]]));
  return html`<table>
    <thead>
      <tr>
        <th scope="col">Hour</th>
        ${WEEKDAYS.map((day) => html`<th scope="col" class="number">${day}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${Array.from(
        { length: 24 },
        (_, hour) =>
          html`<tr>
            <th scope="row">${String(hour).padStart(2, "0")}:00</th>
            ${WEEKDAYS.map(
              (_, weekday) =>
                html`<td class="number">${numberWords(at.get(weekday * 24 + hour), metric.unit)}</td>`,
            )}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** A metric over time, drawn by uPlot, which is loaded with the first chart. Its table stands beside it. */

import { css, html, LitElement, type PropertyValues } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import type uPlot from "uplot";
import type { MetricView, StepView } from "./messages";
import { numberWords } from "./numbers";

@customElement("series-chart")
export class SeriesChart extends LitElement {
  @property({ attribute: false }) metric!: MetricView;
  @property({ attribute: false }) steps: readonly StepView[] = [];
  @property({ attribute: false }) earlier: readonly StepView[] = [];
  @property() zone = "UTC";
  @query(".chart") private box!: HTMLElement;
  private chart: uPlot | null = null;
  private resized: ResizeObserver | null = null;
  private dark: MediaQueryList | null = null;

  static override styles = css`
    :host {
      display: block;
    }
    .chart {
      height: 260px;
      overflow: hidden;
    }
    .u-wrap {
      position: relative;
      user-select: none;
    }
    .u-over,
    .u-under {
      position: absolute;
    }
    .uplot canvas {
      display: block;
      position: relative;
      width: 100%;
      height: 100%;
    }
    .u-axis {
      position: absolute;
    }
    .u-select {
      position: absolute;
      background: color-mix(in srgb, var(--brand) 15%, transparent);
      pointer-events: none;
    }
    .u-cursor-x,
    .u-cursor-y {
      position: absolute;
      left: 0;
      top: 0;
      pointer-events: none;
    }
    .u-hz .u-cursor-x {
      height: 100%;
      border-right: 1px dashed var(--control);
    }
    .u-hz .u-cursor-y {
      display: none;
    }
    .u-cursor-pt {
      position: absolute;
      top: 0;
      left: 0;
      border-radius: 50%;
      border: 0 solid;
      pointer-events: none;
      background-clip: padding-box !important;
    }
    .u-off {
      display: none;
    }
    .u-legend {
      display: none;
    }
    .told {
      margin: 0;
      min-height: 1.5rem;
      color: var(--ink-soft);
      font-size: 0.875rem;
      font-variant-numeric: tabular-nums;
    }
  `;

  override connectedCallback(): void {
    super.connectedCallback();
    this.dark = matchMedia("(prefers-color-scheme: dark)");
    this.dark.addEventListener("change", this.redraw);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.dark?.removeEventListener("change", this.redraw);
    this.resized?.disconnect();
    this.chart?.destroy();
    this.chart = null;
  }

  protected override render() {
    return html`<div class="chart" aria-hidden="true"></div>
      <p class="told" aria-hidden="true"></p>`;
  }

  protected override firstUpdated(): void {
    this.resized = new ResizeObserver(() => {
      const width = this.box.clientWidth;
      if (this.chart && width > 0 && width !== this.chart.width) this.chart.setSize({ width, height: 260 });
    });
    this.resized.observe(this.box);
  }

  protected override updated(_: PropertyValues<this>): void {
    this.redraw();
  }

  private readonly redraw = (): void => void this.draw();

  private async draw(): Promise<void> {
    const { default: Plot } = await import("uplot");
    if (!this.isConnected || this.box.clientWidth === 0) return;
    this.chart?.destroy();
    const look = getComputedStyle(this);
    // A canvas knows no light-dark(): a colour is read as the browser has worked it out.
    const colour = (name: string): string => {
      const probe = this.box.appendChild(document.createElement("i"));
      probe.style.color = `var(${name})`;
      const found = getComputedStyle(probe).color;
      probe.remove();
      return found;
    };
    const [brand, soft, line, control] = ["--brand", "--ink-soft", "--line", "--control"].map(colour) as [
      string,
      string,
      string,
      string,
    ];
    const { metric, zone } = this;
    const values = (of: readonly StepView[]): (number | null)[] =>
      this.steps.map((_, index) => of[index]?.metrics[metric.id] ?? null);
    const grid = { stroke: line, width: 1 };
    const font = `12px ${look.getPropertyValue("--font") || "sans-serif"}`;
    const told = this.renderRoot.querySelector(".told");
    const bars = this.steps.length < 3;
    this.chart = new Plot(
      {
        width: this.box.clientWidth,
        height: 260,
        tzDate: (at) => Plot.tzDate(new Date(at * 1000), zone),
        cursor: { y: false, drag: { x: false, y: false } },
        legend: { show: false },
        scales: { y: { range: (_, low, high) => [Math.min(0, low ?? 0), (high || 1) * 1.05] } },
        axes: [
          { stroke: soft, font, grid, ticks: grid },
          {
            stroke: soft,
            font,
            grid,
            ticks: grid,
            size: 64,
            values: (_, ticks) => ticks.map((tick) => numberWords(tick, metric.unit)),
          },
        ],
        series: [
          {},
          {
            label: metric.label,
            stroke: brand,
            width: 2.5,
            points: { show: bars, size: 9 },
            fill: fade(brand),
          },
          { label: "Before", stroke: control, width: 1.5, dash: [5, 4], points: { show: bars } },
        ],
        hooks: {
          setCursor: [
            (chart) => {
              const at = chart.cursor.idx;
              const step = at === null || at === undefined ? undefined : this.steps[at];
              if (!told) return;
              const old = at === null || at === undefined ? undefined : this.earlier[at];
              told.textContent = step
                ? `${stepWords(step, this.zone)}: ${numberWords(step.metrics[metric.id], metric.unit)}` +
                  (old ? ` · before: ${numberWords(old.metrics[metric.id], metric.unit)}` : "")
                : "";
            },
          ],
        },
      },
      [this.steps.map((step) => step.begins), values(this.steps), values(this.earlier)],
      this.box,
    );
  }
}

const fade = (colour: string): string => colour.replace(/^rgb\(/, "rgba(").replace(/\)$/, ", 0.1)");

/** When a stretch begins, in its zone. */
export function stepWords(step: StepView, zone: string): string {
  const hours = step.ends - step.begins < 86_000 * 0.9;
  const format = new Intl.DateTimeFormat(undefined, {
    timeZone: zone,
    dateStyle: "medium",
    ...(hours ? { timeStyle: "short" as const } : {}),
  });
  return format.format(step.begins * 1000);
}

/** A level as a row of bars that light up: the microphone's, or the caller's. */

import type { Events } from "@ringback/browser-leg";
import { css, html, LitElement, svg } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { base } from "./styles";

const BARS = 24;

@customElement("level-bars")
export class LevelBars extends LitElement {
  /** What tells of the level. */
  @property({ attribute: false }) source: Events<{ level: number }> | null = null;
  @property() name = "";
  /** Bars that are lit. */
  @state() private lit = 0;
  private stop: (() => void) | undefined;
  private listened: Events<{ level: number }> | null = null;

  static override styles = [
    base,
    css`
      svg {
        width: 100%;
        height: 0.9rem;
      }
      rect {
        fill: var(--line);
        transition: fill 0.08s;
      }
      .on {
        fill: var(--call);
      }
      .loud {
        fill: var(--amber);
      }
    `,
  ];

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.listen(null);
  }

  protected override willUpdate(): void {
    this.listen(this.source);
  }

  protected override render() {
    return html`<div
      role="meter"
      aria-label=${this.name}
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow=${Math.round((100 * this.lit) / BARS)}
    >
      <svg viewBox="0 0 ${BARS * 8 - 3} 14" preserveAspectRatio="none" aria-hidden="true">
        ${Array.from(
          { length: BARS },
          (_, index) =>
            svg`<rect x=${index * 8} y="0" width="5" height="14" rx="2" class=${
              index >= this.lit ? "" : index < BARS - 3 ? "on" : "loud"
            }></rect>`,
        )}
      </svg>
    </div>`;
  }

  private listen(source: Events<{ level: number }> | null): void {
    if (source === this.listened) return;
    this.stop?.();
    this.listened = source;
    this.lit = 0;
    this.stop = source?.on("level", (level) => {
      this.lit = Math.round(level * BARS);
    });
  }
}

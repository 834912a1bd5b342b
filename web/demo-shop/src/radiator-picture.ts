/** The radiator, drawn: two tanks, tubes with fins between them, and the hoses. */

import { css, LitElement, svg } from "lit";
import { customElement } from "lit/decorators.js";

const TUBES = 9;

@customElement("radiator-picture")
export class RadiatorPicture extends LitElement {
  static override styles = css`
    :host {
      display: block;
    }
    svg {
      display: block;
      width: 100%;
      max-height: 26rem;
    }
    .tank {
      fill: light-dark(#3f4d5e, #5d6f83);
    }
    .core {
      fill: light-dark(#dfe7f0, #1b2735);
    }
    .tube {
      stroke: var(--sky);
      stroke-width: 9;
    }
    .fin {
      fill: none;
      stroke: light-dark(#9aa9ba, #46566a);
      stroke-width: 2;
    }
    .hose {
      fill: none;
      stroke: light-dark(#23303f, #8797a8);
      stroke-width: 20;
      stroke-linecap: round;
    }
  `;

  protected override render() {
    const rows = Array.from({ length: TUBES }, (_, row) => 68 + row * 26);
    const fins = (y: number) =>
      `M66 ${y} ` + Array.from({ length: 71 }, (_, at) => `l5 ${at % 2 ? 14 : -14}`).join(" ");
    return svg`<svg viewBox="0 0 480 340" role="img" aria-label="A car radiator">
      <path class="hose" d="M40 70 C 20 70 22 44 10 40 M 440 270 C 462 270 458 300 472 304" />
      <rect class="core" x="60" y="50" width="360" height="246" rx="4" />
      ${rows.map((y) => svg`<path class="tube" d="M60 ${y} H420" />`)}
      ${rows.slice(0, -1).map((y) => svg`<path class="fin" transform="translate(0 20) scale(1 0.5)" d=${fins(2 * y - 14)} />`)}
      <rect class="tank" x="30" y="40" width="36" height="266" rx="12" />
      <rect class="tank" x="414" y="40" width="36" height="266" rx="12" />
      <rect class="tank" x="40" y="22" width="24" height="22" rx="5" />
    </svg>`;
  }
}

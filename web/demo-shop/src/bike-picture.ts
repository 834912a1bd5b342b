/** The product: a city bike drawn in the chosen colour. */

import { css, html, LitElement, svg } from "lit";
import { customElement, property } from "lit/decorators.js";
import { base } from "./styles";

const SPOKES = Array.from({ length: 18 }, (_, index) => (index * 360) / 18);

const wheel = (x: number) => svg`
  <g transform="translate(${x} 290)">
    <circle r="98" class="tyre"></circle>
    <circle r="86" class="rim"></circle>
    ${SPOKES.map((angle) => svg`<line y1="-10" y2="-85" transform="rotate(${angle})" class="spoke"></line>`)}
    <circle r="11" class="metal"></circle>
  </g>`;

@customElement("bike-picture")
export class BikePicture extends LitElement {
  /** Any CSS colour. */
  @property() colour = "#2f6db5";
  @property() name = "";

  static override styles = [
    base,
    css`
      svg {
        display: block;
        width: 100%;
        height: auto;
      }
      .tyre {
        fill: none;
        stroke: light-dark(#2a2f37, #05080c);
        stroke-width: 13;
      }
      .rim {
        fill: none;
        stroke: light-dark(#b9bfc7, #8793a1);
        stroke-width: 5;
      }
      .spoke {
        stroke: light-dark(#a9b0b9, #5d6a78);
        stroke-width: 1.2;
      }
      .metal {
        fill: light-dark(#8b939e, #97a3b0);
      }
      .tube {
        fill: none;
        stroke-width: 13;
        stroke-linecap: round;
        stroke-linejoin: round;
      }
      .thin {
        stroke-width: 8;
      }
      .guard {
        fill: none;
        stroke-width: 8;
        stroke-linecap: round;
        opacity: 0.9;
      }
      .steel {
        fill: none;
        stroke: light-dark(#7d8691, #a4afbb);
        stroke-width: 7;
        stroke-linecap: round;
        stroke-linejoin: round;
      }
      .leather {
        fill: #8a5a34;
      }
      .leather-line {
        fill: none;
        stroke: #8a5a34;
        stroke-width: 13;
        stroke-linecap: round;
      }
      .wicker {
        fill: #c89b62;
        stroke: #94683a;
        stroke-width: 3;
      }
      .weave {
        stroke: #94683a;
        stroke-width: 2;
        fill: none;
      }
      .chain {
        fill: none;
        stroke: light-dark(#59616b, #76828f);
        stroke-width: 3;
      }
      .shade {
        fill: light-dark(#16202e, #000);
        opacity: 0.12;
      }
      .lamp {
        fill: #ffd666;
        stroke: light-dark(#59616b, #97a3b0);
        stroke-width: 4;
      }
    `,
  ];

  protected override render() {
    return html`<svg viewBox="0 0 720 420" role="img" aria-label=${this.name} stroke=${this.colour}>
      <ellipse class="shade" stroke="none" cx="365" cy="396" rx="300" ry="12"></ellipse>
      ${wheel(165)} ${wheel(555)}
      <path class="guard" d="M62 262A107 107 0 0 1 262 244"></path>
      <path class="guard" d="M462 236A107 107 0 0 1 660 270"></path>
      <path class="chain" d="M165 279 322 273M165 301 322 317"></path>
      <path class="tube thin" d="M165 290 322 295M165 290 277 150"></path>
      <path class="tube" d="M322 295 272 128"></path>
      <path class="tube" d="M322 295C420 270 470 220 497 152"></path>
      <path class="tube" d="M283 165C370 205 440 190 490 130"></path>
      <path class="tube" d="M486 104 502 166"></path>
      <path class="tube thin" d="M502 166C512 215 530 258 555 290"></path>
      <path class="steel" d="M272 128 265 100M486 104 480 74 452 70"></path>
      <path class="leather-line" d="M452 70 418 78"></path>
      <path
        class="leather"
        stroke="none"
        d="M222 92c0-9 10-12 22-10 20 3 42-1 62 2 9 1 9 9 0 11-22 5-42 8-62 16-12 4-22-8-22-19z"
      ></path>
      <path class="steel" d="M489 118h46M500 160h24"></path>
      <path class="wicker" d="M530 66h98l-12 74h-74z"></path>
      <path class="weave" d="M532 84h93M535 102h87M538 120h81M552 66l6 74M579 66v74M606 66l-6 74"></path>
      <circle class="lamp" cx="531" cy="160" r="13"></circle>
      <circle cx="322" cy="295" r="27" fill="none" class="steel"></circle>
      <path class="steel" d="M322 295 352 345M337 347h32M322 295 292 245M276 243h32"></path>
      <circle cx="322" cy="295" r="8" class="metal" stroke="none"></circle>
    </svg>`;
  }
}

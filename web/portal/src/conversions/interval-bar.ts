/** A difference with its interval, against nothing: in a picture. What it shows is told in words beside it. */

import { svg } from "lit";
import type { Comparison } from "./messages";

const WIDTH = 400;
const HEIGHT = 44;
const MIDDLE = 22;
const EDGE = 12;

/** `most`: the greatest difference that has to find room, on either side. */
export function intervalBar({ difference, low, high }: Comparison, most: number) {
  const at = (value: number): number =>
    WIDTH / 2 + Math.max(-1, Math.min(1, value / most)) * (WIDTH / 2 - EDGE);
  const tone = low > 0 ? "good" : high < 0 ? "bad" : "even";
  return svg`<svg class="interval ${tone}" viewBox="0 0 ${WIDTH} ${HEIGHT}" aria-hidden="true">
    <line class="axis" x1="0" x2=${WIDTH} y1=${MIDDLE} y2=${MIDDLE}></line>
    <line class="zero" x1=${WIDTH / 2} x2=${WIDTH / 2} y1="4" y2=${HEIGHT - 4}></line>
    <line class="range" x1=${at(low)} x2=${at(high)} y1=${MIDDLE} y2=${MIDDLE}></line>
    <line class="range" x1=${at(low)} x2=${at(low)} y1=${MIDDLE - 7} y2=${MIDDLE + 7}></line>
    <line class="range" x1=${at(high)} x2=${at(high)} y1=${MIDDLE - 7} y2=${MIDDLE + 7}></line>
    <circle cx=${at(difference)} cy=${MIDDLE} r="7"></circle>
  </svg>`;
}

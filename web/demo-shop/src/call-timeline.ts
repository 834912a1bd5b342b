/** A finished call's legs as bars over time, with the same facts as a table for everybody. */

import { css, html, LitElement, svg } from "lit";
import { customElement, property } from "lit/decorators.js";
import { type CallStory, causeWords, type LegStory, secondsWords } from "./call-story";
import { base } from "./styles";

const WIDTH = 400;
const LANE = 46;
/** About how wide a letter of a leg's label is, and one of what became of it. */
const BOLD = 8.5;
const PLAIN = 7;

@customElement("call-timeline")
export class CallTimeline extends LitElement {
  @property({ attribute: false }) story!: CallStory;

  static override styles = [
    base,
    css`
      svg {
        display: block;
        width: 100%;
        height: auto;
        overflow: visible;
      }
      .label {
        font: 600 13px var(--font);
        fill: var(--ink);
      }
      .why,
      .tick {
        font: 12px var(--font);
        fill: var(--ink-soft);
      }
      .dialled {
        fill: var(--control);
      }
      .ringing {
        fill: var(--amber);
      }
      .answered {
        fill: var(--sky);
      }
      .joined {
        fill: var(--call);
      }
      .grid {
        stroke: var(--line);
        stroke-width: 1;
      }
      ul {
        display: flex;
        flex-wrap: wrap;
        gap: 0.25rem 1rem;
        margin-top: 0.6rem;
        font-size: 0.875rem;
        color: var(--ink-soft);
      }
      li {
        display: flex;
        align-items: center;
        gap: 0.4rem;
      }
      li svg {
        width: 12px;
        height: 12px;
      }
      details {
        margin-top: 0.9rem;
      }
      summary {
        cursor: pointer;
        font-weight: 600;
        padding: 0.25rem 0;
      }
      .scroll {
        overflow-x: auto;
      }
      table {
        border-collapse: collapse;
        width: 100%;
        margin-top: 0.5rem;
        font-size: 0.875rem;
        font-variant-numeric: tabular-nums;
      }
      th,
      td {
        text-align: left;
        padding: 0.4rem 0.7rem 0.4rem 0;
        border-bottom: 1px solid var(--line);
        white-space: nowrap;
      }
      th {
        font-weight: 600;
      }
    `,
  ];

  protected override render() {
    const { legs, ended } = this.story;
    const scale = (seconds: number) => (seconds / Math.max(ended, 1)) * WIDTH;
    const step = ended > 40 ? 10 : ended > 16 ? 5 : 2;
    const ticks = Array.from({ length: Math.floor(ended / step) + 1 }, (_, index) => index * step);
    const height = legs.length * LANE;
    return html`
      <svg viewBox="0 0 ${WIDTH} ${height + 22}" aria-hidden="true">
        ${ticks.map(
          (at) => svg`<line class="grid" x1=${scale(at)} x2=${scale(at)} y1="0" y2=${height + 4}></line>
            <text class="tick" x=${scale(at)} y=${height + 18}
              text-anchor=${at === 0 ? "start" : scale(at) > WIDTH - 12 ? "end" : "middle"}>${at} s</text>`,
        )}
        ${legs.map((leg, index) => this.renderLeg(leg, index * LANE, scale))}
      </svg>
      <ul aria-hidden="true">
        ${[
          ["dialled", "dialled"],
          ["ringing", "ringing"],
          ["answered", "answered, waiting"],
          ["joined", "talking"],
        ].map(
          ([name, words]) =>
            html`<li>
              <svg viewBox="0 0 12 12"><rect class=${name ?? ""} width="12" height="12" rx="3"></rect></svg
              >${words}
            </li>`,
        )}
      </ul>
      <details>
        <summary>The call record, leg by leg</summary>
        <div class="scroll" tabindex="0" role="region" aria-label="Call record">${this.renderTable()}</div>
      </details>
    `;
  }

  private renderLeg(leg: LegStory, top: number, scale: (seconds: number) => number) {
    const marks: [string, number | null][] = [
      ["dialled", leg.dialed],
      ["ringing", leg.ringing],
      ["answered", leg.answered],
      ["joined", leg.joined],
    ];
    const known = marks.filter((mark): mark is [string, number] => mark[1] !== null);
    const start = scale(leg.dialed);
    const why = causeWords(leg);
    const right = start + leg.label.length * BOLD + why.length * PLAIN > WIDTH;
    return svg`
      <text class="label" x=${right ? scale(leg.ended) : start} y=${top + 14}
        text-anchor=${right ? "end" : "start"}>${leg.label}<tspan class="why">  ${why}</tspan></text>
      ${known.map(([name, at], index) => {
        const until = known[index + 1]?.[1] ?? leg.ended;
        return svg`<rect class=${name} x=${scale(at)} y=${top + 21} rx="2" height="14"
          width=${Math.max(2, scale(until) - scale(at))}></rect>`;
      })}`;
  }

  private renderTable() {
    return html`<table>
      <thead>
        <tr>
          ${["Leg", "Dialled", "Ringing", "Answered", "Joined", "Ended", "Why"].map(
            (name) => html`<th scope="col">${name}</th>`,
          )}
        </tr>
      </thead>
      <tbody>
        ${this.story.legs.map(
          (leg) =>
            html`<tr>
              <th scope="row">${leg.label}</th>
              ${[leg.dialed, leg.ringing, leg.answered, leg.joined, leg.ended].map(
                (at) => html`<td>${secondsWords(at)}</td>`,
              )}
              <td>${causeWords(leg)}${leg.sip_status ? ` (SIP ${leg.sip_status})` : ""}</td>
            </tr>`,
        )}
      </tbody>
    </table>`;
  }
}

/** The calls of last week that would have gone another way with a draft. */

import { html, nothing } from "lit";
import { placeText } from "../place";
import { momentWords } from "../times";
import type { DifferingView, ReplayView } from "./messages";

const MOST = 100;

/** Where a call led, as far as the other version differs from it. */
export function ledWords(led: DifferingView["before"], other: DifferingView["before"]): string {
  if (led === null) return "no such site";
  const rings = led.rings.length > 0 ? `rings ${led.rings.join(", ")}` : "rings nobody";
  const said = [
    led.route === other?.route ? "" : `route ${led.route}`,
    rings,
    led.queue !== null && led.queue !== other?.queue ? `queue ${led.queue}` : "",
    led.rings.length === 0 || led.ending !== other?.ending ? `then ${led.ending}` : "",
  ];
  return said.filter((part) => part !== "").join("; ");
}

/** `stories`: whether the reader may open the story of a call. */
export function renderReplay(replay: ReplayView, stories: boolean) {
  const { clicks, differing } = replay;
  const more = differing.length - MOST;
  return html`<p role="status">
      ${differing.length === 0 ? "None" : differing.length} of ${clicks} calls would have gone another way.
    </p>
    ${
      differing.length === 0
        ? nothing
        : html`<div class="scroll" tabindex="0" role="region" aria-label="Calls that differ">
              <table>
                <thead>
                  <tr>
                    <th scope="col">When</th>
                    <th scope="col">Page</th>
                    <th scope="col">In force</th>
                    <th scope="col">With the draft</th>
                  </tr>
                </thead>
                <tbody>
                  ${differing.slice(0, MOST).map((each) => renderCall(each, stories))}
                </tbody>
              </table>
            </div>
            ${more > 0 ? html`<p class="soft">and ${more} more.</p>` : nothing}`
    }`;
}

function renderCall(each: DifferingView, stories: boolean) {
  const when = momentWords(each.at);
  return html`<tr>
    <td>
      ${stories ? html`<a href=${placeText("reports", ["calls", "talk", each.call])}>${when}</a>` : when}
    </td>
    <td>${each.site}<br /><small class="soft">${pathOf(each.page)}</small></td>
    <td>${ledWords(each.before, each.after)}</td>
    <td>${ledWords(each.after, each.before)}</td>
  </tr>`;
}

const pathOf = (page: string): string => (URL.canParse(page) ? new URL(page).pathname : page);

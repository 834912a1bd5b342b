/** Small pieces of the panel that follow from what they are given: the choice of a way, and what can be had now. */

import { type TalkBy, wayBack } from "@ringback/call-client";
import { html, nothing } from "lit";
import type { Way } from "../../page/src/widget-seam";
import { onDevice } from "./device";
import { chatIcon, headsetIcon, phoneIcon } from "./icons";
import type { LiveCall } from "./live-call";
import type { SitePlan } from "./plan";
import { timeWords } from "./times";
import { words } from "./words";

export const wayIcon = (way: Way) => (way === "chat" ? chatIcon : way === "pc" ? headsetIcon : phoneIcon);

/** The ways to get in touch, one of which is chosen. */
export const wayChoice = ({ panes }: SitePlan, chosen: Way, pick: (way: Way) => void) =>
  html`<fieldset>
    <legend class="visually-hidden">${words.how}</legend>
    ${panes.map(
      (way) =>
        html`<label class="way">
          <input type="radio" name="by" value=${way} .checked=${way === chosen} @change=${() => pick(way)} />
          ${wayIcon(way)} ${way === "chat" ? words.chat.way : onDevice(words.ways[way])}
        </label>`,
    )}
  </fieldset>`;

/** A page that is to be shown, and the way back from one that was. */
export const shownPages = (call: LiveCall) => html`
  ${call.asked ? html`<ringback-push .call=${call} .tick=${call.asked}></ringback-push>` : nothing}
  ${wayBack(window.location.href) === null ? nothing : html`<ringback-shown></ringback-shown>`}
`;

/** When somebody is there again, as words. */
const opens = ({ later: { opensAt } }: SitePlan): string =>
  opensAt === null ? "" : timeWords(opensAt, Date.now() / 1000, words);

/** Nobody is there to chat now: what can be had, before the shopper writes. */
export const chatLater = (plan: SitePlan) =>
  plan.chat.state === "open"
    ? nothing
    : html`<p class="notice">${words.later[plan.later.way ?? "nothing"](opens(plan))}</p>`;

/** Nothing can be had; `untrue` says why an invitation is not true any more. */
export const nothingNow = (plan: SitePlan, untrue: string) =>
  html`<p class="notice">${untrue} ${words.later.nothing(opens(plan))}</p>`;

/** What will happen; where nobody is there now, or an offer is not true any more, what can be had, and why. */
export function callLater(plan: SitePlan, by: TalkBy, untrue: string) {
  const { later, states } = plan;
  if (states[by] === "open" && untrue === "")
    return html`<p class="lead">${by === "pc" ? onDevice(words.lead.pc) : words.lead.phone}</p>`;
  const has = states[by] === "open" ? "callback" : later.way;
  return html`<p class="notice">${untrue} ${words.later[has ?? "nothing"](opens(plan))}</p>`;
}

/** For who is on the phone with the shop already: a code, by which the page can be seen together. */
export const shareButton = (show: () => void) =>
  html`<button class="button plain small" @click=${show}>${words.share}</button>`;

/** What a number of entries that were not read is called; nothing where all were. */
export const unreadWords = (unread: number | undefined) => (unread ? ` · ${words.unread(unread)}` : nothing);

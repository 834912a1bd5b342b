/** What the desk and the document of a shared view say to the agent. */

import type { DeskView } from "../messages";
import type { ActionResult, ViewPaused, WishAction } from "./messages";

export type Scope = "see" | "point" | "fill";

export const SCOPE_WORDS: Readonly<Record<Scope, string>> = {
  see: "see the page",
  point: "point and scroll",
  fill: "fill in and click",
};

const ENDED: Readonly<Record<string, string>> = {
  shopper: "The shopper has ended it.",
  agent: "You have ended it.",
  talk_ended: "It ended with the call or chat.",
  too_long: "It has lasted as long as this shop allows. Ask again if you need more time.",
  idle: "Nobody did anything for a while, so it ended. You can ask again.",
  declined: "The shopper would rather not share their page.",
  unanswered: "The shopper did not answer. You can ask again.",
  gone: "The shopper’s page is gone.",
  replaced: "It goes on in another view.",
  server: "The server has ended it.",
};

export function endedWords(reason: string | null): string {
  return ENDED[reason ?? ""] ?? "It is over.";
}

export const PAUSED_WORDS: Readonly<Record<ViewPaused["why"], string>> = {
  asleep: "Nothing comes from the shopper’s device: it may sleep, or be offline.",
  hidden: "The shopper looks at another tab or window.",
  navigating: "The shopper goes to another page…",
};

/** What was asked for, and what it is called once the page has done it. */
const KINDS: Readonly<
  Record<WishAction["kind"], (what: string, value: string) => readonly [string, string]>
> = {
  point: (what) => [`Point at ${what}`, `Pointed at ${what}`],
  highlight: (what) => [`Highlight ${what}`, `Highlighted ${what}`],
  scroll: (what) => [`Scroll to ${what}`, `Scrolled to ${what}`],
  propose: (what, value) => [`Suggest “${value}” for ${what}`, `Suggested “${value}” for ${what}`],
  fill: (what, value) => [`Fill ${what} with “${value}”`, `Filled ${what} with “${value}”`],
  click: (what) => [`Click ${what}`, `Clicked ${what}`],
  navigate: (_, value) => [`Open ${value}`, `Opened ${value}`],
};

/** One line of the list: what the agent wants done, until the page has done it. */
export function doneWords(
  { kind, value, what }: { readonly kind: WishAction["kind"]; readonly what: string; readonly value: string },
  isDone: boolean,
): string {
  return KINDS[kind](what === "" ? "something" : what, value)[isDone ? 1 : 0];
}

/** Until the page has answered. */
export function waitsWords(kind: WishAction["kind"] | null): string {
  return kind === "propose" ? "the shopper is being asked…" : "waiting for the page…";
}

const REFUSED: Readonly<Record<string, string>> = {
  not_agreed: "the shopper has not agreed to this",
  not_your_right: "you do not have the right to do this",
  not_on_site: "this shop does not allow it",
  gone: "it is no longer on the page",
  masked: "it is hidden to protect the shopper’s privacy",
  never_fill: "only the shopper may fill it in",
  never_click: "only the shopper may press it",
  not_fillable: "nothing can be filled in there",
  not_clickable: "it cannot be pressed",
  disabled: "the page does not let anybody change or press it now",
  not_visible: "the shopper’s page does not show it now",
  bad_value: "the field does not take this",
  value_too_long: "it is longer than the field allows",
  declined: "the shopper said no",
  no_connection: "there is no connection at the moment",
};

export function resultWords({
  detail,
  reason,
  result,
}: Pick<ActionResult, "detail" | "reason" | "result">): string {
  if (result === "done") return "done";
  const known = REFUSED[reason] ?? detail.replace(/\.$/, "");
  if (result === "declined") return known || "the shopper said no";
  return `not done: ${known || reason || "it was refused"}`;
}

export function scopeList(scopes: readonly string[]): string {
  const words = scopes.map((scope) => SCOPE_WORDS[scope as Scope] ?? "").filter((each) => each !== "");
  if (words.length < 2) return words[0] ?? "";
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1) ?? ""}`;
}

/** How long a view may still last. */
export function leftWords(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  return seconds <= 90 ? `${Math.max(0, Math.round(seconds))} s left` : `${minutes} min left`;
}

/** What the desk says of a view, above the document that says more. */
export function stateWords(view: Pick<DeskView, "state" | "reason">): string {
  switch (view.state) {
    case "asked":
      return "The shopper is being asked…";
    case "agreed":
      return "The shopper has agreed. Connecting…";
    case "paused":
      return "Paused: there is nothing to see at the moment.";
    case "ended":
      return endedWords(view.reason);
    default:
      return "";
  }
}

/** Whether the page does what an agent asks: the page's own judgement, after the server's. Pure. */

import type { Scope } from "./scopes";

export const ACTION_KINDS = ["point", "highlight", "scroll", "propose", "fill", "click", "navigate"] as const;
export type ActionKind = (typeof ACTION_KINDS)[number];

/** Why an action was not done, in the words of the wire. */
export type Refusal =
  | "bad_address"
  | "bad_value"
  | "disabled"
  | "gone"
  | "masked"
  | "never_click"
  | "never_fill"
  | "not_agreed"
  | "not_clickable"
  | "not_fillable"
  | "not_visible"
  | "other_origin"
  | "value_too_long";

/** What the page knows of the element that an action is about. */
export interface ElementFacts {
  /** Shown somewhere, be it out of sight. */
  readonly visible: boolean;
  /** Private by the site's rules or by its nature: a password, a payment field, a file. */
  readonly masked: boolean;
  readonly neverFill: boolean;
  readonly neverClick: boolean;
  /** It takes a value that is typed, chosen or ticked. */
  readonly fillable: boolean;
  readonly clickable: boolean;
  readonly disabled: boolean;
  /** Where a click leads: to another site. */
  readonly leadsAway: boolean;
}

/** What the shopper must have agreed to. */
export const NEEDED: Readonly<Record<ActionKind, Scope>> = {
  point: "point",
  highlight: "point",
  scroll: "point",
  propose: "point",
  navigate: "point",
  fill: "fill",
  click: "fill",
};

const LONGEST_VALUE = 2000;

/** Why the page does not do it; null: it does. `element` is null where there is none any more. */
export function refusalOf(
  kind: ActionKind,
  agreed: readonly Scope[],
  element: ElementFacts | null,
  value: string | null,
): Refusal | null {
  if (!agreed.includes("see") || !agreed.includes(NEEDED[kind])) return "not_agreed";
  if (kind === "navigate") return null;
  if (!element) return "gone";
  if (kind === "propose" || kind === "fill") return refusalToFill(element, value);
  if (kind === "click") return refusalToClick(element);
  return element.visible ? null : "not_visible";
}

function refusalToFill(element: ElementFacts, value: string | null): Refusal | null {
  if (element.masked) return "masked";
  if (element.neverFill) return "never_fill";
  if (!element.fillable) return "not_fillable";
  if (element.disabled) return "disabled";
  if (!element.visible) return "not_visible";
  if (value === null) return "bad_value";
  return value.length > LONGEST_VALUE ? "value_too_long" : null;
}

function refusalToClick(element: ElementFacts): Refusal | null {
  if (element.masked) return "masked";
  if (element.neverClick) return "never_click";
  if (!element.clickable) return "not_clickable";
  if (element.disabled) return "disabled";
  if (!element.visible) return "not_visible";
  return element.leadsAway ? "other_origin" : null;
}

/** A page that an agent may show: its address, and whether it is of this site; null: no page of the web. */
export function pageToShow(
  address: string | null,
  here: string,
): { url: string; sameOrigin: boolean } | null {
  let url: URL;
  try {
    url = new URL(address ?? "");
  } catch {
    return null;
  }
  if (!/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") return null;
  return { url: url.href, sameOrigin: url.origin === new URL(here).origin };
}

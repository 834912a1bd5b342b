/** The screens of the portal: one row each. A screen is loaded when somebody opens it. */

import { boardIcon, cartIcon, chartIcon, clockIcon, pageIcon, shieldIcon } from "@ringback/look/icons";
import type { TemplateResult } from "lit";
import type { OperatorMe } from "./messages";
import type { Place } from "./place";
import type { PortalApi, Query } from "./portal-api";

export type Right = OperatorMe["rights"][number];

/** What a screen is given. It is set anew whenever the place changes. */
export interface ScreenContext {
  readonly api: PortalApi;
  readonly me: OperatorMe;
  readonly place: Place;
  /** Go to a place of this screen; `replace` leaves no step to come back to, as for a filter that is being set. */
  go(path: readonly string[], query?: Query, replace?: boolean): void;
}

/** The element of a screen. */
export interface ScreenElement extends HTMLElement {
  context: ScreenContext;
}

export interface Screen {
  /** Its word in addresses. */
  readonly id: string;
  readonly label: string;
  readonly icon: TemplateResult;
  /** Any one of these opens it; the server checks again. */
  readonly rights: readonly Right[];
  /** Defines the element. */
  readonly load: () => Promise<unknown>;
  readonly element: string;
}

export const SCREENS: readonly Screen[] = [
  {
    id: "leads",
    label: "Leads",
    icon: clockIcon,
    rights: ["look"],
    load: () => import("./leads/leads-screen"),
    element: "leads-screen",
  },
  {
    id: "settings",
    label: "Settings",
    icon: pageIcon,
    rights: ["look"],
    load: () => import("./settings/settings-screen"),
    element: "settings-screen",
  },
  {
    id: "reports",
    label: "Reports",
    icon: chartIcon,
    rights: ["reports"],
    load: () => import("./reports/reports-screen"),
    element: "reports-screen",
  },
  {
    id: "conversions",
    label: "Conversions",
    icon: cartIcon,
    rights: ["reports"],
    load: () => import("./conversions/conversions-screen"),
    element: "conversions-screen",
  },
  {
    id: "wallboard",
    label: "Wallboard",
    icon: boardIcon,
    rights: ["wallboard"],
    load: () => import("./wallboard/wallboard-screen"),
    element: "wallboard-screen",
  },
  {
    id: "audit",
    label: "Audit",
    icon: shieldIcon,
    rights: ["agents"],
    load: () => import("./audit/audit-screen"),
    element: "audit-screen",
  },
];

/** The screens of somebody with these rights. */
export const screensOf = (rights: readonly Right[]): readonly Screen[] =>
  SCREENS.filter((screen) => screen.rights.some((right) => rights.includes(right)));

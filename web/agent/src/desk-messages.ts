/** What the server tells the desk besides ringing and signalling; docs/desk.md tells the fields. */

import { type Fields, isRecord, list, numberOrNull, oneOf, text, textOrNull } from "./reading";

/** What a call may be said to have been about. */
export interface Code {
  readonly code: string;
  readonly label: string;
}

/** Whom a call may be passed to. */
export interface Target {
  readonly to: string;
  readonly label: string;
  readonly kind: "destination" | "agent" | "route" | "number";
  /** What an agent does now; empty for all others. */
  readonly state: string;
}

/** A page that a shopper may be sent to. */
export interface CataloguePage {
  readonly site: string;
  readonly id: string;
  readonly title: string;
  readonly url: string;
}

export type PushMode = "off" | "ask" | "go";

/** What this desk can do. */
export interface DeskSettings {
  readonly codes: readonly Code[];
  readonly transfers: readonly Target[];
  /** Whether calls may be passed to any number. */
  readonly numbers: boolean;
  /** Whether calls ring on a phone of the agent's, too. */
  readonly ownPhone: boolean;
  readonly pages: readonly CataloguePage[];
  /** By site. */
  readonly push: Readonly<Record<string, PushMode>>;
}

export const NO_SETTINGS: DeskSettings = {
  codes: [],
  transfers: [],
  numbers: false,
  ownPhone: false,
  pages: [],
  push: {},
};

/** How a call of this agent's stands. */
export interface CallState {
  readonly callId: string;
  /** Its name in the settings. */
  readonly site: string;
  readonly state: "over" | "talking" | "wrap_up";
  /** Seconds since the epoch: when the two were joined, and when a wrap-up ends by itself. */
  readonly since: number | null;
  readonly until: number | null;
  readonly held: boolean;
  readonly consulting: string | null;
  readonly transfer: "ringing" | "talking" | "failed" | null;
  /** Whether the caller is there: on hold by themselves, or not heard for the moment. */
  readonly shopper: "there" | "on_hold" | "lost";
  readonly note: string | null;
  readonly code: string | null;
}

/** What became of a page that was pushed. */
export interface PushNews {
  readonly callId: string;
  readonly url: string;
  readonly title: string;
  readonly state: "waiting" | "sent" | "accepted" | "declined" | "no_page";
}

export function readSettings(message: Fields): DeskSettings {
  const push = isRecord(message["push"]) ? message["push"] : {};
  return {
    codes: list(message["codes"], ({ code, label }) =>
      text(code) ? { code: text(code), label: text(label) || text(code) } : null,
    ),
    transfers: list(message["transfers"], ({ to, label, kind, state }) =>
      text(to)
        ? {
            to: text(to),
            label: text(label) || text(to),
            kind: oneOf(["destination", "agent", "route"], kind),
            state: text(state),
          }
        : null,
    ),
    numbers: message["numbers"] === true,
    ownPhone: message["own_phone"] === true,
    pages: list(message["pages"], ({ site, id, title, url }) =>
      text(id) ? { site: text(site), id: text(id), title: text(title) || text(url), url: text(url) } : null,
    ),
    push: Object.fromEntries(
      Object.entries(push).map(([site, mode]) => [site, oneOf(["off", "ask", "go"], mode)]),
    ),
  };
}

/** The settings with what other agents do now, of whom that was told. */
export function withStates(settings: DeskSettings, states: unknown): DeskSettings {
  if (!isRecord(states)) return settings;
  const transfers = settings.transfers.map((target) =>
    target.kind === "agent" && target.to in states ? { ...target, state: text(states[target.to]) } : target,
  );
  return { ...settings, transfers };
}

export function readCallState(message: Fields): CallState | null {
  const callId = text(message["call_id"]);
  if (callId === "") return null;
  const transfer = text(message["transfer"]);
  return {
    callId,
    site: text(message["site"]),
    state: oneOf(["over", "talking", "wrap_up"], message["state"]),
    since: numberOrNull(message["since"]),
    until: numberOrNull(message["until"]),
    held: message["held"] === true,
    consulting: textOrNull(message["consulting"]),
    transfer: transfer === "ringing" || transfer === "talking" || transfer === "failed" ? transfer : null,
    shopper: oneOf(["there", "on_hold", "lost"], message["shopper"]),
    note: textOrNull(message["note"]),
    code: textOrNull(message["code"]),
  };
}

export function readPushNews(message: Fields): PushNews | null {
  const callId = text(message["call_id"]);
  return callId === ""
    ? null
    : {
        callId,
        url: text(message["url"]),
        title: text(message["title"]),
        state: oneOf(["sent", "waiting", "accepted", "declined", "no_page"], message["state"]),
      };
}

/** How a shared view stands, as the shopper's page knows it: what the server says in, the next state out. Pure. */

import type { ActionKind } from "./judging";
import type {
  ConsentAsked,
  ViewConsent,
  ViewMoved,
  ViewRules,
  ViewServerMessage,
  ViewWelcome,
} from "./messages";
import { type Scope, SCOPES, scopesOf, withoutScopes } from "./scopes";

/** What the shopper is asked. */
export interface Question {
  readonly agent: string;
  readonly scopes: readonly Scope[];
  readonly consent: ViewConsent;
  /** On this page's clock, in ms; null: not told. */
  readonly until: number | null;
}

/** Something that an agent did, or was not let do. */
export interface Deed {
  /** Ms since the epoch. */
  readonly at: number;
  readonly agent: string;
  readonly kind: ActionKind;
  /** What it was done to, as the page calls it; may be empty. */
  readonly what: string;
  readonly result: "done" | "refused" | "declined";
  readonly reason: string;
}

export interface ViewState {
  /** `waiting`: a code is shown, and nobody has typed it yet. */
  readonly phase: "connecting" | "waiting" | "asked" | "on" | "ended";
  readonly connected: boolean;
  readonly agent: string;
  readonly agreed: readonly Scope[];
  readonly question: Question | null;
  /** Who looks at the page now. */
  readonly agents: readonly string[];
  readonly rules: ViewRules;
  /** When it ends at the latest, on this page's clock in ms; null: not begun. */
  readonly endsAt: number | null;
  readonly reason: string;
}

export const NO_RULES: ViewRules = {
  mask: [],
  show: [],
  never_fill: [],
  never_click: [],
  private_by_default: false,
};

export const FIRST: ViewState = {
  phase: "connecting",
  connected: false,
  agent: "",
  agreed: [],
  question: null,
  agents: [],
  rules: NO_RULES,
  endsAt: null,
  reason: "",
};

/** `now` in ms. */
export function heard(state: ViewState, message: ViewServerMessage, now: number): ViewState {
  switch (message.type) {
    case "welcome":
      return welcomed(state, message, now);
    case "ask":
      return { ...state, phase: phaseOf(state.agreed, true, message.agent), ...asked(message, now) };
    case "state":
      return moved(state, message, now);
    case "ended":
      return over(state, message.reason);
    default:
      return state;
  }
}

/** The question that came before any WebSocket of the view. */
export function askedFirst(question: Question): ViewState {
  return { ...FIRST, phase: "asked", agent: question.agent, question };
}

export function over(state: ViewState, reason: string): ViewState {
  return { ...state, phase: "ended", connected: false, agreed: [], question: null, agents: [], reason };
}

/** The shopper has answered: shown at once, the server confirms. */
export function answered(state: ViewState, scopes: readonly Scope[]): ViewState {
  const agreed = SCOPES.filter((scope) => state.agreed.includes(scope) || scopes.includes(scope));
  return { ...state, agreed, question: null, phase: agreed.length > 0 ? "on" : state.phase };
}

/** What the shopper took back holds at once, whatever the connection does. */
export function revoked(state: ViewState, scopes: readonly Scope[]): ViewState {
  const agreed = withoutScopes(state.agreed, scopes);
  return agreed.length > 0 ? { ...state, agreed } : over(state, "shopper");
}

function welcomed(state: ViewState, told: ViewWelcome, now: number): ViewState {
  if (told.state === "ended") return over(state, state.reason || "gone");
  const agreed = scopesOf(told.agreed);
  const scopes = scopesOf(Object.keys(told.consent?.words ?? {}));
  const question =
    told.consent && scopes.length > 0
      ? { agent: told.agent, scopes, consent: told.consent, until: state.question?.until ?? null }
      : null;
  return {
    ...state,
    connected: true,
    phase: phaseOf(agreed, question !== null, told.agent),
    agent: told.agent,
    agreed,
    question,
    rules: { ...NO_RULES, ...told.rules },
    endsAt: endOf(told.ends_in, now),
  };
}

function asked({ agent, consent, expires_in }: ConsentAsked, now: number): Partial<ViewState> {
  const scopes = scopesOf(Object.keys(consent.words));
  return { agent, question: { agent, scopes, consent, until: now + expires_in * 1000 } };
}

function moved(state: ViewState, told: ViewMoved, now: number): ViewState {
  if (told.state === "ended") return over(state, state.reason || "gone");
  const agreed = scopesOf(told.agreed);
  // Answered in another tab, or by this one a moment ago.
  const open = state.question?.scopes.some((scope) => !agreed.includes(scope)) ?? false;
  const question = open && (told.state === "asked" || agreed.length > 0) ? state.question : null;
  return {
    ...state,
    phase: phaseOf(agreed, question !== null, told.agent),
    agent: told.agent || state.agent,
    agents: told.agents,
    agreed,
    question,
    endsAt: endOf(told.ends_in, now),
  };
}

function phaseOf(agreed: readonly Scope[], open: boolean, agent: string): ViewState["phase"] {
  if (agreed.length > 0) return "on";
  if (open) return "asked";
  return agent === "" ? "waiting" : "connecting";
}

const endOf = (seconds: number | null | undefined, now: number): number | null =>
  typeof seconds === "number" ? now + seconds * 1000 : null;

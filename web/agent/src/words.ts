/** What the page says in words. */

import { clockWords, isolated } from "@ringback/browser-leg";
import type { Disposition, GoneCause, HangUpReason, HangupCause, LegBye } from "@ringback/browser-leg";
import { type LoginProblem, loginProblemWords } from "@ringback/look/login-card";
import type { Push, Refusal } from "./desk-call";
import type { AgentState, EarlierContact } from "./messages";

/** Why one could not log in, and what to do. */
export const loginWords = (problem: LoginProblem): string =>
  loginProblemWords(
    problem,
    "That is not an agent’s name. Names have lower-case letters, digits, - and _ only.",
  );

/** Who calls: "Jo Rivera, for Acme Bikes"; the site alone where nobody tells a name; empty where nothing is known. */
export function whoWords({ name, site }: { readonly name: string; readonly site: string }): string {
  if (name === "") return site;
  return site === "" ? name : `${isolated(name)}, for ${isolated(site)}`;
}

/** "Jo Rivera, for Acme Bikes, is calling", "Acme Bikes is calling". */
export function ringWords(call: { readonly name: string; readonly site: string }): string {
  const who = whoWords(call) || "Somebody";
  return call.name !== "" && call.site !== "" ? `${who}, is calling` : `${who} is calling`;
}

/** Where a call that rings can be answered. */
export function whereWords(here: boolean, ownPhone: boolean): string {
  // Without a phone of their own it will ring in the page in a moment.
  return here || !ownPhone
    ? "Click to answer in the page."
    : "Your phone is ringing. Click to see who it is.";
}

/** Why a call is over for the agent: a cause of the server's, or what this page knows better. */
export type Outcome = HangupCause | GoneCause | HangUpReason | LegBye["cause"] | "unsupported";

/** Of a call that was talked on. A cause that says nothing of the two, or is not known, is neutral. */
const TALKED: Readonly<Record<Outcome, string>> = {
  normal: "You hung up",
  busy: "The call ended",
  no_answer: "The call ended",
  declined: "The call ended",
  unreachable: "The call ended",
  not_found: "The call ended",
  trunk_unresolved: "The call ended",
  trunk_unreachable: "The call ended",
  forbidden: "The call ended",
  unauthorized: "The call ended",
  congestion: "The call ended",
  incompatible: "The call ended",
  failed: "The connection was lost",
  media_timeout: "The connection was lost",
  session_expired: "The connection was lost",
  worker_lost: "The connection was lost",
  core_lost: "The connection was lost",
  ring_timeout: "The call ended",
  not_free: "The call ended",
  answered_elsewhere: "Went on in another tab",
  peer_ended: "The caller hung up",
  cancelled: "The caller hung up",
  transferred: "You transferred it",
  time_limit: "Reached the time limit for calls",
  machine: "The call ended",
  not_accepted: "The call ended",
  over: "The call ended",
  hung_up: "You hung up",
  no_microphone: "The call ended",
  no_path: "Your network blocked the audio",
  ended: "The caller hung up",
  lost: "The connection was lost",
  unsupported: "The call ended",
  unknown: "The call ended",
};

/** Of a call that nobody talked on. */
const MISSED: Readonly<Record<Outcome, string>> = {
  normal: "The call ended",
  busy: "You were busy",
  no_answer: "Missed: rang too long",
  declined: "You declined",
  unreachable: "Could not be connected",
  not_found: "Could not be connected",
  trunk_unresolved: "Could not be connected",
  trunk_unreachable: "Could not be connected",
  forbidden: "Could not be connected",
  unauthorized: "Could not be connected",
  congestion: "Could not be connected",
  incompatible: "Could not be connected",
  failed: "Could not be connected",
  media_timeout: "Could not be connected",
  session_expired: "Could not be connected",
  worker_lost: "Could not be connected",
  core_lost: "Could not be connected",
  ring_timeout: "Missed: rang too long",
  not_free: "You were busy",
  answered_elsewhere: "Answered elsewhere",
  peer_ended: "The caller gave up",
  cancelled: "The caller gave up",
  transferred: "The call ended",
  time_limit: "The call ended",
  machine: "The call ended",
  not_accepted: "The call ended",
  over: "The call ended",
  hung_up: "You hung up",
  no_microphone: "No microphone",
  no_path: "Your network blocked the audio",
  ended: "The caller gave up",
  lost: "Could not be connected",
  unsupported: "Could not be connected",
  unknown: "The call ended",
};

/** What became of a call that was not talked on here, or whose talk is over. */
export function outcomeWords(cause: string, talked: boolean): string {
  const words = talked ? TALKED : MISSED;
  return words[Object.hasOwn(words, cause) ? (cause as Outcome) : "unknown"];
}

/** A page's address without what nobody reads. */
export function pageWords(address: string): string {
  try {
    const { host, pathname } = new URL(address);
    return pathname === "/" ? host : host + decodeURI(pathname);
  } catch {
    return address;
  }
}

/** "cart_total" as people write it. */
export function keyWords(key: string): string {
  const words = key
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replace(/[_-]+/g, " ")
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** "3 Nov, 14:05", or the time alone of what was today. */
export function momentWords(seconds: number, now: Date = new Date()): string {
  const at = new Date(seconds * 1000);
  const time = at.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
  if (at.toDateString() === now.toDateString()) return time;
  const year = at.getFullYear() === now.getFullYear() ? {} : ({ year: "numeric" } as const);
  return `${at.toLocaleDateString([], { day: "numeric", month: "short", ...year })}, ${time}`;
}

const EARLIER: Readonly<Record<Exclude<Disposition, "bridged">, string>> = {
  message_taken: "Left a message",
  callback_booked: "Booked a callback",
  unanswered: "Nobody answered",
  cancelled: "Gave up waiting",
  shopper_unreachable: "Did not answer",
  refused: "Was refused",
  failed: "Failed for technical reasons",
  unknown: "Called",
};

const EARLIER_CHAT: Readonly<Record<NonNullable<EarlierContact["outcome"]>, string>> = {
  answered: "Chatted",
  escalated: "Chatted, and then talked",
  message: "Left a message in a chat",
  callback: "Booked a callback in a chat",
  abandoned: "Gave up waiting in a chat",
  unanswered: "Had no answer in a chat",
  self_served: "Answered the questions of a chat",
  refused: "Asked for too many chats",
  lost: "A chat failed for technical reasons",
  unknown: "Chatted",
};

/** What became of an earlier call or chat. */
export function earlierWords({ disposition, outcome, talked_to, seconds }: EarlierContact): string {
  if (disposition === null) {
    const words = EARLIER_CHAT[outcome ?? "unknown"];
    return outcome === "answered" && talked_to ? `${words} with ${talked_to}` : words;
  }
  if (disposition !== "bridged") return EARLIER[disposition];
  return `Talked${talked_to ? ` to ${talked_to}` : ""} for ${clockWords(seconds)}`;
}

const NOT_DONE = "The server did not do that. Please try again.";

const REFUSALS: Readonly<Record<Refusal["reason"], string>> = {
  offline: "There is no connection to the server right now. Please try again in a moment.",
  not_yours: "This call is not yours any more.",
  not_now: "That is not possible right now.",
  target_unknown: "This desk cannot transfer calls there.",
  number_refused: "That number cannot be called from here. Check it, country code included.",
  nobody_there: "Nobody can take the call there right now: closed, busy or away.",
  page_unknown: "That page is not in the catalogue any more.",
  page_refused: "Shoppers may not be sent to that address. Choose a page from the list.",
  code_unknown: "That code is no longer in use. Please choose another one.",
  not_kept: "The server could not save that. Please try again.",
  too_fast: "That was too fast. Please wait a moment, then send it again.",
  too_long: "That is too long for this chat. Please make it shorter.",
  chat_over: "This chat has ended.",
  gap: "Fill the gap of the canned reply first.",
  not_understood: NOT_DONE,
  unknown_type: NOT_DONE,
  unknown: NOT_DONE,
};

/** Why the server did not do what the agent asked for. */
export function refusalWords({ request, reason }: Refusal): string {
  if (reason === "not_now" && request === "transfer") return "The call cannot be transferred right now.";
  return REFUSALS[reason];
}

const PUSHES: Readonly<Record<Push["state"], string>> = {
  asked: "Sending…",
  waiting: "Waiting: the shopper has no page open",
  sent: "Sent. Waiting for the shopper",
  accepted: "The shopper opened it",
  declined: "The shopper declined",
  no_page: "Not sent: the shopper had no page open",
  unknown: "Sent",
};

/** What became of a page that was pushed. */
export const pushWords = (state: Push["state"]): string => PUSHES[state];

const AGENTS: Readonly<Record<AgentState, string>> = {
  available: "Available",
  ringing: "Ringing",
  on_call: "On a call",
  wrap_up: "Wrapping up",
  away: "Away",
  offline: "Offline",
  unknown: "State unknown",
};

/** What another agent does. */
export const agentWords = (state: AgentState): string => AGENTS[state];

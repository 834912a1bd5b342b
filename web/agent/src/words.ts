/** What the page says in words. */

import type { ApiProblem } from "./agent-api";
import type { Push, Refusal } from "./desk-call";
import type { EarlierCall } from "./pop";

/** Minutes and seconds, or hours too: 0:07, 12:30, 1:02:03. */
export function clockWords(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

function waitWords(seconds: number): string {
  if (seconds < 90) return `in ${Math.ceil(seconds)} seconds`;
  return `in ${Math.ceil(seconds / 60)} minutes`;
}

/** Why one could not log in, and what to do. */
export function loginWords(problem: ApiProblem): string {
  switch (problem.id) {
    case "login_refused":
      return "Name or password is wrong. Mind capital letters; whoever runs Ringback can give you a new password.";
    case "code_required":
      return "Please type the code that your authenticator app shows now.";
    case "limit_login":
      return `Too many tries. Please try again ${waitWords(problem.retryAfter ?? 900)}.`;
    case "server_unreachable":
      return "The server cannot be reached. Check your connection, and try again.";
    case "origin_refused":
      return "The server does not know this address as its own. Open the page at the address that it is meant to have, or ask whoever runs Ringback to correct server.public_url.";
    case "validation_failed":
      return "That is no name of an agent. Names have small letters, digits and - _ only.";
    default:
      return problem.message || "The server could not log you in. Please try again in a moment.";
  }
}

/** Who calls: "Jo Rivera, for Acme Bikes"; the site alone where nobody tells a name; empty where nothing is known. */
export function whoWords({ name, site }: { readonly name: string; readonly site: string }): string {
  if (name === "") return site;
  return site === "" ? name : `${isolated(name)}, for ${isolated(site)}`;
}

/** "Jo Rivera, for Acme Bikes, calls", "Acme Bikes calls". */
export function ringWords(call: { readonly name: string; readonly site: string }): string {
  const who = whoWords(call) || "Somebody";
  return call.name !== "" && call.site !== "" ? `${who}, calls` : `${who} calls`;
}

/** Where a call that rings can be answered. */
export function whereWords(here: boolean, ownPhone: boolean): string {
  // Without a phone of their own it will ring in the page in a moment.
  return here || !ownPhone
    ? "Click to answer in the page."
    : "It rings on your phone; click to see who it is.";
}

/** A name as part of a sentence of ours: one that is written from right to left must not turn the rest round. */
const isolated = (name: string): string =>
  /[\u0590-\u08ff\ufb1d-\ufeff]/.test(name) ? `\u2068${name}\u2069` : name;

/** What became of a call that was not talked on here, or whose talk is over. */
export function outcomeWords(cause: string, talked: boolean): string {
  if (talked) {
    switch (cause) {
      case "hung_up":
      case "normal": // on their own phone, or from the desk
        return "You hung up";
      case "answered_elsewhere":
        return "Went on in another tab";
      case "media_timeout":
      case "worker_lost":
      case "lost":
      case "failed":
        return "The connection was lost";
      case "no_path":
        return "Your network let no audio through";
      case "time_limit":
        return "Reached the longest time for a call";
      case "transferred":
        return "You passed it on";
      default:
        return "The caller hung up";
    }
  }
  switch (cause) {
    case "declined":
      return "You declined";
    case "answered_elsewhere":
      return "Answered elsewhere";
    case "no_answer":
    case "ring_timeout":
      return "Missed: rang too long";
    case "no_path":
      return "Your network let no audio through";
    case "no_microphone":
      return "No microphone";
    case "hung_up":
      return "You hung up";
    case "unsupported":
    case "unreachable":
    case "failed":
    case "worker_lost":
    case "media_timeout":
      return "Could not be connected";
    default:
      return "The caller gave up";
  }
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

/** What became of an earlier call. */
export function earlierWords({ disposition, talkedTo, seconds }: EarlierCall): string {
  switch (disposition) {
    case "bridged":
      return `Talked${talkedTo ? ` to ${talkedTo}` : ""} for ${clockWords(seconds)}`;
    case "message_taken":
      return "Left a message";
    case "callback_booked":
      return "Booked a callback";
    case "unanswered":
      return "Nobody answered";
    case "cancelled":
      return "Gave up waiting";
    case "shopper_unreachable":
      return "Did not answer";
    case "refused":
      return "Was refused";
    default:
      return "Did not work";
  }
}

/** Why the server did not do what the agent asked for. */
export function refusalWords({ request, reason }: Refusal): string {
  switch (reason) {
    case "offline":
      return "There is no connection to the server right now. Please try again in a moment.";
    case "not_yours":
      return "This call is not yours any more.";
    case "not_now":
      return request === "transfer"
        ? "The call cannot be passed on right now."
        : "That is not possible right now.";
    case "target_unknown":
      return "Calls cannot be passed on there from this desk.";
    case "number_refused":
      return "That is no number that may be called from here. Check it, country code included.";
    case "nobody_there":
      return "Nobody is there to take it right now: closed, busy or away.";
    case "page_unknown":
      return "That page is not in the catalogue any more.";
    case "page_refused":
      return "That address may not be shown to shoppers. Choose a page of the list.";
    case "code_unknown":
      return "That code is not in use any more. Please choose another one.";
    case "not_kept":
      return "The server could not keep that. Please try again.";
    default:
      return "The server did not do that. Please try again.";
  }
}

/** What became of a page that was pushed. */
export function pushWords(state: Push["state"]): string {
  switch (state) {
    case "asked":
      return "Sending…";
    case "waiting":
      return "The shopper has no page open just now";
    case "sent":
      return "Sent; waiting for the shopper";
    case "accepted":
      return "The shopper has opened it";
    case "declined":
      return "The shopper did not want it";
    case "no_page":
      return "The shopper has no page open";
  }
}

/** What another agent does. */
export function agentWords(state: string): string {
  switch (state) {
    case "available":
      return "Available";
    case "ringing":
      return "It rings there";
    case "on_call":
      return "In a call";
    case "wrap_up":
      return "Wrapping up";
    case "away":
      return "Away";
    default:
      return "Not here";
  }
}

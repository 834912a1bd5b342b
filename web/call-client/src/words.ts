/** A call's view in people's words (English). Another language is another such file. */

import { type Disposition, type HangupCause, isolated } from "@ringback/browser-leg";
import type { Callback } from "./callback";
import type { TalkBy } from "./calls";
import type { CallProblem } from "./problem";
import { timeWords } from "./times";
import { type CallView, waitSeconds } from "./view";

/** One sentence for the status line, fit to be read aloud; `now` is server time, in seconds since the epoch. */
export function statusWords(view: CallView, now: number, by: TalkBy = "phone"): string {
  switch (view.phase) {
    case "requesting":
      return "Getting your call ready…";
    case "calling_you":
      if (by === "pc") return "Connecting your microphone…";
      return view.shopperRinging ? "Your phone is ringing. Please pick up." : "Calling you…";
    case "greeting":
      return `${THERE[by]} A short greeting first…`;
    case "ringing_business":
      return huntWords(view, by);
    case "queued":
      return queueWords(view, now);
    case "leaving_message":
      return "Nobody can take your call now. Please leave your message after the tone, then hang up.";
    case "booking_callback":
      return view.callbackAt === null
        ? "Finding a time to call you back…"
        : `We will call you back ${timeWords(view.callbackAt, now)}.`;
    case "apologising":
      return "Nobody can take your call now. Please try again later.";
    case "connected":
      return view.held
        ? `${capital(withArticle(view.connectedTo ?? "the store"))} put you on hold.`
        : `Connected to ${withArticle(view.connectedTo ?? "the store")}.`;
    case "ending":
      return "One moment…";
    case "ended":
      return closingWords(view, now, by);
  }
}

/** What the shopper is asked when somebody wants to show them a page. */
export const pushWords = ({ connectedTo }: CallView): string =>
  `${capital(withArticle(connectedTo ?? "the store"))} would like to show you a page`;

/** The shopper is on the line. */
const THERE: Readonly<Record<TalkBy, string>> = { phone: "You answered.", pc: "You are on the line." };

/** "You are number 2 in line, about 4 minutes." */
function queueWords(view: CallView, now: number): string {
  const place =
    view.position === null
      ? "Everybody is on a call. You are in line"
      : view.position <= 1
        ? "You are next in line"
        : `You are number ${view.position} in line`;
  const wait = waitSeconds(view, now);
  return wait === null ? `${place}.` : `${place}, ${waitWords(wait)}.`;
}

/** 230 → "about 4 minutes": rounded up, as the shopper hears it on the phone. */
export function waitWords(seconds: number): string {
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 1) return "less than a minute";
  return minutes === 1 ? "about 1 minute" : `about ${minutes} minutes`;
}

/** How a call ended; a message or a callback is no ending to be sorry for. */
function closingWords(view: CallView, now: number, by: TalkBy): string {
  switch (view.disposition) {
    case "message_taken":
      return "Your message has been taken.";
    case "callback_booked":
      return view.callbackAt === null
        ? "We will call you back."
        : `We will call you back ${timeWords(view.callbackAt, now)}.`;
    default:
      return `Ended: ${endWords(view, by)}`;
  }
}

function huntWords({ ringing, attempt, attempts }: CallView, by: TalkBy): string {
  if (ringing.length === 0) return `${THERE[by]} Finding somebody for you…`;
  const who = joinWords(ringing.map(withArticle));
  if (attempt - ringing.length < 1) return `${THERE[by]} Ringing ${who}…`;
  return attempts > 1 ? `Trying ${who} (${attempt} of ${attempts})…` : `Trying ${who}…`;
}

/** What is to be expected of a callback. */
export function callbackWords({ state, at }: Callback, now: number): string {
  switch (state) {
    case "booked":
      return `We will call you back ${timeWords(at, now)}.`;
    case "dialling":
      return "We are calling you back.";
    case "done":
      return "We have called you back.";
    case "cancelled":
      return "Your callback is cancelled. We will not call you.";
    case "given_up":
      return "We tried to call you back, but could not reach you.";
    case "unknown":
      return "Your callback has changed. Open its page to see how it stands.";
  }
}

const ENDINGS: Readonly<Record<Disposition, string>> = {
  bridged: "the call is over.",
  message_taken: "your message has been taken.",
  callback_booked: "we will call you back.",
  unanswered: "nobody could take your call just now.",
  shopper_unreachable: "we could not reach your phone.",
  refused: "this call is not possible.",
  cancelled: "you ended the call before anybody picked up.",
  failed: "something went wrong on our side. Please try again.",
  unknown: "the call is over.",
};

/** More exact than the disposition alone, where the cause says something that a shopper can use. */
const CAUSES: Readonly<Partial<Record<Disposition, Readonly<Partial<Record<HangupCause, string>>>>>> = {
  bridged: {
    cancelled: "you hung up.",
    time_limit: "the call reached its time limit.",
    media_timeout: "the line went dead.",
    worker_lost: "the line was cut off on our side. Please try again.",
  },
  shopper_unreachable: {
    ring_timeout: "you did not pick up.",
    no_answer: "you did not pick up.",
    busy: "your phone is busy.",
    declined: "you declined the call.",
    not_found: "there is no such number.",
    unreachable: "your phone could not be reached.",
  },
  failed: {
    congestion: "all our lines are busy. Please try again in a minute.",
    worker_lost: "the line was cut off on our side. Please try again.",
  },
};

/** What a shopper by PC must hear in other words: no phone of theirs ever rang. */
const UNREACHABLE_BY_PC: Readonly<Partial<Record<HangupCause, string>>> = {
  media_timeout: "your connection was lost.",
  declined: "your browser could not take the call.",
};

/** Why the call is over, without "Ended:". */
export function endWords(view: CallView, by: TalkBy = "phone"): string {
  if (view.disposition === null) return "the call is over.";
  if (view.disposition === "shopper_unreachable" && by === "pc") {
    return UNREACHABLE_BY_PC[view.cause ?? "unknown"] ?? "your browser could not be connected.";
  }
  if (view.disposition === "bridged" && view.cause === "normal" && view.connectedTo !== null) {
    return `your call with ${withArticle(view.connectedTo)} is over.`;
  }
  return CAUSES[view.disposition]?.[view.cause ?? "unknown"] ?? ENDINGS[view.disposition];
}

/** "Boston store" → "the Boston store"; what has an article or looks like a person's name keeps its form. */
function withArticle(name: string): string {
  const label = isolated(name);
  return /\b(store|shop|centre|center|desk|team|office|branch|department)$/i.test(label) &&
    !/^(the|our)\b/i.test(label)
    ? `the ${label.replace(/^(Call|Store|Shop|Sales|Service)\b/, (word) => word.toLowerCase())}`
    : label;
}

const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

function joinWords(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

const PROBLEMS: Readonly<Record<string, string>> = {
  number_invalid: "That does not look like a phone number in this country. Please check it.",
  number_short: "Emergency and short numbers cannot be called back. Please give your own number.",
  number_type_refused: "This kind of number cannot be called back. Please give a mobile or landline number.",
  country_refused: "We cannot call numbers in this country.",
  limit_number: "This number has requested several calls already. Please try again later.",
  out_of_capacity: "All our lines are busy. Please try again in a minute.",
  draining: "The phone service is restarting. Please try again in a minute.",
  call_unknown: "This call is over.",
};

/** What went wrong, as a shopper can understand it; the server's own words where we have none. */
export function problemWords(problem: CallProblem): string {
  // What the server says of this very number, such as that its extension is not dialled, says more.
  const ofNumber = problem.fields.find(({ field }) => field === "number")?.message;
  if (problem.id === "number_invalid" && ofNumber) return ofNumber;
  return PROBLEMS[problem.id] ?? problem.fields[0]?.message ?? problem.message;
}

/** Whether it is the number that must be changed before another try. */
export function isAboutNumber(problem: CallProblem): boolean {
  return (
    ["number_invalid", "number_short", "number_type_refused", "country_refused"].includes(problem.id) ||
    problem.fields.some(({ field }) => field === "number")
  );
}

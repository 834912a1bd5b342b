/** A call's view in people's words: which sentence of a language says how it stands. */

import { isolated } from "@ringback/browser-leg";
import {
  type Callback,
  type CallProblem,
  type CallView,
  isAboutNumber,
  type TalkBy,
  waitSeconds,
} from "@ringback/call-client";
import { timeWords } from "./times";
import type { Words } from "./words";

/** One sentence for the status line, fit to be read aloud; `now` is server time, in seconds since the epoch. */
export function statusWords(view: CallView, now: number, by: TalkBy, words: Words): string {
  switch (view.phase) {
    case "requesting":
      return words.getting;
    case "calling_you":
      if (by === "pc") return words.connectingMicrophone;
      return view.shopperRinging ? words.phoneRings : words.calling;
    case "greeting":
      return `${words.onTheLine[by]} ${words.greeting}`;
    case "ringing_business":
      return huntWords(view, by, words);
    case "queued":
      return queueWords(view, now, words);
    case "leaving_message":
      return words.message;
    case "booking_callback":
      return view.callbackAt === null ? words.findingTime : backWords(view.callbackAt, now, words);
    case "apologising":
      return words.apology;
    case "connected":
      return (view.held ? words.held : words.connected)(otherSide(view, words));
    case "ending":
      return words.moment;
    case "ended":
      return closingWords(view, now, by, words);
  }
}

/** What the shopper is asked when somebody wants to show them a page. */
export const pushWords = (view: CallView, words: Words): string => words.push.asks(otherSide(view, words));

const nameOf = (label: string, words: Words): string => words.named(isolated(label));

const otherSide = ({ connectedTo }: CallView, words: Words): string =>
  connectedTo === null ? words.store : nameOf(connectedTo, words);

const backWords = (at: number, now: number, words: Words): string =>
  words.willCallBackAt(timeWords(at, now, words));

/** "You are number 2 in line, about 4 minutes." */
function queueWords(view: CallView, now: number, words: Words): string {
  const { position } = view;
  const place = position === null ? words.inLine : position <= 1 ? words.next : words.place(position);
  const wait = waitSeconds(view, now);
  // Rounded up, as the shopper hears it on the phone.
  return wait === null ? `${place}.` : `${place}, ${words.wait(Math.ceil(wait / 60))}.`;
}

/** How a call ended; a message or a callback is no ending to be sorry for. */
function closingWords(view: CallView, now: number, by: TalkBy, words: Words): string {
  switch (view.disposition) {
    case "message_taken":
      return words.messageTaken;
    case "callback_booked":
      return view.callbackAt === null ? words.willCallBack : backWords(view.callbackAt, now, words);
    default:
      return words.ended(endWords(view, by, words));
  }
}

function huntWords({ ringing, attempt, attempts }: CallView, by: TalkBy, words: Words): string {
  const there = words.onTheLine[by];
  if (ringing.length === 0) return `${there} ${words.finding}`;
  const names = ringing.map((label) => nameOf(label, words));
  const who = new Intl.ListFormat(words.language === "en" ? "en-GB" : words.language).format(names);
  if (attempt - ringing.length < 1) return `${there} ${words.ringing(who)}`;
  return attempts > 1 ? words.tryingOf(who, attempt, attempts) : words.trying(who);
}

/** What is to be expected of a callback. */
export function callbackWords({ state, at }: Callback, now: number, words: Words): string {
  return state === "booked" ? backWords(at, now, words) : words.callbacks[state];
}

/** Why the call is over, without "Ended:". */
function endWords(view: CallView, by: TalkBy, words: Words): string {
  const { cause, disposition, connectedTo } = view;
  if (disposition === null) return words.endings.unknown;
  if (disposition === "shopper_unreachable" && by === "pc") {
    return words.unreachableByPc[cause ?? "unknown"] ?? words.notConnected;
  }
  if (disposition === "bridged" && cause === "normal" && connectedTo !== null) {
    return words.overWith(nameOf(connectedTo, words));
  }
  return words.causes[disposition]?.[cause ?? "unknown"] ?? words.endings[disposition];
}

/** What went wrong, as a shopper can understand it; in English the server's own words where we have none. */
export function problemWords(problem: CallProblem, words: Words): string {
  const english = words.language === "en";
  // What the server says of this very number, such as that its extension is not dialled, says more.
  const ofNumber = problem.fields.find(({ field }) => field === "number")?.message;
  if (english && problem.id === "number_invalid" && ofNumber) return ofNumber;
  // Of proofs and limits there are several; what the shopper can do is the same.
  const [kind = ""] = problem.id.split("_");
  const own = words.problems[problem.id] ?? words.problems[kind];
  if (own) return own;
  if (english) return problem.fields[0]?.message ?? problem.message;
  return (isAboutNumber(problem) && words.problems["number_invalid"]) || words.problem;
}

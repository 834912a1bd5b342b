/** What pages say of leads. */

import type { LeadEntry } from "./lead-messages";

/** How somebody tried, by the kind of their last contact; a newer server may know more kinds. */
export const HAPPENED: Readonly<Record<string, string>> = {
  call_unanswered: "Nobody took the call",
  call_left: "Waited for a call, and hung up",
  call_failed: "The call broke off",
  unreachable: "Asked for a call twice, could not be reached",
  voicemail: "Left a voice message",
  callback: "Was promised a callback, not reached",
  chat_left: "Waited for a chat, and left",
  chat_unanswered: "Nobody answered in the chat",
  message: "Left a message",
  flow_left: "Left the questions of the chat",
  form: "Sent a form",
  time_chosen: "Chose a time for the call",
  cancel_asked: "Needs nothing any more, says the link of our mail",
  call_served: "Talked with",
  call_tried: "Was called, no answer",
  mail_answered: "Was written to",
};
export const CLOSED: Readonly<Record<string, string>> = {
  served: "served",
  done: "closed",
  ordered: "has ordered",
  cancelled: "cancelled by the customer",
  expired: "closed by age",
};

/** Told of a lead that a contact joined by its number or address alone. */
export const SHARED =
  "Several people may be meant: a later contact gave the same number or address, which anybody can type. " +
  "Ask who it is before you tell anything.";

export const whoWords = (lead: Pick<LeadEntry, "name" | "number" | "email">): string =>
  lead.name || lead.number || lead.email || "A customer";

export const happenedWords = (kind: string): string => HAPPENED[kind] ?? kind.replaceAll("_", " ");

const MOMENT = new Intl.DateTimeFormat(undefined, {
  weekday: "short",
  day: "numeric",
  month: "short",
  hour: "numeric",
  minute: "2-digit",
  timeZoneName: "short",
});

const SHORT = new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "numeric", minute: "2-digit" });

/** A moment of the next days where there is little room. */
export const shortMoment = (at: number): string => SHORT.format(at * 1000);

/** A moment by the reader's own clock, with its zone. */
export const momentWords = (at: number): string => MOMENT.format(at * 1000);

/** "due in 1 h 5 min", "12 min overdue"; whole minutes, rounded towards the worse. */
export function dueWords(due: number, now: number): string {
  const minutes = due > now ? Math.floor((due - now) / 60) : Math.ceil((now - due) / 60);
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
  const length =
    days > 0 ? `${days} d ${hours} h` : hours > 0 ? `${hours} h ${rest} min` : `${Math.max(rest, 1)} min`;
  return due > now ? `due in ${length}` : `${length} overdue`;
}

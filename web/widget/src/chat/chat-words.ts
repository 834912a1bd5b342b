/** What the chat's pane says. English is part of the pane, the others are files of their own. */

import { isolated } from "@ringback/browser-leg";
import type { ChatLineTold } from "@ringback/call-client/chat";

export interface ChatWords {
  readonly welcome: string;
  readonly guided: string;
  readonly start: string;
  readonly optional: string;
  readonly field: string;
  readonly send: string;
  readonly log: string;
  readonly you: string;
  readonly shop: string;
  readonly sending: string;
  readonly notSent: string;
  readonly again: string;
  readonly edit: string;
  readonly earlier: string;
  readonly typing: (who: string) => string;
  readonly reconnecting: string;
  readonly newTab: string;

  // How it stands.
  readonly opening: string;
  readonly inLine: string;
  readonly asking: string;
  readonly with: (who: string) => string;
  readonly over: string;
  readonly anybody: string;
  /** What happened, by the server's word for it; what is not here is not told. */
  readonly events: Readonly<Record<string, string>>;
  readonly joined: (who: string) => string;
  readonly endedBy: (who: string) => string;

  // Nobody has time.
  readonly choices: string;
  readonly wait: string;
  readonly message: string;
  readonly messageText: string;
  readonly replyTo: string;
  readonly callback: string;
  readonly number: string;
  readonly book: string;
  readonly back: string;

  // Questions.
  readonly answers: string;
  readonly skipped: string;
  readonly skip: string;
  readonly person: string;

  // A call, and a page that an agent offers.
  readonly call: string;
  readonly callByPc: string;
  readonly asksForCall: (who: string) => string;
  readonly openPage: string;
  readonly noPage: string;

  // The end.
  readonly end: string;
  readonly another: string;
  readonly reopens: string;
  readonly rate: string;
  readonly stars: (rating: number) => string;
  readonly rateText: string;
  readonly rateSend: string;
  readonly thanks: string;
  readonly transcript: string;
  readonly save: string;
  readonly email: string;
  readonly mail: string;
  readonly mailed: string;

  /** By the server's id of a problem, or its reason. */
  readonly problems: Readonly<Record<string, string>>;
  readonly problem: string;
}

const en: ChatWords = {
  welcome: "Write to us. We answer here.",
  guided: "A few questions first, then we help you.",
  start: "Start",
  optional: "(optional)",
  field: "Your message",
  send: "Send",
  log: "Chat",
  you: "You",
  shop: "Shop",
  sending: "sending…",
  notSent: "not sent",
  again: "Try again",
  edit: "Edit",
  earlier: "Show earlier messages",
  typing: (who) => `${who} is typing…`,
  reconnecting: "The connection is lost. Reconnecting…",
  newTab: "opens in a new tab",
  opening: "One moment…",
  inLine: "You are in line",
  asking: "We are finding somebody for you.",
  with: (who) => `You are chatting with ${who}.`,
  over: "This chat is over.",
  anybody: "Somebody",
  events: {
    long_wait: "Nobody is free yet. You can go on waiting, or choose another way.",
    nobody_there: "Nobody is here just now.",
    agent_lost: "We lost the connection to the agent. You are first in line for the next one.",
    handed_on: "We are finding somebody else. You are first in line.",
    passed_on: "You are being passed on.",
    remind: "Are you still there? This chat closes if it stays quiet.",
    closed_idle: "The chat closed because it was quiet.",
    ended_by_shopper: "You ended the chat.",
    message_left: "We have your message.",
    callback_booked: "We will call you back.",
    server_lost: "The chat could not go on.",
    reopened: "The chat goes on.",
    call_placed: "Your call is on its way.",
    call_bridged: "The call is connected.",
    call_over: "The call is over.",
    call_failed: "The call did not work.",
    page_accepted: "You opened the page.",
    page_declined: "You stayed here.",
  },
  joined: (who) => `${who} joined.`,
  endedBy: (who) => `${who} ended the chat.`,
  choices: "Nobody is free. What would you like?",
  wait: "Go on waiting",
  message: "Leave a message",
  messageText: "Message (optional)",
  replyTo: "Your e-mail address or phone number",
  callback: "Be called back",
  number: "Your phone number",
  book: "Call me back",
  back: "Back",
  answers: "Your answers",
  skipped: "skipped",
  skip: "Skip",
  person: "Talk to a person",
  call: "Call me instead",
  callByPc: "Talk in the browser",
  asksForCall: (who) => `${who} would like to talk to you.`,
  openPage: "Open the page",
  noPage: "No, thanks",
  end: "End chat",
  another: "New chat",
  reopens: "Write here to go on with this chat.",
  rate: "How was it?",
  stars: (rating) => `${rating} of 5`,
  rateText: "Anything to add? (optional)",
  rateSend: "Send rating",
  thanks: "Thank you.",
  transcript: "Transcript",
  save: "Save as a file",
  email: "Your e-mail address",
  mail: "Mail it",
  mailed: "It is on its way.",
  problems: {
    server_unreachable: "The chat cannot be reached. Check your connection and try again.",
    limit_chats: "You have begun many chats. Please try again later, or call us.",
    limit_requests: "That was too often. Please try again later.",
    chat_open: "You have a chat open in another browser.",
    chat_off: "There is no chat here now.",
    mail_off: "It cannot be mailed. You can save it.",
    number_refused: "We cannot call this number.",
    too_fast: "That was too fast. Please try again in a moment.",
    too_long: "This is too long.",
    chat_over: "The chat is over.",
    offline: "There is no connection right now. Please try again in a moment.",
    not_now: "That is not possible any more.",
  },
  problem: "That did not work. Please try again.",
};

const OTHERS: Readonly<Record<string, () => Promise<ChatWords>>> = {
  de: async () => (await import("./languages/de")).de,
  es: async () => (await import("./languages/es")).es,
  fr: async () => (await import("./languages/fr")).fr,
};

export { en };

/** What the chat says now: the panel has one language. */
export let chatWords: ChatWords = en;

/** Speak a language; English where its file does not come. */
export async function speakInChat(language: string): Promise<void> {
  chatWords = (await OTHERS[language]?.().catch(() => en)) ?? en;
}

/** What happened; empty: nothing that concerns the shopper. */
export function eventWords({ agent, text }: ChatLineTold): string {
  const who = isolated(agent ?? chatWords.anybody);
  if (text === "joined") return chatWords.joined(who);
  if (text === "ended_by_agent") return chatWords.endedBy(who);
  return chatWords.events[text] ?? "";
}

/** Why something did not work, by the server's id or reason. */
export const problemWords = (id: string): string => chatWords.problems[id] ?? chatWords.problem;

/** What the page says of chats, in words. */

import type { Refused } from "@ringback/browser-leg";
import type { ChatRefusal, DeskChat } from "./desk-chat";
import type { ChatAtDesk, ChatLineTold, ChatMoved } from "./messages";

/** Who chats: the shopper's name, else "A visitor". */
export const chatterWords = (chat: Pick<DeskChat, "name">): string => chat.name || "A visitor";

/** What became of a chat that this agent had or was offered. */
export function overWords({ by, chat, why }: ChatAtDesk): string {
  switch (why) {
    case "taken":
      return by ? `${by} has it now` : "Somebody else has it now";
    case "timeout":
      return "You did not accept it in time";
    case "declined":
      return "You declined it";
    case "passed_on":
      return by ? `Passed on to ${by}` : "Passed on";
    default:
      return chat.cause ? CAUSES[chat.cause] : "It is over";
  }
}

const CAUSES: Readonly<Record<NonNullable<ChatMoved["cause"]>, string>> = {
  shopper: "The shopper ended it",
  agent: "You ended it",
  idle: "Closed because it was quiet",
  shopper_gone: "The shopper left",
  choice: "The shopper chose another way",
  flow: "The questions were answered",
  server: "The server could not go on with it",
  unknown: "It is over",
};

const EVENTS: Readonly<Record<string, string>> = {
  long_wait: "The shopper waits for long: they may choose another way",
  nobody_there: "Nobody was there",
  agent_lost: "The connection to the agent was lost",
  handed_on: "Another agent is being found",
  passed_on: "Passed on",
  remind: "The shopper was asked whether they are still there",
  closed_idle: "Closed because it was quiet",
  ended_by_shopper: "The shopper ended the chat",
  shopper_gone: "The shopper left",
  message_left: "The shopper left a message",
  callback_booked: "A callback was booked",
  flow_done: "The questions were answered",
  server_lost: "The server could not go on with the chat",
  reopened: "The shopper wrote again",
  call_asked: "A call was asked for",
  call_placed: "A call was placed",
  call_bridged: "The call is connected",
  call_over: "The call is over",
  call_failed: "The call did not come about",
  page_accepted: "The shopper opened the page",
  page_declined: "The shopper did not want the page",
};

/** An event in the chat, in words. */
export function eventWords({ agent, text }: ChatLineTold): string {
  const who = agent ?? "An agent";
  if (text === "joined") return `${who} joined`;
  if (text === "ended_by_agent") return `${who} ended the chat`;
  return EVENTS[text] ?? text.replaceAll("_", " ");
}

/** Who said an entry. */
export function speakerWords(line: ChatLineTold, name: string): string {
  switch (line.by) {
    case "shopper":
      return name || "Shopper";
    case "agent":
      return line.agent ?? "Agent";
    case "flow":
      return "Guided chat";
    default:
      return "Sent by itself";
  }
}

const NOT_SENT: Readonly<Partial<Record<Refused["reason"], string>>> = {
  too_fast: "too many at once",
  too_long: "too long",
  gap: "fill the gap first",
  not_yours: "this chat is not yours any more",
  chat_over: "the chat is over",
  not_kept: "the server could not save it",
};

/** Why an entry was not sent. */
export const notSentWords = (reason: Refused["reason"]): string =>
  NOT_SENT[reason] ?? "the server did not take it";

const REFUSED: Readonly<Partial<Record<ChatRefusal["reason"], string>>> = {
  offline: "There is no connection to the server right now. Please try again in a moment.",
  not_yours: "This chat is not yours any more.",
  nobody_there: "They cannot take a chat right now. Choose somebody else, or the queue.",
  target_unknown: "A chat cannot be passed on there.",
  code_unknown: "That code is no longer in use. Please choose another one.",
};

/** Why the server did not do what the agent asked for. */
export const chatRefusalWords = ({ reason }: ChatRefusal): string =>
  REFUSED[reason] ?? "The server did not do that. Please try again.";

/** What the ways to talk are called on this device: nobody who holds a phone wants to talk "by PC". */

import type { TalkBy } from "@ringback/call-client";

/** Whether this is something that is held in a hand, and is a telephone itself. */
export const isHandheld = (): boolean => matchMedia("(pointer: coarse) and (hover: none)").matches;

export function talkWords(by: TalkBy, handheld = isHandheld()): string {
  if (by === "phone") return "Talk by Phone";
  return handheld ? "Talk in the browser" : "Talk by PC";
}

/** The same, where the other way is beside it. */
export function wayWords(by: TalkBy, handheld = isHandheld()): string {
  if (by === "phone") return handheld ? "Call me" : "By phone";
  return handheld ? "Browser" : "By PC";
}

export function leadWords(by: TalkBy, handheld = isHandheld()): string {
  if (by === "phone") {
    return "We call you, and connect you with somebody who knows bikes. It costs you nothing.";
  }
  const device = handheld ? "phone" : "computer";
  return `Talk right here, with this ${device}’s microphone, to somebody who knows bikes. Nothing to install, nothing to pay.`;
}

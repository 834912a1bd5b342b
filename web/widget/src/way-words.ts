/** What the ways to talk are called on this device: nobody who holds a phone wants to talk "by PC". */

import type { TalkBy } from "@ringback/call-client";

/** What of a browser tells on what it runs. */
interface Device {
  readonly userAgent: string;
  readonly maxTouchPoints: number;
  readonly userAgentData?: { readonly mobile: boolean };
}

/** Whether this is a phone or a tablet; a computer with a touch screen is none. */
export function isHandheld(device: Device = navigator): boolean {
  const { maxTouchPoints, userAgent, userAgentData } = device;
  if (userAgentData?.mobile || /Android|iPhone|iPad|iPod|Mobile/i.test(userAgent)) return true;
  // iPads call themselves Macs, which have no touch screens.
  return userAgent.includes("Macintosh") && maxTouchPoints > 1;
}

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

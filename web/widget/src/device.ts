/** Which device this is: nobody who holds a phone wants to talk "by PC". */

import type { OnDevice } from "./words";

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

/** The words for this device. */
export const onDevice = <Text>({ computer, handheld }: OnDevice<Text>): Text =>
  isHandheld() ? handheld : computer;

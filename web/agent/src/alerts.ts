/** How the page draws attention to a call: ring tone, title, and the system's notification. */

import { audioContext, startRinging } from "@ringback/browser-leg";
import type { DeskCall } from "./desk-call";

const TITLE = "Ringback";
const FLASH_EVERY = 1_000;

export type Permission = "unsupported" | "default" | "granted" | "denied";

export const notificationPermission = (): Permission =>
  typeof Notification === "undefined" ? "unsupported" : Notification.permission;

/** Whether the browser lets this page sound; it waits for a click after the page was loaded. */
export const maySound = (): boolean => audioContext().state === "running";

export class Alerts {
  private ringing: DeskCall | null = null;
  private stopSound: (() => void) | null = null;
  private flashing: ReturnType<typeof setInterval> | undefined;
  private notification: Notification | null = null;
  private quiet = TITLE;

  /** Ring for this call; null: nothing rings. `title` is the page's when nothing rings. */
  show(call: DeskCall | null, title: string): void {
    if (title !== this.quiet) {
      this.quiet = title;
      if (!this.ringing) document.title = title;
    }
    if (call === this.ringing) return;
    this.hush();
    if (call) this.ring(call);
  }

  private ring(call: DeskCall): void {
    this.ringing = call;
    // A phone of their own rings by itself.
    if (call.here) this.stopSound = startRinging();
    const loud = `☎ ${call.site || "Incoming"} calls`;
    let on = true;
    document.title = loud;
    this.flashing = setInterval(() => {
      on = !on;
      document.title = on ? loud : this.quiet;
    }, FLASH_EVERY);
    this.notify(call);
    // Phones hum along where they can.
    navigator.vibrate?.([400, 200, 400]);
  }

  private notify({ here, id, number, site }: DeskCall): void {
    if (notificationPermission() !== "granted" || document.hasFocus()) return;
    try {
      const where = here ? "Click to answer in the page." : "It rings on your phone; click to see who it is.";
      const notification = new Notification(`${site || "Somebody"} calls`, {
        body: number ? `From ${number}. ${where}` : where,
        tag: id,
        requireInteraction: true,
        icon: new URL("favicon.svg", document.baseURI).href,
      });
      notification.onclick = () => {
        window.focus();
        notification.close();
      };
      this.notification = notification;
    } catch {
      // Chrome on Android knows notifications of service workers only. The ring tone is heard nevertheless.
    }
  }

  private hush(): void {
    this.ringing = null;
    this.stopSound?.();
    this.stopSound = null;
    clearInterval(this.flashing);
    this.notification?.close();
    this.notification = null;
    document.title = this.quiet;
  }
}

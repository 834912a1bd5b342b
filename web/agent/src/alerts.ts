/**
 * How the page draws attention to a call: ring tone, title, and the system's notification. All of it follows what is
 * true now: whatever changes, {@link Alerts.show} is told what there is to tell, and does what that asks for.
 */

import { audioContext, playTestSound, startRinging } from "@ringback/browser-leg";
import { chatterWords } from "./chat-words";
import type { DeskCall } from "./desk-call";
import type { DeskChat } from "./desk-chat";
import { ringWords, whereWords } from "./words";

const TITLE = "Ringback";
const FLASH_EVERY = 1_000;

export type Permission = "unsupported" | "default" | "granted" | "denied";

export const notificationPermission = (): Permission =>
  typeof Notification === "undefined" ? "unsupported" : Notification.permission;

/** Whether the browser lets this page sound; it waits for a click after the page was loaded. */
export function maySound(): boolean {
  try {
    return audioContext().state === "running";
  } catch {
    return false; // It has no sound at all.
  }
}

/** What is to be told of a call that rings, or a chat that is offered. */
export interface Alert {
  readonly id: string;
  /** "Jo Rivera, for Acme Bikes, is calling" */
  readonly title: string;
  /** From which number, and where it can be answered. */
  readonly body: string;
  /** Whether it rings in this page: a phone of the agent's own rings by itself. */
  readonly sounds: boolean;
}

/**
 * What there is to tell now: nothing of calls while the agent talks here. A call that rings in this page comes first,
 * then a chat, which makes no sound in a call.
 */
export function alertOf(
  calls: readonly DeskCall[],
  talks: boolean,
  ownPhone: boolean,
  offered: readonly DeskChat[] = [],
): Alert | null {
  const ringing = talks ? [] : calls.filter(({ phase }) => phase === "ringing");
  const call = ringing.find(({ here }) => here) ?? ringing[0];
  if (!call) return chatAlert(offered[0], calls.some((each) => each.talks) || talks);
  const where = whereWords(call.here, ownPhone);
  return {
    id: call.id,
    title: ringWords(call),
    body: call.number ? `From ${call.number}. ${where}` : where,
    sounds: call.here,
  };
}

function chatAlert(chat: DeskChat | undefined, inCall: boolean): Alert | null {
  if (!chat) return null;
  const { id, site } = chat;
  return {
    id,
    title: `${chatterWords(chat)} wants to chat`,
    body: `${site ? `From ${site}. ` : ""}Click to accept.`,
    sounds: !inCall,
  };
}

/** What of the browser is used here. */
export interface AlertWorld {
  title(text: string): void;
  /** Ring until what this gives back is called. */
  ring(): () => void;
  /** Sound once: somebody waits for an answer. */
  chime(): void;
  vibrate(): void;
  /** Show a notification until what this gives back is called; null where none is shown. */
  notify(alert: Alert): (() => void) | null;
}

export const alertsOfBrowser: AlertWorld = {
  title: (text) => void (document.title = text),
  ring() {
    try {
      return startRinging();
    } catch {
      return () => {}; // No sound can be had: the title and the page tell.
    }
  },
  chime: () => void playTestSound().catch(() => undefined),
  // Phones hum along where they can.
  vibrate: () => void navigator.vibrate?.([400, 200, 400]),
  notify({ body, id, title }) {
    if (notificationPermission() !== "granted" || document.hasFocus()) return null;
    try {
      const icon = new URL("favicon.svg", document.baseURI).href;
      // Of one tag there is one notification, whichever tab of this browser shows it.
      const notification = new Notification(title, { body, tag: id, requireInteraction: true, icon });
      notification.onclick = () => {
        window.focus();
        notification.close();
      };
      return () => notification.close();
    } catch {
      // Chrome on Android knows notifications of service workers only. The ring tone is heard nevertheless.
      return null;
    }
  },
};

export class Alerts {
  private shown: Alert | null = null;
  private stopSound: (() => void) | null = null;
  private stopNotice: (() => void) | null = null;
  /** What the notification says. */
  private noticed = "";
  private flashing: ReturnType<typeof setInterval> | undefined;
  private quiet = TITLE;

  constructor(private readonly world: AlertWorld = alertsOfBrowser) {}

  /**
   * Tell of this call; null: nothing rings. `title` is the page's when nothing rings. `here`: whether this tab is the
   * one that notifies, and the one that sounds; the others only show it.
   */
  show(
    alert: Alert | null,
    title: string,
    here: { readonly notifies: boolean; readonly sounds: boolean },
  ): void {
    const before = this.shown;
    this.shown = alert;
    this.sound(here.sounds && alert !== null && alert.sounds);
    this.notice(here.notifies ? alert : null);
    if (alert?.id !== before?.id || alert?.title !== before?.title) this.flash(alert);
    if (alert && alert.id !== before?.id && here.notifies) this.world.vibrate();
    if (title === this.quiet) return;
    this.quiet = title;
    if (!alert) this.world.title(title);
  }

  /** Sound once. */
  chime(): void {
    this.world.chime();
  }

  private sound(on: boolean): void {
    if (on === (this.stopSound !== null)) return;
    this.stopSound?.();
    this.stopSound = on ? this.world.ring() : null;
  }

  private notice(alert: Alert | null): void {
    const words = alert ? `${alert.id}\n${alert.title}\n${alert.body}` : "";
    if (words === this.noticed) return;
    this.noticed = words;
    this.stopNotice?.();
    this.stopNotice = alert ? this.world.notify(alert) : null;
  }

  private flash(alert: Alert | null): void {
    clearInterval(this.flashing);
    if (!alert) {
      this.world.title(this.quiet);
      return;
    }
    const loud = `☎ ${alert.title}`;
    let on = true;
    this.world.title(loud);
    this.flashing = setInterval(() => {
      on = !on;
      this.world.title(on ? loud : this.quiet);
    }, FLASH_EVERY);
  }
}

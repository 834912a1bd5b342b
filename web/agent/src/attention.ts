/** Draws attention to what rings now, in one tab of the browser: what it tells is derived from the desk each time. */

import { Alerts, alertOf } from "./alerts";
import type { Desk } from "./desk";
import { Turn } from "./turn";
import { whoWords } from "./words";

export class Attention {
  /** Which tab shows the notification, and which one rings: not each tab may sound. */
  private readonly notice: Turn;
  private readonly sound: Turn;
  private maySound = false;
  /** Somebody used this tab when it could not sound yet. */
  private claimed = false;
  /** Entries that the agent has not seen, and shoppers who wait for a word. */
  private waiting = 0;

  constructor(
    private readonly desk: Desk,
    private readonly alerts = new Alerts(),
    makeTurn: (changed: () => void, what: string) => Turn = (changed, what) => new Turn(changed, what),
  ) {
    this.notice = makeTurn(() => this.update(), "notice");
    this.sound = makeTurn(() => this.update(), "sound");
  }

  /** To be called whenever something changed. */
  update(): void {
    const { calls, line, talk } = this.desk;
    // A tab that is told of nothing, or that may not sound, must not keep another one from ringing.
    const live = line?.state === "live";
    if (live) this.notice.join();
    else this.notice.part();
    if (live && this.maySound) {
      this.sound.join();
      if (this.claimed) this.sound.take();
      this.claimed = false;
    } else this.sound.part();
    const { chats } = this.desk;
    const alert = alertOf(calls.all, talk !== null, calls.settings.own_phone, chats.offered);
    this.alerts.show(alert, this.title, { notifies: this.notice.ours, sounds: this.sound.ours });
    const waiting = chats.unread + chats.all.filter(({ nudged }) => nudged).length;
    // Not in a call: the agent listens to somebody.
    if (waiting > this.waiting && this.sound.ours && !calls.current?.talks) this.alerts.chime();
    this.waiting = waiting;
  }

  /** Whether the browser lets this tab sound. One that begins to takes the ringing from no other tab. */
  audible(may: boolean): void {
    this.maySound = may;
    this.update();
  }

  /** Somebody uses this tab: it notifies from now on, and rings as soon as it may. */
  used(): void {
    this.notice.take();
    this.sound.take();
    this.claimed = !this.maySound;
  }

  /** The tab's, while nothing rings. */
  private get title(): string {
    const { calls, chats, choice, stage } = this.desk;
    if (stage !== "desk") return "Ringback";
    const unread = chats.unread > 0 ? `(${chats.unread}) ` : "";
    if (calls.current?.talks) return `${unread}In a call · ${whoWords(calls.current) || "Ringback"}`;
    return `${unread}${choice === "available" ? "Available" : "Away"} · Ringback`;
  }
}

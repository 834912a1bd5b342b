/** Draws attention to what rings now, in one tab of the browser: what it tells is derived from the desk each time. */

import { Alerts, alertOf } from "./alerts";
import type { Desk } from "./desk";
import { Turn } from "./turn";
import { whoWords } from "./words";

export class Attention {
  private readonly turn: Turn;

  constructor(
    private readonly desk: Desk,
    private readonly alerts = new Alerts(),
    makeTurn: (changed: () => void) => Turn = (changed) => new Turn(changed),
  ) {
    this.turn = makeTurn(() => this.update());
  }

  /** To be called whenever something changed. */
  update(): void {
    const { calls, line, talk } = this.desk;
    // A tab that is told of nothing must not keep another one from ringing.
    if (line?.state === "live") this.turn.join();
    else this.turn.part();
    const alert = alertOf(calls.all, talk !== null, calls.settings.ownPhone);
    this.alerts.show(alert, this.title, this.turn.ours);
  }

  /** Somebody uses this tab, and it may sound. */
  used(): void {
    this.turn.take();
  }

  /** The tab's, while nothing rings. */
  private get title(): string {
    const { calls, choice, stage } = this.desk;
    if (stage !== "desk") return "Ringback";
    if (calls.current?.talks) return `In a call · ${whoWords(calls.current) || "Ringback"}`;
    return choice === "available" ? "Available · Ringback" : "Away · Ringback";
  }
}

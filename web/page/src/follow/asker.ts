/** Asks the server again when its last answer said so (`asking.ts`). */

import type { FollowedPage } from "../follow-seam";
import type { AskAgain } from "../messages";
import type { FactValue } from "../facts";
import { BURST, dueIn, refilled, waitFor, type Told } from "./asking";

/** Milliseconds in which several changes make one question. */
const SETTLE = 20;
/** A reason of our own to hold invitations, which the server reads in `trusted`. */
const UNTOUCHED = "untouched";

export class Asker {
  private again: AskAgain | null = null;
  private told: Told;
  private allowance = { left: BURST, at: 0 };
  private asking = false;
  private forced = false;
  private timer: number | undefined;

  constructor(
    private readonly page: Pick<
      FollowedPage,
      "plan" | "ms" | "ask" | "sawInput" | "told" | "later" | "never"
    >,
    private readonly facts: () => Record<string, FactValue>,
    private readonly busy: () => readonly string[],
    /** Looks at what other tabs do, before each question. */
    private readonly look: () => Promise<void>,
  ) {
    // The loader has asked before; nobody had touched the page.
    this.told = { ...page.told(), busy: [UNTOUCHED] };
  }

  /** The server has answered. */
  obey(): void {
    this.again = this.page.plan()?.ask_again ?? null;
    this.touch();
  }

  /** Something may have changed that the server wants to know. */
  touch(): void {
    this.wake(SETTLE);
  }

  /** Ask, whatever the last answer said: another page, another shopper, another consent. */
  ask(): void {
    this.forced = true;
    this.touch();
  }

  /** An invitation could not be shown for this reason: ask again when it has passed. */
  waitUntilNot(reason: string): void {
    if (this.again) this.again = { ...this.again, busy: true };
    this.told = { ...this.told, busy: [...this.told.busy, reason] };
  }

  private reasons(): string[] {
    return [...this.busy(), ...(this.page.sawInput() ? [] : [UNTOUCHED])];
  }

  private due(): number | null {
    if (this.forced) return 0;
    return this.again && dueIn(this.again, this.told, this.facts(), this.reasons(), this.page.ms());
  }

  private wake(after: number): void {
    this.page.never(this.timer);
    this.timer = this.page.later(() => void this.check(), after);
  }

  private async check(): Promise<void> {
    // A page out of sight asks nothing.
    if (this.asking || document.visibilityState !== "visible") return;
    const due = this.due();
    if (due === null) return;
    this.allowance = refilled(this.allowance, performance.now());
    const wait = Math.max(due, waitFor(this.allowance));
    if (wait) return this.wake(wait);
    this.allowance = { ...this.allowance, left: this.allowance.left - 1 };
    this.asking = true;
    this.forced = false;
    try {
      await this.look();
      const facts = this.facts();
      this.told = { facts: { ...facts }, busy: this.reasons(), at: this.page.ms() };
      await this.page.ask({ facts, busy: this.busy(), trusted: this.page.sawInput() });
    } finally {
      this.asking = false;
    }
    this.touch();
  }
}

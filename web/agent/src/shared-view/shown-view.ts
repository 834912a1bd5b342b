/** What is known of a shared view in its document, and what the agent may do. Knows nothing of its look. */

import type {
  ActionResult,
  ShownPage,
  ViewAgentMessage,
  ViewPaused,
  ViewServerMessage,
  WishAction,
} from "./messages";
import type { Shown } from "./picture";
import type { Scope } from "./view-words";

/** Something that was done, or was not. */
export interface DoneAction {
  readonly action: string;
  readonly kind: WishAction["kind"] | null;
  /** What it was done to, in the page's words. */
  readonly what: string;
  readonly value: string;
  readonly result: Pick<ActionResult, "result" | "reason" | "detail"> | null;
}

export type Shows = (events: readonly unknown[]) => Shown;

/** As many as the list shows. */
const MOST_DONE = 50;
/** Ms between two wishes for a new snapshot, and how many in a row: then the page cannot be shown. */
const AGAIN_AFTER = 2_500;
const MOST_AGAIN = 4;
/** Ms between two pointers. */
const POINTER_EVERY = 70;

export class ShownView {
  page: ShownPage | null = null;
  scopes: readonly Scope[] = [];
  agreed: readonly Scope[] = [];
  agents: readonly string[] = [];
  paused: ViewPaused["why"] | null = null;
  tooLarge = false;
  /** The page sends what cannot be shown, time after time. */
  broken = false;
  ended: string | null = null;
  /** They have just said no to more. */
  declined = false;
  /** Scopes that the shopper is being asked for. */
  asking: readonly Scope[] = [];
  /** When it ends at the latest, in ms of this machine; null: not known. */
  endsAt: number | null = null;
  /** Where the shopper's pointer is. */
  pointer: { readonly node: number; readonly dx: number; readonly dy: number } | null = null;
  done: readonly DoneAction[] = [];
  /** The newest of what was done, for who cannot see it. */
  private count = 0;
  private isWaiting = false;
  private again: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private pointedAt = 0;

  constructor(
    private readonly say: (message: ViewAgentMessage) => boolean,
    private readonly show: Shows,
    private readonly clear: () => void,
    private readonly changed: () => void,
    private readonly now: () => number = Date.now,
    /** A name of this document's own, so that the actions of two agents do not meet. */
    private readonly own: string = crypto.randomUUID().slice(0, 8),
  ) {}

  hear(message: ViewServerMessage): void {
    switch (message.type) {
      case "welcome":
        this.scopes = scopesOf(message.scopes);
        this.agreed = scopesOf(message.agreed);
        this.lasts(message.ends_in);
        this.turn(message.page);
        break;
      case "page":
        this.turn(message);
        break;
      case "events":
        this.heard(message.page, message.events);
        break;
      case "too_large":
        this.tooLarge = true;
        this.paused = null;
        this.clear();
        break;
      case "paused":
        this.paused = message.why;
        break;
      case "pointer":
        this.pointer = message;
        break;
      case "result":
        this.resulted(message);
        break;
      case "agreed":
        this.agreed = scopesOf(message.scopes);
        this.declined = message.declined;
        this.asking = [];
        break;
      case "state":
        this.agreed = scopesOf(message.agreed);
        this.asking = this.asking.filter((scope) => !this.agreed.includes(scope));
        this.agents = Array.isArray(message.agents) ? message.agents.map(String) : [];
        this.lasts(message.ends_in);
        break;
      case "ended":
        this.ended = message.reason;
        this.clear();
        break;
    }
    this.changed();
  }

  may(scope: Scope): boolean {
    return this.ended === null && this.agreed.includes(scope) && this.scopes.includes(scope);
  }

  /** What may still be asked for. */
  get more(): readonly Scope[] {
    return this.ended === null ? this.scopes.filter((scope) => !this.agreed.includes(scope)) : [];
  }

  ask(scopes: readonly Scope[]): void {
    this.declined = false;
    if (this.say({ type: "ask", scopes: [...scopes] })) this.asking = scopes;
    this.changed();
  }

  /** Do something; what became of it is in `done`. */
  act(kind: WishAction["kind"], what: string, { node, value, word }: Partial<WishAction>): void {
    const action = `${this.own}-${(this.count += 1)}`;
    const said = this.say({
      type: "action",
      action,
      kind,
      node: node ?? null,
      value: value ?? null,
      word: word || null,
    });
    const result = said ? null : { result: "refused" as const, reason: "no_connection", detail: "" };
    this.done = [{ action, kind, what, value: value ?? "", result }, ...this.done].slice(0, MOST_DONE);
    this.changed();
  }

  /** Show where the agent's pointer is; what comes too fast is left out. */
  point(node: number, dx: number, dy: number): void {
    if (!this.may("point") || this.now() - this.pointedAt < POINTER_EVERY) return;
    this.pointedAt = this.now();
    this.say({ type: "pointer", node, dx, dy });
  }

  end(): void {
    this.say({ type: "end" });
  }

  /** Try once more to show what could not be shown. */
  retry(): void {
    this.broken = this.tooLarge = false;
    this.failures = 0;
    this.isWaiting = true;
    this.wishPicture();
    this.changed();
  }

  private turn(page: ShownPage | null): void {
    this.page = page ? { n: page.n, url: String(page.url), title: String(page.title) } : null;
    this.clear();
    this.pointer = this.paused = null;
    this.tooLarge = this.broken = this.isWaiting = false;
    this.failures = 0;
    clearTimeout(this.again);
    this.again = undefined;
  }

  private heard(page: number, events: unknown): void {
    if (page !== this.page?.n || !Array.isArray(events) || this.broken) return;
    const whole = events.some((event) => (event as { type?: unknown } | null)?.type === 2);
    // What follows something lost fits nothing.
    if (this.isWaiting && !whole) return;
    this.paused = null;
    const shown = this.show(events);
    if (shown !== "lost") this.isWaiting = this.tooLarge = false;
    if (shown === "shown") {
      if (!whole) this.failures = 0;
      return;
    }
    this.failures += 1;
    if (this.failures < MOST_AGAIN) {
      this.isWaiting = shown === "lost";
      this.wishPicture();
    } else if (shown === "lost") {
      this.broken = true;
      this.clear();
    }
  }

  private wishPicture(): void {
    if (this.again !== undefined) return;
    this.say({ type: "again" });
    this.again = setTimeout(() => {
      this.again = undefined;
      if (this.isWaiting && !this.broken && this.ended === null) this.wishPicture();
    }, AGAIN_AFTER);
  }

  private resulted({ action, detail, reason, result }: ActionResult): void {
    const told = { result, reason, detail };
    this.done = this.done.some((each) => each.action === action)
      ? this.done.map((each) => (each.action === action ? { ...each, result: told } : each))
      : // Another agent's who looks at the same page.
        [{ action, kind: null, what: "", value: "", result: told }, ...this.done].slice(0, MOST_DONE);
  }

  private lasts(seconds: number | null): void {
    this.endsAt = typeof seconds === "number" ? this.now() + seconds * 1000 : null;
  }
}

function scopesOf(scopes: unknown): readonly Scope[] {
  const all: readonly Scope[] = ["see", "point", "fill"];
  return Array.isArray(scopes) ? all.filter((scope) => scopes.includes(scope)) : [];
}

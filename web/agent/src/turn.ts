/**
 * Which tab of this browser draws attention to a call: one of them, the one that was used last. There is one turn for
 * each way to draw it (`what`). A tab that goes, or whose line is lost, leaves the turn to another. Web Locks tell; where there are none (on insecure pages), each tab
 * believes that it is the one.
 */

/** What of Web Locks is used here. */
export interface Locks {
  request(
    name: string,
    options: { readonly steal?: boolean; readonly signal?: AbortSignal },
    held: () => Promise<void>,
  ): Promise<unknown>;
}

export function browserLocks(): Locks | null {
  try {
    return (navigator as { locks?: Locks }).locks ?? null;
  } catch {
    return null; // The browser forbids it to this page.
  }
}

export class Turn {
  private has = false;
  private wants = false;
  private leave: (() => void) | null = null;
  /** Counts requests, so that an old one's end changes nothing. */
  private asked = 0;
  private readonly name: string;

  constructor(
    private readonly changed: () => void,
    what: string,
    private locks: Locks | null = browserLocks(),
    page = new URL(".", document.baseURI).pathname,
  ) {
    this.name = `ringback.${what} ${page}`;
  }

  get ours(): boolean {
    return this.wants && (this.has || this.locks === null);
  }

  /** Take part: this tab is told of calls. */
  join(): void {
    if (this.wants) return;
    this.wants = true;
    this.ask(false);
  }

  /** Take part no more. */
  part(): void {
    if (!this.wants) return;
    this.wants = false;
    this.asked += 1;
    this.drop();
  }

  /** Somebody uses this tab: the turn is its own from now on. */
  take(): void {
    if (this.wants && !this.has) this.ask(true);
  }

  private ask(steal: boolean): void {
    if (!this.locks) return;
    const mine = ++this.asked;
    this.drop();
    // What waits in the queue is dropped, else it would be granted to nobody later.
    const abort = new AbortController();
    let granted = false;
    const hold = (): Promise<void> =>
      new Promise((done) => {
        granted = true;
        if (mine !== this.asked) {
          done();
          return;
        }
        this.leave = done;
        this.to(true);
      });
    this.leave = () => abort.abort();
    this.locks.request(this.name, steal ? { steal } : { signal: abort.signal }, hold).catch(() => {
      if (mine !== this.asked) return;
      this.leave = null;
      if (granted) {
        // Another tab took it: this one waits until that goes.
        this.to(false);
        this.ask(false);
      } else {
        // The browser has them, but not for this page.
        this.locks = null;
        this.changed();
      }
    });
  }

  private drop(): void {
    const { leave } = this;
    this.leave = null;
    leave?.();
    this.to(false);
  }

  private to(has: boolean): void {
    if (has === this.has) return;
    this.has = has;
    this.changed();
  }
}

/** When a page tries again what failed: soon, then ever more slowly, and not in step with all the other pages. */

export interface RetryOptions {
  /** The first wait and the longest, in ms; each wait is twice the one before it. 250 and 20,000 by default. */
  readonly first?: number;
  readonly longest?: number;
  /** The network is back, or the page is shown again: no need to wait. Without this, nothing is listened to. */
  readonly hurry?: () => void;
  /** Where `online` and `pageshow` happen; the window by default. */
  readonly page?: Pick<EventTarget, "addEventListener" | "removeEventListener"> | null;
  /** From 0 to 1. */
  readonly random?: () => number;
}

export class Retries {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;

  constructor(
    private readonly again: () => void,
    private readonly options: RetryOptions = {},
  ) {
    if (!options.hurry) return;
    for (const event of ["online", "pageshow"]) this.page?.addEventListener(event, this.hurried);
  }

  /** Whether a try is to come. */
  get waiting(): boolean {
    return this.timer !== undefined;
  }

  /** It failed: try again after the next wait, give or take half of it, or after this many ms. */
  failed(wait: number = this.next()): void {
    this.failures += 1;
    this.cancel();
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.again();
    }, wait);
  }

  /** It went well: the next wait is the first one again. */
  reset(): void {
    this.failures = 0;
  }

  cancel(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** Never try again. */
  stop(): void {
    this.cancel();
    for (const event of ["online", "pageshow"]) this.page?.removeEventListener(event, this.hurried);
  }

  private next(): number {
    const { first = 250, longest = 20_000, random = Math.random } = this.options;
    return Math.min(first * 2 ** this.failures, longest) * (0.5 + random());
  }

  private readonly hurried = (): void => {
    this.reset();
    this.options.hurry?.();
  };

  private get page(): RetryOptions["page"] {
    const { page = typeof window === "undefined" ? null : window } = this.options;
    return page;
  }
}

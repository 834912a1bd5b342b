/** What the shopper does, as the browser tells: input, typing, scrolling, leaving. Nothing of what they type. */

import type { FollowedPage } from "../follow-seam";
import type { Signs } from "./busy";

/** Scroll depth is told in steps of so many per cent. */
const STEP = 5;
/** Milliseconds for which somebody who was about to leave counts as leaving. */
const LEAVING = 5_000;
/** Pixels a millisecond: as fast one flings a page back up to reach the address bar. */
const FLING = 2;
/** Inputs that nobody writes in. */
const NOT_TEXT = /^(button|checkbox|radio|submit|reset|image|range|color|file|hidden)$/;

export class Shopper {
  private inputAt: number;
  private keyAt: number | null = null;
  private leftAt: number | null = null;
  private depth = 0;

  /** Follows the shopper's input; `touch`: something may have changed. */
  constructor(
    private readonly page: FollowedPage,
    private readonly touch: () => void,
  ) {
    this.inputAt = page.ms();
    on("pointerdown pointermove keydown wheel touchstart", () => (this.inputAt = page.ms()));
    on("keydown input", (event) => {
      if (isField(event.composedPath()[0])) this.keyAt = performance.now();
    });
    on("focusout close toggle", touch);
    on("mouseout", (event) => {
      const { relatedTarget, clientY } = event as MouseEvent;
      if (!relatedTarget && clientY <= 0) this.leaves();
    });
    let y = scrollY;
    let at = 0;
    on("scroll", ({ timeStamp }) => {
      this.inputAt = page.ms();
      const gone = timeStamp - at;
      if (gone > 100) {
        if (gone < 400 && (y - scrollY) / gone > FLING) this.leaves();
        y = scrollY;
        at = timeStamp;
      }
      if (scrolled() > this.depth) touch();
    });
  }

  /** A new view of the page: nothing of it was seen yet. */
  turn(): void {
    this.depth = 0;
    this.leftAt = null;
    this.inputAt = 0;
  }

  /** The facts that come of this. */
  facts(): Record<string, boolean | number> {
    const ms = this.page.ms();
    this.depth = Math.max(this.depth, scrolled());
    return {
      "time.idle": Math.max(0, ms - this.inputAt) / 1000,
      "scroll.depth": this.depth,
      "page.leaving": this.leftAt !== null && ms - this.leftAt < LEAVING,
    };
  }

  /** Why no invitation should appear, as far as the page shows it. */
  signs(): Pick<Signs, "inField" | "sinceKey" | "dialog"> {
    return {
      inField: isField(focused()),
      sinceKey: this.keyAt === null ? null : performance.now() - this.keyAt,
      dialog: this.dialogOpen(),
    };
  }

  private dialogOpen(): boolean {
    for (const each of document.querySelectorAll("dialog:modal,[aria-modal=true]"))
      if (each.getClientRects().length && this.page.styleOf(each).visibility !== "hidden") return true;
    return false;
  }

  private leaves(): void {
    this.leftAt = this.page.ms();
    this.touch();
  }
}

function on(names: string, hear: (event: Event) => void): void {
  for (const name of names.split(" ")) window.addEventListener(name, hear, { capture: true, passive: true });
}

/** The farthest that is in sight of the page, in per cent. */
function scrolled(): number {
  const { scrollHeight } = document.documentElement;
  const share = Math.min(1, (scrollY + innerHeight) / (scrollHeight || 1));
  return Math.floor((share * 100) / STEP) * STEP;
}

const isField = (target: unknown): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    (/^(input|textarea|select)$/i.test(target.tagName) && !NOT_TEXT.test((target as HTMLInputElement).type)));

function focused(): Element | null {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element;
}

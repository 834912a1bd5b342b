/** The shop's own elements with `data-ringback="phone|pc|chat|choose|share"`: each is a button, added later or not. */

import type { PagePlan } from "./messages";
import type { Way } from "./widget-seam";

const ELEMENTS = "[data-ringback]";

/** What a button opens; undefined: the shopper chooses there. */
export function wayOf({ dataset: { ringback } }: HTMLElement): Way | undefined {
  return ringback === "phone" || ringback === "pc" || ringback === "chat" ? ringback : undefined;
}

/** The page's buttons. */
export const buttons = (): Iterable<HTMLElement> => document.querySelectorAll<HTMLElement>(ELEMENTS);

/** Hears presses; `press` says whether it did anything. */
export function watchButtons(press: (button: HTMLElement) => boolean): void {
  window.addEventListener(
    "click",
    (event) => {
      const button = (event.composedPath()[0] as Element).closest?.<HTMLElement>(ELEMENTS);
      if (button && press(button)) event.preventDefault();
    },
    true,
  );
}

/** Tells each button whether it is open, open later, or hidden. */
export function setButtons(plan: PagePlan): void {
  for (const element of buttons()) {
    const way = wayOf(element);
    const { dataset, style } = element;
    const shares = dataset["ringback"] === "share";
    const state = shares ? (plan.site.shared_view ? "open" : "hidden") : way ? plan.ways[way] : plan.state;
    if (dataset["ringbackState"] !== state) {
      dataset["ringbackState"] = state;
      if ((element.hidden = state === "hidden")) style.setProperty("display", "none", "important");
      else style.removeProperty("display");
    }
  }
}

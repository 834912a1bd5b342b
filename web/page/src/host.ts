/**
 * The one element of Ringback on the shop's page. It takes no room, lies above everything (a popover does, whatever
 * z-index others have), and is put back where a shop's code replaces the page's body (Turbo, Astro).
 */

import { styleOf } from "./natives";
import { css } from "./looks";

let element: HTMLElement | undefined;
let theme: Readonly<Record<string, string>> = {};

/** Where the loader and the panel draw. */
export function root(): ShadowRoot {
  if (!element) {
    element = document.createElement("ringback-root");
    element.id = "ringback-root";
    element.dataset["turboPermanent"] = "";
    element.popover = "manual";
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    element.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
    setTheme(theme);
    putBack();
  }
  return element.shadowRoot!;
}

/** Whether nothing but this element came to the page. */
export const isOurs = ([first, more]: MutationRecord[]): boolean => !more && first?.addedNodes[0] === element;

/** Put the same element back where the shop's code took it away. */
export function putBack(): void {
  if (!element || element.isConnected) return;
  document.documentElement.append(element);
  raise();
}

/** Above what was opened since. */
export function raise(): void {
  element!.togglePopover?.(false);
  element!.togglePopover?.(true);
}

/** The site's colours, corners and font, as CSS custom properties. */
export function setTheme(its: typeof theme): void {
  theme = its;
  for (const [name, value] of Object.entries(its)) element?.style.setProperty("--" + name, value);
}

/**
 * What the shop keeps in this place of the window whatever is scrolled, such as a header or a cookie banner; what fills
 * more than half of the window is the page itself.
 */
export function fixedAt(x: number, y: number): DOMRect | null {
  for (const found of document.elementsFromPoint(x, y)) {
    if (found === element) continue;
    for (let each: Element | null = found; each; each = each.parentElement) {
      const box = each.getBoundingClientRect();
      if (/fixed|sticky/.test(styleOf(each).position) && box.height < innerHeight / 2) return box;
    }
    break;
  }
  return null;
}

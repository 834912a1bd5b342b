/**
 * Draws an invitation: in the upper half of the window, as the lower one belongs to cookie banners, and below what
 * the shop keeps at the top. It takes no focus; screen readers are told politely.
 */

import type { FollowedPage } from "../follow-seam";
import { css } from "./looks";

const GAP = 16;
/** Milliseconds after which a screen reader knows the element whose text changes then. */
const KNOWN = 100;

export interface Invitation {
  readonly text: string;
  readonly place: string;
  readonly name: string;
  readonly yes: string;
  readonly no: string;
  readonly accept: () => void;
  readonly decline: () => void;
}

export class InvitationBox {
  private host: HTMLElement | undefined;
  private focusBefore: EventTarget | null = null;

  constructor(private readonly page: Pick<FollowedPage, "root" | "raise" | "fixedAt" | "later">) {
    for (const name of ["resize", "scroll"]) visualViewport?.addEventListener(name, () => this.fit());
  }

  /** Shows it; false: there is no room. */
  show(what: Invitation): boolean {
    this.hide();
    const host = document.createElement("div");
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    const shadow = host.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [sheet];
    const box = document.createElement("section");
    box.className = what.place;
    box.ariaLabel = what.name;
    const words = document.createElement("p");
    words.role = "status";
    words.textContent = what.text;
    const row = document.createElement("div");
    row.append(button(what.yes, what.accept), button(what.no, what.decline));
    box.append(words, row);
    shadow.append(box);
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") what.decline();
    });
    box.addEventListener("focusin", (event) => (this.focusBefore ??= event.relatedTarget));
    box.style.visibility = "hidden";
    this.page.root().append(host);
    this.host = host;
    this.fit();
    if (!this.settle(box)) {
      this.hide();
      return false;
    }
    this.page.raise();
    box.style.visibility = "";
    // What a keyboard cannot reach, it cannot scroll.
    if (words.scrollHeight > words.clientHeight) words.tabIndex = 0;
    const { height } = words.getBoundingClientRect();
    words.style.height = `${height}px`;
    words.textContent = "";
    this.page.later(() => {
      words.textContent = what.text;
      words.style.height = "";
    }, KNOWN);
    return true;
  }

  /** Takes it away; the focus goes back to where it was. */
  hide(): void {
    if (this.host?.shadowRoot?.activeElement && this.focusBefore instanceof HTMLElement)
      this.focusBefore.focus({ preventScroll: true });
    this.focusBefore = null;
    this.host?.remove();
    this.host = undefined;
  }

  /**
   * Lays it over the part of the page that a shopper has zoomed into with two fingers, in the size that it has
   * otherwise: what is fixed to a transformed element goes where that goes.
   */
  private fit(): void {
    if (!this.host || !visualViewport) return;
    const { scale, offsetLeft, offsetTop, width, height } = visualViewport;
    this.host.style.cssText =
      scale === 1
        ? ""
        : `position:fixed;pointer-events:none;left:${offsetLeft}px;top:${offsetTop}px;width:${width * scale}px;` +
          `height:${height * scale}px;transform:scale(${1 / scale});transform-origin:0 0`;
  }

  /** Finds a place for it that the shop keeps nothing else in. */
  private settle(box: HTMLElement): boolean {
    let place = GAP;
    const { scale, offsetTop, height } = visualViewport ?? { scale: 1, offsetTop: 0, height: innerHeight };
    for (let tries = 0; tries < 5; tries++) {
      box.style.top = `${place}px`;
      const { left, right, top, bottom } = box.getBoundingClientRect();
      if (tries && bottom - offsetTop > height / 2) return false;
      let lowest = 0;
      for (const x of [left + 1, (left + right) / 2, right - 1])
        for (const y of [top + 1, bottom - 1])
          lowest = Math.max(lowest, this.page.fixedAt(x, y)?.bottom ?? 0);
      if (!lowest) return true;
      place = (lowest - offsetTop) * scale + GAP / 2;
    }
    return false;
  }
}

function button(name: string, press: () => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = name;
  made.addEventListener("click", press);
  return made;
}

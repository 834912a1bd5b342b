/**
 * Where the panel lies: above everything. While one of the shop's dialogs is modal, all outside of it is inert: it can be
 * seen and not used. A panel that is opened then lies within the dialog until that is closed, and the dialog stays as it is.
 */

import type { FollowedPage } from "../follow-seam";

/** What shops listen to on their dialogs, often to close them at a click beside. */
const LEAKS = ["click", "mousedown", "pointerdown"];

export class PanelLayer {
  constructor(private readonly page: FollowedPage) {}

  /** Lift the panel above everything; `opener` is what was pressed. */
  raise(opener: Element | undefined): void {
    let dialog: HTMLElement | undefined;
    for (const each of document.querySelectorAll<HTMLElement>("dialog:modal")) {
      dialog = each;
      if (each.contains(opener ?? null)) break;
    }
    if (dialog) this.moveTo(dialog);
    this.page.raise();
  }

  /** The dialog may be closed. */
  readonly look = (): void => {
    const dialog = this.host.parentElement;
    if (!dialog || dialog === document.documentElement || dialog.matches(":modal")) return;
    this.moveTo(document.documentElement);
    this.page.raise();
  };

  private get host(): HTMLElement {
    return this.page.root().host as HTMLElement;
  }

  private moveTo(place: HTMLElement & { moveBefore?(what: Node, where: null): void }): void {
    const { host } = this;
    if (host.parentElement === place) return;
    // Where browsers can, it is moved without being taken out: what has the focus keeps it.
    if (place.moveBefore && host.isConnected) place.moveBefore(host, null);
    else place.append(host);
    const inside = place !== document.documentElement;
    for (const name of LEAKS) host[inside ? "addEventListener" : "removeEventListener"](name, stop);
    if (inside) place.addEventListener("close", this.look, { once: true });
  }
}

const stop = (event: Event): void => event.stopPropagation();

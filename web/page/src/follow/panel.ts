/** Loads the panel when the shopper wants it, and is its partner on the page (`widget-seam.ts`). */

import type { FollowedPage } from "../follow-seam";
import type { WaysNow } from "../messages";
import type { Opening, Panel, PanelModule } from "../widget-seam";
import { PanelLayer } from "./layer";
import { isHeld, share } from "./tabs";
import { whoIsThere } from "./who";

/** The bit in sessionStorage by which the tab's next page opens the panel again. */
const BACK = "ringback.back";
/** The lock of a panel that has a shared view. */
const VIEW = "ringback.view";

export class PanelSlot {
  private panel: Promise<Panel> | undefined;
  private readonly layer: PanelLayer;
  private comesBack = false;
  isOpen = false;
  /** Whether a call or chat goes on in this tab. */
  inContact = false;

  /** `changed` hears that the panel opened or closed, or that a contact began or ended. */
  constructor(
    private readonly page: FollowedPage,
    readonly contactLock: string,
    private readonly changed: () => void,
  ) {
    this.layer = new PanelLayer(page);
    const atTab = (use: (keep: Storage) => void) => {
      try {
        use(sessionStorage);
      } catch {
        // The browser keeps nothing for this page.
      }
    };
    const forget = () => atTab((keep) => keep.removeItem(BACK));
    forget();
    window.addEventListener("pagehide", () => {
      if (this.comesBack) atTab((keep) => keep.setItem(BACK, "1"));
    });
    window.addEventListener("pageshow", forget);
  }

  /** Opens it, with what an accepted offer has become meanwhile; false where it cannot be had. */
  async open(how: Opening, offer?: string): Promise<boolean> {
    if (how.leave && !this.panel && !keptOfChat()) return true;
    if (!how.leave) this.page.known(); // The shopper asks for contact by this.
    const asked = offer === undefined ? null : (whoIsThere(this.page, offer) as Promise<WaysNow | null>);
    try {
      const panel = await (this.panel ??= this.load());
      const stands = await asked;
      if (!how.leave) this.layer.raise(how.opener);
      panel.open(offer === undefined ? how : { ...how, offer: became(offer, stands) });
      return true;
    } catch (problem) {
      this.panel = undefined;
      console.error("ringback:", problem);
      this.page.emit("failed", problem);
      return false;
    }
  }

  /** Another tab of the site has a shared view: the panel here takes part in it. */
  async join(): Promise<void> {
    if (!this.panel && (await isHeld(VIEW))) await this.open({ back: true });
  }

  /** The shop's page may have changed. */
  look(): void {
    this.layer.look();
  }

  planChanged(): void {
    void this.panel?.then((panel) => panel.planChanged()).catch(() => undefined); // told by `open`
  }

  private moved(): void {
    this.page.showLauncher(!this.isOpen && !this.inContact);
    this.changed();
  }

  private async load(): Promise<Panel> {
    const { page } = this;
    const path = page.plan()?.widget;
    if (!path) throw new Error("the server has no panel");
    const { mount } = (await import(/* @vite-ignore */ page.base + path)) as PanelModule;
    const host = document.createElement("div");
    page.root().append(host);
    return mount({
      host,
      base: page.base,
      site: page.site,
      plan: () => page.plan(),
      page: () => page.click(),
      visitor: () => page.known(),
      view: () => page.view(),
      token: () => page.token(),
      language: () => page.language(),
      now: (offer) => whoIsThere(page, offer),
      tell: (name, detail) => {
        if (name === "opened" || name === "closed") this.isOpen = name === "opened";
        this.moved();
        return page.emit(name, detail);
      },
      inContact: (truth) => {
        this.inContact = truth;
        share(this.contactLock, truth);
        this.moved();
      },
      comeBack: (truth) => void (this.comesBack = truth),
      lift: () => this.layer.raise(undefined),
    });
  }
}

/** Whether the browser has something of a chat. */
function keptOfChat(): boolean {
  try {
    return (localStorage.getItem("ringback.chat") ?? sessionStorage.getItem("ringback.chat-draft")) !== null;
  } catch {
    return false;
  }
}

/** Where the server does not answer, the call itself will tell. */
function became(id: string, stands: WaysNow | null): NonNullable<Opening["offer"]> {
  const { offer, why } = stands ?? {};
  return { id, state: offer ?? "open", ...(why && { why }) };
}

/** The shared view (co-browse) beside the panel: a file of its own, which comes once an agent asks, or there is one. */

import type { SharedViewAsked, SharedViewOver } from "@ringback/browser-leg";
import type { PanelContext } from "../../page/src/widget-seam";
import type { ViewElement } from "./shared-view/view-element";

export type SharedViewNews = SharedViewAsked | SharedViewOver;
/** An agent asks to see the page, or does not any more. */
export type HearOfView = (news: SharedViewNews) => void;

/** In sessionStorage, and the name of a lock: a page, or a tab, of this site has a view. */
const KEY = "ringback.view";

/** What the panel needs of it: `element` is drawn by the panel, and inherits its look. */
export class ViewSeam {
  element: ViewElement | null = null;
  private coming: Promise<ViewElement | null> | null = null;

  constructor(
    private readonly context: PanelContext,
    private readonly changed: () => void,
  ) {}

  /** Whether a view goes on. */
  get live(): boolean {
    return this.element?.live ?? false;
  }

  /** The words are there: take up the view of the page before, or of another tab. */
  async begin(): Promise<void> {
    if (await isThere()) await this.load();
  }

  readonly hear: HearOfView = (news) => {
    if (this.element || news.type === "shared_view") void this.load().then((element) => element?.hear(news));
  };

  readonly showCode = (): void => void this.load().then((element) => element?.showCode());

  /** null: the file did not come. What an agent asks is asked again when the page connects once more. */
  private load(): Promise<ViewElement | null> {
    return (this.coming ??= this.enter());
  }

  private async enter(): Promise<ViewElement | null> {
    try {
      const { enterView } = await import("./shared-view/view-element");
      this.element = await enterView(this.context, this.changed);
      this.changed();
    } catch (problem) {
      this.coming = null;
      console.error("ringback:", problem);
    }
    return this.element;
  }
}

async function isThere(): Promise<boolean> {
  try {
    if (sessionStorage.getItem(KEY) !== null) return true;
    const { held = [] } = await navigator.locks.query();
    return held.some(({ name }) => name === KEY);
  } catch {
    return false; // the browser keeps nothing for this page, or it is no secure one
  }
}

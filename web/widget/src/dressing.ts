/** How the panel looks on the shop's page: the site's theme, dark where the shopper's system is, and where it is seen. */

import type { ReactiveController } from "lit";
import type { SitePlan } from "./plan";
import { dress } from "./theme";
import { followViewport } from "./viewport";

export class Dressing implements ReactiveController {
  private readonly dark = window.matchMedia("(prefers-color-scheme: dark)");
  private unfollow = (): void => {};

  constructor(
    private readonly panel: HTMLElement,
    private readonly plan: () => SitePlan,
  ) {}

  hostConnected(): void {
    this.dark.addEventListener("change", this.look);
    this.unfollow = followViewport(this.panel);
    this.look();
  }

  hostDisconnected(): void {
    this.dark.removeEventListener("change", this.look);
    this.unfollow();
  }

  /** Look again: the plan may be another one. */
  readonly look = (): void => {
    const { panel } = this;
    const { theme, darkTheme } = this.plan();
    dress(panel, (this.dark.matches && darkTheme) || theme);
    // The sizes here are of the shopper's own letters, not of the shop's <html>.
    panel.style.setProperty("--ringback-rem", getComputedStyle(panel).fontSize);
    panel.dir = getComputedStyle(document.documentElement).direction;
  };
}

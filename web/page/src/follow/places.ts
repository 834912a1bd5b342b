/** The shop's buttons as places: each can be reached by keyboard, and is counted when seen and when clicked. */

import { buttons, wayOf } from "../buttons";
import type { FollowedPage } from "../follow-seam";

export class Places {
  private readonly known = new WeakSet<Element>();
  private readonly sight = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries)
      if (isIntersecting) {
        this.sight.unobserve(target);
        this.tell("button_seen", target as HTMLElement);
      }
  });

  constructor(private readonly page: Pick<FollowedPage, "tell">) {}

  /** Finds those that are new. */
  look(): void {
    for (const element of buttons()) {
      if (this.known.has(element)) continue;
      this.known.add(element);
      this.sight.observe(element);
      if (element.tabIndex >= 0 || element.matches("a,button,input,[tabindex]")) continue;
      // No keyboard could reach it.
      element.tabIndex = 0;
      element.role ??= "button";
      element.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        element.click();
      });
    }
  }

  /** `offer`: of the rule that shows the button. */
  clicked(element: HTMLElement, offer: string | undefined): void {
    this.tell("button_clicked", element, offer);
  }

  private tell(what: string, element: HTMLElement, offer: string | null = null): void {
    const { dataset, id } = element;
    const place = dataset["ringbackName"] || id || dataset["ringback"] || "launcher";
    const way = wayOf(element) ?? "choose";
    void this.page.tell({ what, place: place.slice(0, 100), way, page: location.pathname, offer });
  }
}

/** Answers before the form: a file of its own, which a shop without answers does not load. */

import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { PanelContext } from "../../../page/src/widget-seam";
import type { AnswersPlace } from "./answers-api";

export class AnswersFirst implements ReactiveController {
  readonly place: AnswersPlace;
  private state: "unknown" | "coming" | "there" | "passed" = "unknown";

  constructor(
    private readonly host: ReactiveControllerHost,
    context: PanelContext,
  ) {
    host.addController(this);
    const { base, site } = context;
    this.place = {
      base,
      site,
      page: () => context.page().url,
      language: () => context.language(),
      visitor: () => context.visitor(),
    };
  }

  hostConnected(): void {}

  get there(): boolean {
    return this.state === "there";
  }

  /** Whether the shopper has gone on to the form. */
  get passed(): boolean {
    return this.state === "passed";
  }

  pass(): void {
    this.state = "passed";
    this.host.requestUpdate();
  }

  async load(): Promise<void> {
    if (this.state !== "unknown") return;
    this.state = "coming";
    try {
      await import("./answers-pane");
      if (!this.passed) this.state = "there";
    } catch {
      this.state = "passed"; // nobody who wants to talk waits for answers
    }
    this.host.requestUpdate();
  }
}

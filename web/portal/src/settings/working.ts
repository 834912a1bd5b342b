/** The one thing that a panel of settings is doing, and what became of the last one. */

import type { ReactiveController, ReactiveControllerHost } from "lit";
import { editWords } from "./settings-model";

export class Working implements ReactiveController {
  busy = false;
  /** In words; empty where the last thing went well. */
  problem = "";

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  // Lit's type wants one of its moments; none matters here.
  hostConnected(): void {}

  async do(what: () => Promise<void>): Promise<void> {
    this.become(true, this.problem);
    try {
      await what();
      this.become(false, "");
    } catch (error) {
      this.become(false, editWords(error));
    }
  }

  private become(busy: boolean, problem: string): void {
    this.busy = busy;
    this.problem = problem;
    this.host.requestUpdate();
  }
}

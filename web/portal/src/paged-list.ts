/** A list that a screen shows page by page: what was asked for, what has come, and where the next page begins. */

import { html, nothing, type ReactiveController, type ReactiveControllerHost } from "lit";
import { problemWords } from "./portal-api";

interface PageOf<Row, Next> {
  readonly rows: readonly Row[];
  readonly next: Next | null;
}

export class PagedList<Row, Next> implements ReactiveController {
  rows: readonly Row[] = [];
  busy = false;
  problem = "";
  private next: Next | null = null;
  private asked: string | null = null;

  /** `load(after)` asks the server for the page that begins there; null: the first one. */
  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly load: (after: Next | null) => Promise<PageOf<Row, Next>>,
  ) {
    host.addController(this);
  }

  hostConnected(): void {}

  /** Begin anew where something else is asked for than before. */
  show(asked: string): void {
    if (asked === this.asked) return;
    this.asked = asked;
    this.rows = [];
    this.next = null;
    void this.more();
  }

  /** The button for the next page; nothing on the last one. */
  button(words: string) {
    return this.next === null
      ? nothing
      : html`<button
          class="button plain small no-print"
          aria-disabled=${this.busy}
          @click=${() => void (this.busy || this.more())}
        >
          ${words}
        </button>`;
  }

  private async more(): Promise<void> {
    const { asked } = this;
    this.busy = true;
    this.host.requestUpdate();
    try {
      const page = await this.load(this.next);
      if (asked !== this.asked) return;
      this.rows = [...this.rows, ...page.rows];
      this.next = page.next;
      this.problem = "";
    } catch (error) {
      if (asked === this.asked) this.problem = problemWords(error);
    } finally {
      if (asked === this.asked) this.busy = false;
      this.host.requestUpdate();
    }
  }
}

/** What a screen reader is told of the panel: the newest news, politely, and no more than one in three seconds. */

const PAUSE = 3_000;

export class Announcer {
  private said = "";
  private next = "";
  private quiet: ReturnType<typeof setTimeout> | undefined;

  /** `show` puts the words into the live region. */
  constructor(private readonly show: (words: string) => void) {}

  say(words: string): void {
    if (words === "" || words === (this.next || this.said)) return;
    this.next = words;
    if (this.quiet === undefined) this.tell();
  }

  stop(): void {
    clearTimeout(this.quiet);
    this.quiet = undefined;
    this.next = "";
  }

  private tell(): void {
    this.said = this.next;
    this.next = "";
    this.show(this.said);
    this.quiet = setTimeout(() => {
      this.quiet = undefined;
      if (this.next !== "") this.tell();
    }, PAUSE);
  }
}

/** Have the panel around an element announce something. */
export function announce(element: HTMLElement, words: string): void {
  element.dispatchEvent(
    new CustomEvent<string>("announce", { detail: words, bubbles: true, composed: true }),
  );
}

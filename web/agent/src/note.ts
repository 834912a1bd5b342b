/** An agent's note on a call: kept by the server a moment after the last key, again and again until it is. */

/** Ms after the last key. */
const PAUSE = 700;
/** Characters of a note at most. */
export const LONGEST_NOTE = 4_000;

export type NoteState =
  /** Nothing was written that is not kept. */
  | "kept"
  /** Being written, or on its way. */
  | "open"
  /** The server could not keep it. */
  | "failed";

export class Note {
  text = "";
  state: NoteState = "kept";
  /** Whether anything was kept here since the page was opened. */
  saved = false;
  private kept = "";
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    /** Send it; false: there is no connection. */
    private readonly send: (text: string) => boolean,
    private readonly changed: () => void,
  ) {}

  write(text: string): void {
    this.text = text.slice(0, LONGEST_NOTE);
    clearTimeout(this.timer);
    this.state = this.text === this.kept ? "kept" : "open";
    if (this.state === "open") this.timer = setTimeout(() => this.flush(), PAUSE);
    this.changed();
  }

  /** Send at once what is not kept: the agent looks elsewhere, or the connection is back. */
  flush(): void {
    clearTimeout(this.timer);
    if (this.text === this.kept) return;
    this.state = "open";
    this.send(this.text);
  }

  /** The server says what it keeps: also what another page of this agent's wrote. */
  told(kept: string): void {
    const untouched = this.text === this.kept;
    this.saved ||= kept !== "" || this.kept !== "";
    this.kept = kept;
    if (untouched) this.text = kept;
    if (this.text === kept) this.state = "kept";
  }

  failed(): void {
    if (this.text !== this.kept) this.state = "failed";
  }
}

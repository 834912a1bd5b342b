/** Records the page while an agent looks. What records (rrweb) is a file of its own, loaded after the shopper agreed. */

import {
  filterEvent,
  type Piece,
  Pieces,
  type RecordedEvent,
  SnapshotPace,
  type ViewRules,
} from "@ringback/call-client/shared-view";
import { PageNodes } from "./page-nodes";

type Record = (typeof import("@rrweb/record"))["record"];

/** What the recorder is given, and whom it tells. */
export interface RecordedPage {
  rules(): ViewRules;
  /** What of the page's address may be told. */
  url(): string;
  /** Send; false: it goes nowhere now. */
  give(pieces: readonly Piece[]): boolean;
  tooLarge(page: number): void;
  changed(): void;
}

export type RecorderState = "off" | "connecting" | "on" | "too_large" | "failed";

/** Ms in which what happens on the page becomes one message. */
const BATCH = 50;
/** Ms between two places of the pointer: fifteen a second. */
const POINTER = 67;
/** Elements above which a page is not even tried: a snapshot would hold it up for a second. */
const MOST_ELEMENTS = 20_000;
/** rrweb's type of an event that is the whole page. */
const FULL_SNAPSHOT = 2;
/** Ms until a snapshot is taken even if the page is never idle. */
const LONGEST_WAIT = 1_000;

export class Recorder {
  state: RecorderState = "off";
  nodes: PageNodes | null = null;
  private record: Record | null = null;
  private pieces = new Pieces(0);
  private waiting: string[] = [];
  private batch: ReturnType<typeof setTimeout> | undefined;
  private stopRecording: (() => void) | undefined;
  /** Of the recording: a start that was overtaken by a stop does nothing. */
  private turn = 0;
  private lost = false;
  /** Whether a snapshot is among what waits. */
  private whole = false;
  private readonly pace = new SnapshotPace(() => this.retake());

  constructor(private readonly page: RecordedPage) {}

  /** Record this document by a number of the server's; once more where it is recorded already. */
  async start(page: number): Promise<void> {
    this.stop();
    const turn = ++this.turn;
    this.move("connecting");
    try {
      this.record ??= (await import("@rrweb/record")).record;
    } catch {
      if (turn === this.turn) this.move("failed");
      return;
    }
    await idle();
    if (turn !== this.turn) return;
    this.pieces = new Pieces(page);
    this.nodes = new PageNodes(this.page.rules(), this.record.mirror);
    this.begin();
  }

  stop(): void {
    this.turn += 1;
    this.pace.stop();
    clearTimeout(this.batch);
    this.batch = undefined;
    this.clear();
    this.lost = false;
    this.stopRecording?.();
    this.stopRecording = undefined;
    this.nodes = null;
    // The server stops what is too large: the shopper still reads why nothing is shown.
    if (this.state !== "too_large") this.move("off");
  }

  /** The server wants the whole page once more. */
  snapshot(): void {
    if (this.state !== "off") this.pace.ask();
  }

  private begin(): void {
    const { nodes, record } = this;
    if (!nodes || !record) return;
    if (document.getElementsByTagName("*").length > MOST_ELEMENTS) return this.refuse();
    this.stopRecording = record({
      emit: (event) => this.take(event as unknown as RecordedEvent, nodes),
      blockSelector: "ringback-root",
      // Values are judged by the filter, which knows the site's rules: the recorder's own masks miss many.
      slimDOMOptions: {
        script: true,
        comment: true,
        headFavicon: true,
        headMetaSocial: true,
        headMetaVerification: true,
      },
      sampling: { mousemove: POINTER, mousemoveCallback: POINTER, scroll: 100, input: "last" },
      collectFonts: false,
      recordCanvas: false,
      inlineImages: false,
      // It wraps functions of the page: a fault of the recorder's must not become one of the page's.
      errorHandler: (problem: unknown) => {
        console.warn("ringback: the recorder failed on", problem);
        return true;
      },
    });
    this.pace.taken();
    this.move("on");
  }

  private retake(): void {
    if (!this.nodes || !this.record) return;
    if (!this.stopRecording) return this.begin();
    if (document.getElementsByTagName("*").length > MOST_ELEMENTS) return this.refuse();
    this.clear();
    this.lost = false;
    this.record.takeFullSnapshot();
    this.move("on");
  }

  private take(event: RecordedEvent, nodes: PageNodes): void {
    if (this.state === "too_large" || !filterEvent(event, nodes, () => this.page.url())) return;
    this.waiting.push(JSON.stringify(event));
    this.whole ||= event.type === FULL_SNAPSHOT;
    this.batch ??= setTimeout(() => this.flush(), BATCH);
  }

  private flush(): void {
    this.batch = undefined;
    const { waiting: events, whole } = this;
    this.clear();
    // Without what is missing the rest makes no picture.
    if (this.lost || events.length === 0) return;
    const pieces = this.pieces.cut(events);
    // A change that is too large, such as a table built again, may leave a page that is not.
    if (!pieces && whole) return this.refuse();
    if (pieces && this.page.give(pieces)) return;
    this.lost = true;
    this.pace.ask();
  }

  /** The page is too large: nothing is recorded until the server asks once more. */
  private refuse(): void {
    this.stopRecording?.();
    this.stopRecording = undefined;
    this.clear();
    this.page.tooLarge(this.pieces.page);
    this.move("too_large");
  }

  /** Forget what waits to be sent. */
  private clear(): void {
    this.waiting = [];
    this.whole = false;
  }

  private move(state: RecorderState): void {
    if (state === this.state) return;
    this.state = state;
    this.page.changed();
  }
}

const idle = (): Promise<void> =>
  new Promise((resolve) => {
    if ("requestIdleCallback" in window) requestIdleCallback(() => resolve(), { timeout: LONGEST_WAIT });
    else setTimeout(resolve, BATCH);
  });

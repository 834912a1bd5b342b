/** The picture of the shopper's page: rrweb's replay of it in a sandboxed document, where nothing runs. */

import { Replayer } from "@rrweb/replay";
import { elementAt, type PageThing, thingsOf } from "./page-things";
import { type SafeEvent, safeEvents } from "./safe-events";

type ReplayedEvent = Exclude<Parameters<Replayer["addEvent"]>[0], string>;

const SNAPSHOT = 2;
const META = 4;
/** Parts that are private look like that on purpose, and not like a mistake. */
const HATCH =
  "repeating-linear-gradient(135deg, rgb(120 120 120 / 0.28) 0 5px, transparent 5px 10px) !important";
const LOOK = [
  `[data-ringback-hidden], [data-ringback-box] { background-image: ${HATCH}; }`,
  `[data-ringback-hidden="area"]:empty::before { content: "••••••••"; }`,
  // A frame has a size even where nothing says which.
  `[data-ringback-hidden="frame"], [data-ringback-box] {
    display: block !important; min-height: 4rem; outline: 1px dashed rgb(120 120 120 / 0.7); outline-offset: -1px;
  }`,
];

/** What became of events: `shown`; `behind`: something was missing; `lost`: only a new snapshot helps. */
export type Shown = "shown" | "behind" | "lost";

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Where something is in the picture, in the shopper's own pixels. */
export interface Box extends Size {
  readonly left: number;
  readonly top: number;
}

export interface At {
  readonly node: number;
  /** From the left and the top of its box, as shares of its width and height. */
  readonly dx: number;
  readonly dy: number;
}

export class Picture {
  /** Of the shopper's window. */
  size: Size = { width: 1024, height: 768 };
  private replayer: Replayer | null = null;
  private meta: SafeEvent | null = null;
  private clock = 0;
  private outcome: Shown = "shown";

  constructor(
    private readonly root: HTMLElement,
    private readonly resized: (size: Size) => void = () => {},
  ) {}

  /** Whether there is something to see. */
  get stands(): boolean {
    return this.replayer !== null;
  }

  /** Another document begins: nothing of this one is left. */
  clear(): void {
    this.destroy(this.replayer);
    this.replayer = this.meta = null;
  }

  /** Show what happened. Throws nothing. */
  show(events: readonly unknown[]): Shown {
    this.outcome = "shown";
    try {
      const { events: safe, hidden } = safeEvents(events, (id) => this.element(id)?.tagName ?? "");
      for (const event of safe) this.replay(event);
      for (const id of hidden) this.hide(id);
      this.forget();
    } catch (error) {
      console.warn("What the shopper's page sent cannot be shown.", error);
      this.outcome = "lost";
    }
    return this.outcome;
  }

  /** The element at a point of the picture, in the shopper's pixels; null: there is none. */
  at(x: number, y: number): At | null {
    const root = this.document;
    if (!root) return null;
    for (let found = elementAt(root, x, y); found; found = found.parentElement) {
      const node = this.idOf(found);
      if (node === null) continue;
      const box = found.getBoundingClientRect();
      return {
        node,
        dx: share(x - box.left, box.width),
        dy: share(y - box.top, box.height),
      };
    }
    return null;
  }

  /** Where an element is; null: nowhere to be seen. */
  boxOf(node: number): Box | null {
    const found = this.element(node);
    if (!found?.isConnected) return null;
    const { height, left, top, width } = found.getBoundingClientRect();
    return width > 0 || height > 0 ? { height, left, top, width } : null;
  }

  /** Fields, buttons and links of the page, in its order. */
  things(): readonly PageThing[] {
    const root = this.document;
    return root ? thingsOf(root, (element) => this.idOf(element)) : [];
  }

  /** One element, as the list of them would name it. */
  thing(node: number): PageThing | null {
    const found = this.element(node);
    return found ? (thingsOf(found, (element) => this.idOf(element), true)[0] ?? null) : null;
  }

  private get document(): Document | null {
    return this.replayer?.iframe.contentDocument ?? null;
  }

  private element(id: number): HTMLElement | null {
    const node = this.replayer?.getMirror().getNode(id) ?? null;
    return node?.nodeType === Node.ELEMENT_NODE ? (node as HTMLElement) : null;
  }

  private idOf(element: Element): number | null {
    const id = this.replayer?.getMirror().getId(element) ?? -1;
    return id > 0 ? id : null;
  }

  private replay(event: SafeEvent): void {
    if (event.type === META || (event.type === 3 && event.data["source"] === 4)) this.resize(event.data);
    if (event.type === META) this.meta = event;
    if (event.type === SNAPSHOT) {
      // What an older snapshot left (sheets, names, custom elements) is gone with its replayer.
      const before = this.replayer;
      this.replayer = this.make();
      if (this.meta) this.cast(this.meta);
      this.cast(event);
      this.destroy(before);
      return;
    }
    if (event.type === META) return;
    if (!this.replayer) {
      this.outcome = "lost";
      return;
    }
    this.cast(event);
  }

  private make(): Replayer {
    const problem = (): void => {
      if (this.outcome === "shown") this.outcome = "behind";
    };
    const made = new Replayer([], {
      root: this.root,
      liveMode: true,
      mouseTail: false,
      triggerFocus: false,
      useVirtualDom: false,
      pauseAnimation: false,
      UNSAFE_replayCanvas: false,
      insertStyleRules: LOOK,
      // It tells of each node that it does not find, and of each change that does not fit.
      showWarning: true,
      logger: { log: () => {}, warn: problem },
    });
    // Everything is in the past, so that it is shown at once, and what goes wrong is told here.
    made.startLive(Number.MAX_SAFE_INTEGER);
    const { iframe } = made;
    iframe.tabIndex = -1;
    iframe.title = "The shopper’s page, as a picture";
    return made;
  }

  private cast(event: SafeEvent): void {
    event.timestamp = this.clock += 1;
    this.replayer?.service.send({
      type: "ADD_EVENT",
      payload: { event: event as unknown as ReplayedEvent },
    });
  }

  /** Live replays keep all that they ever showed: there is no way back here. */
  private forget(): void {
    this.replayer?.service.state.context.events.splice(0);
  }

  private resize({ height, width }: Readonly<Record<string, unknown>>): void {
    this.size = { width: Number(width), height: Number(height) };
    this.resized(this.size);
  }

  private hide(id: number): void {
    const node = this.replayer?.getMirror().getNode(id);
    const element = node?.nodeType === Node.ELEMENT_NODE ? (node as HTMLElement) : node?.parentElement;
    if (!element?.hasAttribute("data-ringback-hidden")) element?.setAttribute("data-ringback-hidden", "text");
  }

  private destroy(replayer: Replayer | null): void {
    try {
      replayer?.destroy();
    } catch (error) {
      console.warn(error);
      replayer?.wrapper.remove();
    }
  }
}

function share(of: number, whole: number): number {
  return whole > 0 ? Math.min(Math.max(of / whole, 0), 1) : 0.5;
}

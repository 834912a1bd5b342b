/** Where an agent points: a frame round an element with the agent's name and word, and their pointer. Over the page. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, state } from "lit/decorators.js";
import { base } from "../styles";
import { labelPlace, textsAbout, type Box, type Spot } from "./label-place";

interface Mark {
  readonly element: Element;
  readonly agent: string;
  readonly word: string;
}

interface Pointer {
  readonly element: Element;
  readonly agent: string;
  readonly dx: number;
  readonly dy: number;
}

/** Ms that a frame stays, and a pointer that does not move. */
const MARKED_FOR = 15_000;
const POINTED_FOR = 5_000;
/** Px between an element and its frame. */
const GAP = 4;

@customElement("ringback-pointer-layer")
export class PointerLayer extends LitElement {
  @state() private marked: Mark | null = null;
  @state() private pointer: Pointer | null = null;
  private unmark: ReturnType<typeof setTimeout> | undefined;
  private unpoint: ReturnType<typeof setTimeout> | undefined;
  private frame = 0;

  static override styles = [
    base,
    css`
      :host {
        position: fixed;
        inset: 0;
        overflow: hidden;
        pointer-events: none;
      }
      .box,
      .arrow {
        position: absolute;
        inset: 0 auto auto 0;
      }
      .box {
        border: 3px solid var(--call);
        border-radius: 8px;
        box-shadow:
          0 0 0 2px var(--card),
          0 0 0 6px color-mix(in srgb, var(--call) 30%, transparent);
      }
      .name {
        position: absolute;
        inset-block-start: calc(100% + 6px);
        inset-inline-start: -3px;
        width: max-content;
        max-width: min(18rem, 80vw);
        padding: 0.15rem 0.65rem;
        border-radius: 8px;
        background: var(--call);
        color: var(--call-ink);
        font-size: 0.9375rem;
        font-weight: 650;
        line-height: 1.4;
        overflow-wrap: anywhere;
      }
      .box .name {
        inset: -3px auto auto -3px;
      }
      .arrow svg {
        width: 1.4rem;
        height: 1.4rem;
        fill: var(--call);
        stroke: var(--card);
        stroke-width: 1.5;
      }
      .arrow .name {
        inset-block-start: 1.2rem;
        inset-inline-start: 0.9rem;
      }
    `,
  ];

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.clear();
  }

  mark(element: Element, agent: string, word: string): void {
    this.marked = { element, agent, word };
    clearTimeout(this.unmark);
    this.unmark = setTimeout(() => (this.marked = null), MARKED_FOR);
    // Where the shopper is, nobody has to point any more.
    element.addEventListener("input", () => this.done(element), { once: true });
    this.pointer = null;
    this.follow();
  }

  point(element: Element, agent: string, dx: number, dy: number): void {
    this.pointer = { element, agent, dx, dy };
    clearTimeout(this.unpoint);
    this.unpoint = setTimeout(() => (this.pointer = null), POINTED_FOR);
    this.follow();
  }

  clear(): void {
    this.marked = this.pointer = null;
    clearTimeout(this.unmark);
    clearTimeout(this.unpoint);
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  }

  protected override updated(): void {
    this.place();
  }

  protected override render() {
    const { marked, pointer } = this;
    return html`
      ${
        marked
          ? html`<div class="box">
              <span class="name" dir="auto"
                >${marked.agent}${marked.word ? `: ${marked.word}` : nothing}</span
              >
            </div>`
          : nothing
      }
      ${
        pointer
          ? html`<div class="arrow">
              <svg viewBox="0 0 24 24" aria-hidden="true">
                <path d="M3 2l17 8-7.5 2.500L9.500 21z"></path>
              </svg>
              <span class="name" dir="auto">${pointer.agent}</span>
            </div>`
          : nothing
      }
    `;
  }

  private done(element: Element): void {
    if (this.marked?.element === element) this.marked = null;
  }

  /** The page scrolls and changes: while something is shown, it stays where the element is. */
  private follow(): void {
    if (this.frame !== 0) return;
    const step = (): void => {
      this.frame = 0;
      this.place();
      if (this.marked || this.pointer) this.frame = requestAnimationFrame(step);
    };
    this.frame = requestAnimationFrame(step);
  }

  private place(): void {
    const box = this.renderRoot.querySelector<HTMLElement>(".box");
    if (box && this.marked) {
      const { element } = this.marked;
      const { left, top, width, height } = boxOf(element);
      const frame = { left: left - GAP, top: top - GAP, width: width + 2 * GAP, height: height + 2 * GAP };
      box.hidden = !element.isConnected || width + height === 0;
      move(box, frame);
      box.style.width = `${frame.width}px`;
      box.style.height = `${frame.height}px`;
      const word = box.firstElementChild as HTMLElement;
      const bar = (this.getRootNode() as ShadowRoot).querySelector("ringback-view-bar");
      const spot = labelPlace(
        frame,
        { width: word.offsetWidth, height: word.offsetHeight },
        [...textsAbout(element), ...(bar ? [bar] : [])].map(boxOf),
        { width: innerWidth, height: innerHeight },
        getComputedStyle(this).direction === "rtl",
      );
      move(word, { left: spot.left - frame.left, top: spot.top - frame.top });
    }
    const arrow = this.renderRoot.querySelector<HTMLElement>(".arrow");
    if (arrow && this.pointer) {
      const { dx, dy, element } = this.pointer;
      const { left, top, width, height } = boxOf(element);
      arrow.hidden = !element.isConnected;
      move(arrow, { left: left + dx * width, top: top + dy * height });
    }
  }
}

function move(element: HTMLElement, { left, top }: Spot): void {
  element.style.transform = `translate(${left}px, ${top}px)`;
}

/** In the window, out of the frames that it lies in. */
function boxOf(element: Element): Box {
  const { left, top, width, height } = element.getBoundingClientRect();
  const place = { left, top, width, height };
  for (let frame = frameOf(element); frame; frame = frameOf(frame)) {
    const outer = frame.getBoundingClientRect();
    place.left += outer.left + frame.clientLeft;
    place.top += outer.top + frame.clientTop;
  }
  return place;
}

const frameOf = (element: Element): Element | null => element.ownerDocument.defaultView?.frameElement ?? null;

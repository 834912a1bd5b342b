/** The document in which an agent sees a shopper's page, and helps on it. It gets its token from the desk around it. */

import { html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import { warningIcon } from "../icons";
import { base, buttons, notices } from "../styles";
import type { Chosen } from "./act-panel";
import "./act-panel";
import "./done-list";
import { documentLayout } from "./document-layout";
import type { ActPanel } from "./act-panel";
import { Picture, type Shown, type Size } from "./picture";
import { readSeam } from "./seam";
import { ShownView } from "./shown-view";
import type { PageThing } from "./page-things";
import { ViewLine } from "./view-line";
import { endedWords, leftWords, PAUSED_WORDS, SCOPE_WORDS, scopeList } from "./view-words";

/** Ms between two looks at what there is to choose on the page, while it changes. */
const LOOK_EVERY = 500;

@customElement("shared-view-document")
export class SharedViewDocument extends LitElement {
  private picture: Picture | null = null;
  private readonly view = new ShownView(
    (message) => this.line.say(message),
    (events) => this.shown(events),
    () => this.cleared(),
    () => this.requestUpdate(),
  );
  private readonly line = new ViewLine(
    (view) =>
      new URL(`../../v1/agents/views/${encodeURIComponent(view)}`, document.baseURI).href.replace(
        /^http/,
        "ws",
      ),
    () => parent.postMessage({ ringback: "token_wanted" }, location.origin),
    (message) => this.view.hear(message),
    () => this.requestUpdate(),
  );
  @state() private size: Size = { width: 1024, height: 768 };
  @state() private scale = 1;
  @state() private chosen: Chosen | null = null;
  @state() private things: readonly PageThing[] = [];
  @query(".paper") private paper!: HTMLElement | null;
  @query(".stage") private stage!: HTMLElement | null;
  @query(".pictures") private pictures!: HTMLElement | null;
  @query(".frame") private frame!: HTMLElement | null;
  @query(".dot") private dot!: HTMLElement | null;
  @query("act-panel") private panel!: ActPanel | null;
  private looking: ReturnType<typeof setTimeout> | undefined;
  private readonly resizing = new ResizeObserver(() => this.fit());
  private ticking: ReturnType<typeof setInterval> | undefined;

  static override styles = [base, buttons, notices, documentLayout];

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("message", this.heard);
    // Alone, this document has nobody who could give it a token.
    if (parent !== window) this.line.begin();
    this.ticking = setInterval(() => {
      this.mark();
      this.requestUpdate();
    }, 1_000);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("message", this.heard);
    this.resizing.disconnect();
    clearInterval(this.ticking);
    clearTimeout(this.looking);
  }

  protected override firstUpdated(_: PropertyValues): void {
    if (!this.pictures || !this.stage) return;
    this.picture = new Picture(this.pictures, (size) => {
      this.size = size;
    });
    this.resizing.observe(this.stage);
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has("size")) this.fit();
    this.mark();
  }

  protected override render() {
    const { view } = this;
    return html`<header>
        <p class="where">
          <b dir="auto">${view.page?.title || "The shopper’s page"}</b>
          <span class="soft" dir="ltr">${view.page?.url ?? ""}</span>
        </p>
        <p class="soft facts">
          ${view.page ? html`<span>Their window: ${this.size.width} × ${this.size.height}</span>` : nothing}
          ${
            view.endsAt !== null && view.ended === null
              ? html`<span>${leftWords((view.endsAt - Date.now()) / 1000)}</span>`
              : nothing
          }
          ${view.agents.length > 1 ? html`<span>Looking: ${view.agents.join(", ")}</span>` : nothing}
        </p>
        <p class="agreed" role="status">
          ${
            view.agreed.length > 0
              ? html`<span>They let you <b>${scopeList(view.agreed)}</b>.</span>`
              : nothing
          }
          ${view.declined ? html`<span>They said no to more.</span>` : nothing}
          ${view.asking.length > 0 ? html`<span>Asking whether you may ${scopeList(view.asking)}…</span>` : nothing}
        </p>
        <p class="more">
          ${view.more
            .filter((scope) => !view.asking.includes(scope))
            .map(
              (scope) =>
                html`<button class="button plain small" @click=${() => view.ask([scope])}>
                  Ask to ${SCOPE_WORDS[scope]}
                </button>`,
            )}
        </p>
      </header>
      <main>
        <div class="stage">
          <div class="paper ${this.picture?.stands ? "" : "empty"}">
            <div class="pictures"></div>
            <div class="over" @pointermove=${this.moved} @click=${this.picked}></div>
            <div class="frame" hidden></div>
            <div class="dot" hidden></div>
          </div>
          ${this.renderNotice()}
        </div>
        <aside aria-label="Help on this page">
          <act-panel
            .view=${view}
            .things=${this.things}
            .chosen=${this.chosen}
            .tick=${[view.agreed, view.ended, view.done]}
            @choose=${({ detail }: CustomEvent<PageThing | null>) => this.choose(detail)}
          ></act-panel>
          <done-list .done=${view.done}></done-list>
          <p class="soft legend"><span class="hatch" aria-hidden="true"></span> Hidden for privacy</p>
        </aside>
      </main>`;
  }

  /** What keeps the agent from seeing the page, in words. */
  private renderNotice() {
    const { line, view } = this;
    const retry = html`<button class="button plain small" @click=${() => view.retry()}>Try again</button>`;
    const say = (words: string, more: unknown = nothing) =>
      html`<div class="notice" role="status">
        ${warningIcon}
        <p><b>${words}</b></p>
        ${more}
      </div>`;
    if (view.ended !== null) return say(`The shared view is over. ${endedWords(view.ended)}`);
    if (line.stands === "elsewhere") return say("This view is open in another window of yours.");
    if (line.stands === "over") return say("The shared view is over.");
    if (line.stands === "lost") return say("The connection is lost. Connecting again…");
    if (view.tooLarge) return say("This page is too large to be shown.", retry);
    if (view.broken) return say("This page cannot be shown.", retry);
    if (view.paused) return say(PAUSED_WORDS[view.paused]);
    return this.picture?.stands ? nothing : say("Connecting to the shopper’s page…");
  }

  private readonly heard = (event: MessageEvent<unknown>): void => {
    const message = readSeam(event, parent === window ? null : parent, location.origin);
    if (message?.ringback === "token") this.line.connect(message.view, message.token);
  };

  private shown(events: readonly unknown[]): Shown {
    const shown = this.picture?.show(events) ?? "lost";
    this.looking ??= setTimeout(() => {
      this.looking = undefined;
      this.look();
    }, LOOK_EVERY);
    return shown;
  }

  private cleared(): void {
    this.picture?.clear();
    this.things = [];
    this.chosen = null;
  }

  /** What there is to choose from now. */
  private look(): void {
    this.things = this.picture?.things() ?? [];
    if (this.chosen && !this.picture?.thing(this.chosen.thing.node)) this.chosen = null;
    this.mark();
  }

  /** The whole of the shopper's window fits. */
  private fit(): void {
    const { paper, size, stage } = this;
    if (!paper || !stage) return;
    const { height, width } = stage.getBoundingClientRect();
    this.scale = Math.min(1, Math.max(0.05, Math.min(width / size.width, height / size.height)));
    place(paper, { left: 0, top: 0, width: size.width, height: size.height });
    paper.style.setProperty("--scale", String(this.scale));
    paper.style.setProperty("--left", `${Math.max(0, (width - size.width * this.scale) / 2)}px`);
  }

  /** Marks over the picture: what is chosen, and the shopper's pointer. */
  private mark(): void {
    const box = this.chosen ? (this.picture?.boxOf(this.chosen.thing.node) ?? null) : null;
    if (this.frame) {
      this.frame.hidden = box === null;
      if (box) place(this.frame, box);
    }
    const { pointer } = this.view;
    const pointed = pointer ? (this.picture?.boxOf(pointer.node) ?? null) : null;
    if (!this.dot) return;
    this.dot.hidden = pointed === null;
    if (pointer && pointed) {
      const left = pointed.left + pointer.dx * pointed.width;
      place(this.dot, { left, top: pointed.top + pointer.dy * pointed.height, width: 22, height: 22 });
    }
  }

  private at({ clientX, clientY }: MouseEvent) {
    if (!this.paper) return null;
    const { left, top } = this.paper.getBoundingClientRect();
    return this.picture?.at((clientX - left) / this.scale, (clientY - top) / this.scale) ?? null;
  }

  private readonly moved = (event: PointerEvent): void => {
    const at = this.at(event);
    if (at) this.view.point(at.node, at.dx, at.dy);
  };

  private readonly picked = (event: MouseEvent): void => {
    const at = this.at(event);
    const thing = at ? (this.picture?.thing(at.node) ?? null) : null;
    this.choose(thing);
    if (thing) void this.updateComplete.then(() => this.panel?.focusChosen());
  };

  private choose(thing: PageThing | null): void {
    this.chosen = thing ? { thing } : null;
  }
}

/** Put it there; sizes come from the shopper's page, so they are set as properties and not as text. */
function place(
  element: HTMLElement,
  box: { left: number; top: number; width: number; height: number },
): void {
  for (const side of ["left", "top", "width", "height"] as const)
    element.style.setProperty(side, `${box[side]}px`);
}

/** All that is drawn of a shared view: question, code, bar, suggestions, and where an agent points. */

import { html, LitElement, nothing } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import type { Deed, Scope } from "@ringback/call-client/shared-view";
import type { PanelContext } from "../../../page/src/widget-seam";
import { announce, Announcer } from "../announcer";
import { closeIcon } from "../icons";
import { base } from "../styles";
import type { SharedViewNews } from "../view-seam";
import { words } from "../words";
import type { Offer } from "./actor";
import "./code-card";
import "./consent-card";
import { deedWords } from "./deed-words";
import "./offer-card";
import "./pointer-layer";
import type { PointerLayer } from "./pointer-layer";
import { SharedView } from "./shared-view";
import "./view-bar";
import { viewStyles } from "./view-styles";
import { speakOfViews, viewWords } from "./view-words";

/** Ms that the end is told. */
const FAREWELL = 8_000;

@customElement("ringback-view")
export class ViewElement extends LitElement {
  @state() private low = false;
  /** What a screen reader is told of it: not less than what the call says meanwhile. */
  @state() private said = "";
  @query("ringback-pointer-layer") private layer!: PointerLayer | null;
  private readonly view: SharedView;
  private readonly announcer = new Announcer((said) => (this.said = said));
  private told: string | null = null;
  private readonly lift = (event: Event): void => {
    // A dialog of the shop's lies above everything, and makes the rest inert.
    const opened = (event as ToggleEvent).newState !== "closed" && event.target !== this.getRootNode();
    if (opened && this.view.goesOn) setTimeout(() => this.context.lift?.());
  };

  static override styles = [base, viewStyles];

  constructor(
    private readonly context: PanelContext,
    private readonly changed: () => void,
  ) {
    super();
    this.addEventListener("announce", (event) => {
      event.stopPropagation();
      this.announcer.say((event as CustomEvent<string>).detail);
    });
    const { base, site } = context;
    this.view = new SharedView({
      base,
      site,
      url: () => context.page().url,
      changed: () => this.redraw(),
      mark: (element, agent, word) => this.layer?.mark(element, agent, word),
      pointed: (element, agent, dx, dy) => this.layer?.point(element, agent, dx, dy),
      clear: () => this.layer?.clear(),
      told: (deed) => this.tell(deed),
    });
  }

  /** Whether a view goes on, or its code is shown. */
  get live(): boolean {
    return this.view.goesOn;
  }

  hear(news: SharedViewNews): void {
    this.view.hear(news);
  }

  showCode(): void {
    void this.view.showCode();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener("toggle", this.lift, true);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener("toggle", this.lift, true);
    this.announcer.stop();
  }

  protected override render() {
    const { view } = this;
    const { live } = view;
    return html`
      ${view.isOn ? html`<div class="frame" aria-hidden="true"></div>` : nothing}
      <ringback-pointer-layer aria-hidden="true"></ringback-pointer-layer>
      <div class="place ${this.low ? "low" : ""}" lang=${words.language}>
        ${
          view.isOn && live
            ? html`<ringback-view-bar
                .view=${live.state}
                .deeds=${view.deeds}
                .recorder=${view.recorder.state}
                ?low=${this.low}
                @end=${() => view.end()}
                @move=${() => (this.low = !this.low)}
                @revoked=${(event: CustomEvent<Scope>) => view.revoke(event.detail)}
              ></ringback-view-bar>`
            : nothing
        }
        ${
          live?.state.question
            ? html`<ringback-consent
                .question=${live.state.question}
                ?more=${view.isOn}
                @answered=${(event: CustomEvent<readonly Scope[]>) => view.answer(event.detail)}
              ></ringback-consent>`
            : nothing
        }
        ${
          view.code
            ? html`<ringback-code
                .code=${view.code}
                @again=${() => this.anotherCode()}
                @put-away=${() => view.hideCode()}
              ></ringback-code>`
            : nothing
        }
        ${view.farewell === null ? nothing : this.renderFarewell(view.farewell)}
      </div>
      ${view.offer ? this.renderOffer(view.offer) : nothing}
      <div class="visually-hidden" aria-live="polite" lang=${words.language}>${this.said}</div>
    `;
  }

  /** Where it does not hide the field that it is about. */
  private renderOffer(offer: Offer) {
    const box = offer.element?.getBoundingClientRect();
    const low = this.low !== (box !== undefined && box.top + box.height / 2 < innerHeight / 2);
    return html`<div class="place ${low ? "low" : "under"}" lang=${words.language}>
      <ringback-offer .offer=${offer}></ringback-offer>
    </div>`;
  }

  private renderFarewell(reason: string) {
    return html`<div class="note">
      <p>${viewWords.ended[reason] ?? viewWords.over}</p>
      <button class="close" aria-label=${viewWords.close} @click=${() => this.view.forgetFarewell()}>
        ${closeIcon}
      </button>
    </div>`;
  }

  protected override updated(): void {
    const { farewell } = this.view;
    if (farewell === this.told) return;
    this.told = farewell;
    if (farewell === null) return;
    announce(this, viewWords.ended[farewell] ?? viewWords.over);
    setTimeout(() => this.view.farewell === farewell && this.view.forgetFarewell(), FAREWELL);
  }

  private anotherCode(): void {
    this.view.hideCode();
    this.showCode();
  }

  private tell(deed: Deed): void {
    announce(this, deedWords(deed));
  }

  private redraw(): void {
    this.requestUpdate();
    this.changed();
  }
}

/** The element for this page, in the panel's language. */
export async function enterView(context: PanelContext, changed: () => void): Promise<ViewElement> {
  await speakOfViews(words.language);
  return new ViewElement(context, changed);
}

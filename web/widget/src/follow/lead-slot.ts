/** The panel's own form, where nobody is there: a file of its own, which comes when the shopper opens it. */

import type { Json } from "@ringback/call-client";
import { html, nothing, type ReactiveController, type ReactiveControllerHost } from "lit";
import type { PanelContext } from "../../../page/src/widget-seam";
import { loadPart } from "../later-part";
import type { SitePlan } from "../plan";
import type { Typed } from "../typed";
import { words } from "../words";

export class LeadSlot implements ReactiveController {
  private open = false;
  private loaded = false;

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly context: PanelContext,
    private readonly passed: () => Readonly<Record<string, Json>>,
    private readonly keep: (typed: Typed) => void,
  ) {
    host.addController(this);
  }

  hostConnected(): void {}

  /** The form, or the button that opens it; nothing where the site has none, or somebody is there to talk. */
  render(plan: SitePlan, typed: Typed) {
    const { form, states, ways } = plan;
    const someone = ways.some((way) => states[way] === "open");
    if (!form || (someone && !form.always)) return nothing;
    if (ways.length > 0 && !this.open)
      return html`<button class="button plain wide" @click=${this.show}>${words.write}</button>`;
    if (!this.loaded) loadPart(() => import("./lead-form"));
    this.loaded = true;
    return html`<ringback-lead
      .context=${this.context}
      .passed=${this.passed}
      .plan=${plan}
      .typed=${typed}
      @typed=${(event: CustomEvent<Typed>) => this.keep(event.detail)}
    ></ringback-lead>`;
  }

  private readonly show = (): void => {
    this.open = true;
    this.host.requestUpdate();
  };
}

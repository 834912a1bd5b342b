/** Reports: the figures, the list behind a number, and the story of one call or chat. */

import { html, LitElement } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { ScreenContext, ScreenElement } from "../screens";
import "./report-view";
import "./span-list";
import "./talk-list";
import "./talk-story";

@customElement("reports-screen")
export class ReportsScreen extends LitElement implements ScreenElement {
  @property({ attribute: false }) context!: ScreenContext;

  protected override render() {
    const { context } = this;
    const [channel, what] = context.place.path;
    if (channel === "agents" && what === "list") return html`<span-list .context=${context}></span-list>`;
    if (what === "list") return html`<talk-list .context=${context}></talk-list>`;
    if (what === "talk") return html`<talk-story .context=${context}></talk-story>`;
    return html`<report-view .context=${context}></report-view>`;
  }
}

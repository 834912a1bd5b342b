/** The shared views that run, for supervisors: who sees the page of which shop, and the page of the one they watch. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import type { RunningView } from "../messages";
import { base, buttons } from "../styles";
import type { DeskViews } from "./desk-views";
import { readSeam } from "./seam";

@customElement("views-board")
export class ViewsBoard extends LitElement {
  @property({ attribute: false }) views!: DeskViews;
  @property({ attribute: false }) tick: unknown;
  @query("iframe") private frame!: HTMLIFrameElement | null;

  static override styles = [
    base,
    buttons,
    css`
      .card {
        padding: 1.25rem 1.3rem 1.4rem;
      }
      h2 {
        margin-bottom: 0.7rem;
      }
      li {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: center;
        gap: 0.2rem 0.8rem;
        padding: 0.55rem 0;
        border-top: 1px solid var(--line);
      }
      iframe {
        display: block;
        width: 100%;
        height: clamp(26rem, 76vh, 54rem);
        margin-top: 0.8rem;
        border: 1px solid var(--line);
        border-radius: 12px;
        background: var(--card);
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    window.addEventListener("message", this.heard);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("message", this.heard);
  }

  protected override render() {
    const { watched, watchedOver } = this.views;
    const running = this.views.running ?? [];
    return html`<section class="card" aria-labelledby="views">
      <h2 id="views">Shared views</h2>
      <p class="soft" role="status">
        ${watchedOver ? "The shared view that you watched is over." : running.length === 0 ? "Nobody looks at a shopper’s page now." : nothing}
      </p>
      <ul>
        ${running.map((view) => this.renderRow(view, view.view === watched))}
      </ul>
      ${
        watched
          ? html`<iframe
              src="view/?view=${encodeURIComponent(watched)}"
              title="The shopper’s page"
              allow=""
              referrerpolicy="no-referrer"
            ></iframe>`
          : nothing
      }
    </section>`;
  }

  private renderRow({ agent, agents, site, state, view }: RunningView, isWatched: boolean) {
    const others = agents.filter((each) => each !== agent);
    return html`<li>
      <span>
        <bdi>${agent}</bdi>
        <span class="soft">
          · <bdi>${site}</bdi>${state === "paused" ? " · paused" : nothing}${
            others.length > 0 ? html` · also watched by <bdi>${others.join(", ")}</bdi>` : nothing
          }
        </span>
      </span>
      <button
        class="button plain small"
        aria-label=${isWatched ? `Stop watching ${agent}` : `Watch ${agent}`}
        @click=${() => this.views.watch(isWatched ? null : view)}
      >
        ${isWatched ? "Stop watching" : "Watch"}
      </button>
    </li>`;
  }

  private readonly heard = (event: MessageEvent<unknown>): void => {
    const to = this.frame?.contentWindow ?? null;
    const view = this.views.watched;
    if (readSeam(event, to, location.origin)?.ringback !== "token_wanted" || view === null) return;
    this.views.token(view, (token) => to?.postMessage({ ringback: "token", view, token }, location.origin));
  };
}

/** Nobody calls: whether the agent may be rung, and how to change that. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import type { Choice, Desk } from "./desk";
import { headsetIcon, awayIcon, tabsIcon } from "./icons";
import "./problem-notice";
import { base, buttons } from "./styles";

@customElement("status-card")
export class StatusCard extends LitElement {
  @property({ attribute: false }) desk!: Desk;
  @property({ attribute: false }) tick: unknown;
  @query("h1") private heading!: HTMLElement;

  static override styles = [
    base,
    buttons,
    css`
      .card {
        padding: 2.6rem clamp(1.15rem, 5vw, 2.5rem) 2.4rem;
        text-align: center;
      }
      .lamp {
        display: grid;
        place-items: center;
        width: 5.5rem;
        height: 5.5rem;
        margin: 0 auto 1.4rem;
        border-radius: 50%;
        background: var(--sunk);
        color: var(--ink-soft);
        transition: background 0.3s;
      }
      .lamp svg {
        width: 2.6rem;
        height: 2.6rem;
      }
      .available .lamp {
        background: var(--call);
        color: var(--call-ink);
        box-shadow: 0 0 0 10px var(--call-soft);
      }
      .busy .lamp {
        background: var(--brand-soft);
        color: var(--brand);
      }
      h1 + p {
        max-width: 26rem;
        margin: 0.4rem auto 1.7rem;
        text-wrap: pretty;
      }
      fieldset {
        display: inline-grid;
        grid-template-columns: 1fr 1fr;
        gap: 0.3rem;
        width: min(100%, 21rem);
        margin: 0;
        padding: 0.3rem;
        border: 0;
        border-radius: 999px;
        background: var(--sunk);
      }
      legend {
        padding: 0;
      }
      fieldset label {
        position: relative;
        display: flex;
        align-items: center;
        justify-content: center;
        gap: 0.6rem;
        min-height: 2.9rem;
        border-radius: 999px;
        font-weight: 650;
        color: var(--ink-soft);
        cursor: pointer;
      }
      fieldset label:hover {
        color: var(--ink);
      }
      fieldset label:has(:checked) {
        background: light-dark(#fff, #2c394a);
        color: var(--ink);
        box-shadow: 0 1px 4px rgb(0 0 0 / 0.18);
      }
      fieldset label:has(:focus-visible) {
        outline: 3px solid var(--focus);
        outline-offset: 2px;
      }
      fieldset input {
        position: absolute;
        inset: 0;
        margin: 0;
        opacity: 0;
        cursor: pointer;
      }
      .dot {
        width: 0.7rem;
        height: 0.7rem;
        border-radius: 50%;
        border: 2px solid var(--control);
      }
      :checked ~ .dot.on {
        border-color: var(--call);
        background: var(--call);
      }
      :checked ~ .dot.off {
        border-color: var(--amber);
        background: var(--amber);
      }
      problem-notice {
        max-width: 30rem;
        margin: 0 auto 1.4rem;
      }
      .take {
        margin-bottom: 1.4rem;
      }
    `,
  ];

  override focus(): void {
    this.heading.focus();
  }

  protected override render() {
    const { choice, elsewhere, me } = this.desk;
    const [look, title, words] =
      this.desk.line?.state === "too_many"
        ? [
            "busy",
            "Too many tabs of this page are open",
            "What this tab shows may be out of date. Close other tabs, and this one reconnects by itself.",
          ]
        : elsewhere
          ? [
              "busy",
              `You are in a call with ${elsewhere.ring.site || "a visitor"}`,
              "Continue in your other tab. If you closed it, bring the call here: the caller is still on the line.",
            ]
          : me?.state === "on_call"
            ? ["busy", "You are talking in another tab", "No other call rings until you hang up."]
            : me?.state === "wrap_up"
              ? ["busy", "You are wrapping up", "The next call can ring when you are done."]
              : me?.state === "unknown"
                ? ["busy", "Your state is new to this page", "Reload the page to get its newest version."]
                : choice === "available"
                  ? [
                      "available",
                      "You are available",
                      this.desk.calls.settings.own_phone
                        ? "Calls ring on your phone, and this page shows who is calling. Keep it open, in the background if you like."
                        : "Calls ring here. Keep this page open, in the background if you like.",
                    ]
                  : ["away", "You are away", "No calls ring here. Choose Available when you are ready."];
    return html`<section class="card ${look}" aria-labelledby="state">
      <span class="lamp">${look === "busy" ? tabsIcon : look === "available" ? headsetIcon : awayIcon}</span>
      <h1 id="state" tabindex="-1">${title}</h1>
      <p class="soft">${words}</p>
      ${
        me?.paused && me.paused.length > 0
          ? html`<p class="soft" role="status">
              Your phone is paused in the PBX: <bdi>${me.paused.join(", ")}</bdi>
            </p>`
          : nothing
      }
      ${
        elsewhere
          ? html`<problem-notice .problem=${elsewhere.problem}></problem-notice>
              <button class="button call take" accesskey="a" @click=${() => void elsewhere.take()}>
                Bring the call here
              </button>`
          : nothing
      }
      <div>
        <fieldset>
          <legend class="visually-hidden">Your availability</legend>
          ${this.renderChoice("available", "Available", "on")} ${this.renderChoice("away", "Away", "off")}
        </fieldset>
      </div>
    </section>`;
  }

  private renderChoice(choice: Choice, words: string, dot: string) {
    return html`<label>
      <input
        type="radio"
        name="choice"
        value=${choice}
        .checked=${this.desk.choice === choice}
        @change=${() => this.desk.choose(choice)}
      />
      <span class="dot ${dot}"></span>${words}
    </label>`;
  }
}

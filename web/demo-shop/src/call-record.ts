/** After the call: its timeline, and what each side heard. */

import { clockWords } from "@ringback/browser-leg";
import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import "./call-recording";
import { type CallStory, fetchCallStory } from "./call-story";
import "./call-timeline";
import { base } from "./styles";

@customElement("call-record")
export class CallRecordPanel extends LitElement {
  @property() callId = "";
  @state() private story: CallStory | null | "coming" = "coming";
  private wanted: AbortController | undefined;

  static override styles = [
    base,
    css`
      :host {
        display: grid;
        gap: 1.5rem;
      }
      h2 {
        font-size: 1.0625rem;
        margin-bottom: 0.75rem;
      }
      section {
        border-top: 1px solid var(--line);
        padding-top: 1.1rem;
      }
      .soft {
        color: var(--ink-soft);
      }
      call-recording + .soft {
        margin-top: 0.75rem;
      }
      .recordings {
        display: grid;
        gap: 1.25rem;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    const wanted = new AbortController();
    this.wanted = wanted;
    fetchCallStory(this.callId, wanted.signal).then(
      (story) => (this.story = story),
      () => (this.story = null),
    );
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.wanted?.abort();
  }

  protected override render() {
    if (this.story === "coming") return html`<p class="soft" role="status">Fetching the call record…</p>`;
    if (this.story === null) return html`<p class="soft">There is no record of this call.</p>`;
    const { legs, message, recordings, talk_seconds } = this.story;
    return html`
      ${
        message === null
          ? nothing
          : html`<section>
              <h2>What the store received</h2>
              <call-recording .recording=${message}></call-recording>
              <p class="soft">Kept for the store, and sent by email or webhook if the settings say so.</p>
            </section>`
      }
      <section>
        <h2>How the call went</h2>
        ${
          legs.length === 0
            ? html`<p>No phone rang: there was nobody to ring.</p>`
            : html`<call-timeline .story=${this.story}></call-timeline>`
        }
      </section>
      ${
        recordings.length === 0
          ? nothing
          : html`<section>
              <h2>What each side heard</h2>
              <div class="recordings">
                ${recordings.map(
                  (recording) => html`<call-recording .recording=${recording}></call-recording>`,
                )}
              </div>
            </section>`
      }
      <p class="soft">
        ${talk_seconds > 0 ? `Talked for ${clockWords(talk_seconds)}. ` : nothing}Call ${this.callId}
      </p>
    `;
  }
}

/** The demo's stories, to choose one from. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property } from "lit/decorators.js";
import type { DemoAgent, Story } from "./demo-setup";
import { base } from "./styles";

/** Fires `choose` with the story that was chosen. */
@customElement("story-choice")
export class StoryChoice extends LitElement {
  @property({ attribute: false }) stories: readonly Story[] = [];
  @property({ attribute: false }) chosen: Story | null = null;
  @property({ attribute: false }) agent!: DemoAgent;

  static override styles = [
    base,
    css`
      fieldset {
        border: 0;
        margin: 0;
        padding: 0;
        min-width: 0;
      }
      legend {
        margin-bottom: 0.75rem;
        padding: 0;
        font-size: 1.25rem;
        font-weight: 650;
      }
      .stories {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr));
        gap: 0.5rem;
      }
      .story {
        display: grid;
        grid-template-columns: auto 1fr;
        align-content: start;
        gap: 0.1rem 0.75rem;
        padding: 0.7rem 0.9rem;
        border: 1.5px solid var(--line);
        border-radius: var(--radius);
        cursor: pointer;
      }
      .story:hover {
        border-color: var(--control);
      }
      .story:has(:checked) {
        border-color: var(--call);
        background: var(--call-soft);
      }
      .story:has(:focus-visible) {
        outline: 3px solid var(--focus);
        outline-offset: 2px;
      }
      .story input {
        grid-row: span 2;
        width: 1.15rem;
        height: 1.15rem;
        margin: 0.2rem 0 0;
        accent-color: var(--call);
        outline: none;
      }
      .story b {
        font-weight: 600;
        line-height: 1.35;
      }
      .story small {
        color: var(--ink-soft);
        font-size: 0.875rem;
        line-height: 1.4;
        text-wrap: pretty;
      }
      .agent {
        margin-top: 0.75rem;
        padding: 0.7rem 0.9rem;
        border-radius: var(--radius);
        background: var(--sky-soft);
        font-size: 0.9375rem;
      }
      .agent a {
        font-weight: 650;
      }
      code {
        font-size: 0.9375em;
        overflow-wrap: anywhere;
        user-select: all;
      }
    `,
  ];

  protected override render() {
    return html`<fieldset>
      <legend>Choose how the next call goes</legend>
      <div class="stories">${this.stories.map((story) => this.renderStory(story))}</div>
      ${this.chosen?.agent ? this.renderAgent() : nothing}
    </fieldset>`;
  }

  private renderStory(story: Story) {
    const chosen = story === this.chosen;
    return html`<label class="story">
      <input
        type="radio"
        name="story"
        value=${story.id}
        .checked=${chosen}
        @change=${() => this.choose(story)}
      />
      <b>${story.title}</b>
      <small>${this.renderWays(story)}</small>
    </label>`;
  }

  /** What is to be expected, by phone and by PC where the two differ. */
  private renderWays({ explains: { phone, pc } }: Story) {
    if (phone === undefined) return html`By PC: ${pc}`;
    return pc === undefined || pc === phone ? phone : html`${phone}<br />By PC: ${pc}`;
  }

  private renderAgent() {
    const { label, url, name, password } = this.agent;
    return html`<p class="agent">
      First <a href=${url} target="_blank" rel="noopener">open the agent’s page</a> and log in as
      <code>${name}</code> with the password <code>${password}</code>. Then call, and ${label}’s page rings.
    </p>`;
  }

  private choose(detail: Story): void {
    this.dispatchEvent(new CustomEvent<Story>("choose", { detail }));
  }
}

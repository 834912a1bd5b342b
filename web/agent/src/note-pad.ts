/** The agent's note on a call, and what it was about. */

import { css, html, LitElement, nothing } from "lit";
import { customElement, property, query } from "lit/decorators.js";
import type { Note } from "./note";
import type { DeskCode } from "./messages";
import { checkIcon, warningIcon } from "./icons";
import { LONGEST_NOTE } from "./note";
import { base, buttons } from "./styles";

/** A call or a chat, as far as agents write about it. */
export interface Noted {
  readonly note: Note;
  readonly code: string | null;
  choose(code: string | null): void;
}

@customElement("note-pad")
export class NotePad extends LitElement {
  @property({ attribute: false }) call!: Noted;
  @property() about: "call" | "chat" = "call";
  @property({ attribute: false }) codes: readonly DeskCode[] = [];
  @property({ attribute: false }) tick: unknown;
  @query("textarea") private field!: HTMLTextAreaElement;

  static override styles = [
    base,
    buttons,
    css`
      .card {
        display: grid;
        gap: 1.1rem;
        padding: 1.25rem 1.3rem 1.4rem;
      }
      .top {
        display: flex;
        align-items: baseline;
        justify-content: space-between;
        gap: 1rem;
        margin-bottom: 0.5rem;
      }
      label.name,
      legend {
        padding: 0;
        font-size: 1.0625rem;
        font-weight: 700;
        letter-spacing: -0.015em;
      }
      .state {
        display: inline-flex;
        align-items: center;
        gap: 0.35rem;
        min-height: 1.4rem;
        font-size: 0.875rem;
        color: var(--ink-soft);
      }
      .state svg {
        width: 1rem;
        height: 1rem;
      }
      .kept svg {
        color: var(--call);
      }
      .failed {
        color: var(--stop);
        font-weight: 600;
      }
      textarea {
        display: block;
        width: 100%;
        min-height: 6.5rem;
        field-sizing: content;
        max-height: 18rem;
        padding: 0.7rem 0.85rem;
        border: 1.5px solid var(--control);
        border-radius: 11px;
        background: var(--card);
        line-height: 1.45;
        resize: vertical;
      }
      fieldset {
        min-width: 0;
        margin: 0;
        padding: 0;
        border: 0;
      }
      .codes {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem;
        margin-top: 0.6rem;
      }
      .codes label {
        position: relative;
        display: inline-flex;
        align-items: center;
        gap: 0.45rem;
        min-height: 2.5rem;
        padding: 0.3rem 0.95rem;
        border: 1.5px solid var(--control);
        border-radius: 999px;
        font-weight: 600;
        font-size: 0.9375rem;
        cursor: pointer;
      }
      .codes label:hover {
        background: var(--sunk);
      }
      .codes label:has(:checked) {
        border-color: var(--brand);
        background: var(--brand);
        color: var(--brand-ink);
      }
      .codes label:has(:focus-visible) {
        outline: 3px solid var(--focus);
        outline-offset: 2px;
      }
      .codes input {
        position: absolute;
        inset: 0;
        margin: 0;
        opacity: 0;
        cursor: pointer;
      }
      .codes svg {
        width: 1rem;
        height: 1rem;
        stroke-width: 3;
      }
      @media (max-width: 30rem) {
        .card {
          padding-inline: 1rem;
        }
      }
    `,
  ];

  override focus(): void {
    this.field.focus();
  }

  protected override render() {
    const { call, codes } = this;
    const { note } = call;
    return html`<section class="card" aria-label="Notes on this ${this.about}">
      <div>
        <div class="top">
          <label class="name" for="note">Notes</label>
          ${this.renderState()}
        </div>
        <textarea
          dir="auto"
          id="note"
          accesskey="n"
          maxlength=${LONGEST_NOTE}
          placeholder="For the next person who talks to them…"
          .value=${note.text}
          @input=${() => note.write(this.field.value)}
          @blur=${() => note.flush()}
        ></textarea>
      </div>
      ${
        codes.length > 0
          ? html`<fieldset>
              <legend>What is the ${this.about} about?</legend>
              <div class="codes">
                ${codes.map(
                  ({ code, label }) =>
                    html`<label>
                      <input
                        type="radio"
                        name="code"
                        value=${code}
                        .checked=${call.code === code}
                        @change=${() => call.choose(code)}
                      />
                      ${call.code === code ? checkIcon : nothing}${label}
                    </label>`,
                )}
              </div>
            </fieldset>`
          : nothing
      }
    </section>`;
  }

  private renderState() {
    const { saved, state } = this.call.note;
    if (state === "failed") {
      return html`<span class="state failed" role="status"
        >${warningIcon} Not saved
        <button class="button plain small" @click=${() => this.call.note.flush()}>Try again</button></span
      >`;
    }
    return html`<span class="state ${state}" role="status"
      >${state === "open" ? "Saving…" : saved ? html`${checkIcon} Saved` : nothing}</span
    >`;
  }
}

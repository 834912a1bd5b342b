/** What the draft would do, and the way to put it into force. */

import { warningIcon } from "@ringback/look/icons";
import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { placeText } from "../place";
import type { PortalApi } from "../portal-api";
import type { ChangeView, ConflictView, ReplayView, ReviewView } from "./messages";
import { renderReplay } from "./replay-list";
import type { SettingsModel } from "./settings-model";
import { settingsStyles } from "./settings-styles";
import { Working } from "./working";
import { trouble } from "../trouble";

/** Milliseconds that applying may take. */
const APPLY = 60_000;

/** Fires `applied` with the change. */
@customElement("review-panel")
export class ReviewPanel extends LitElement {
  @property({ attribute: false }) api!: PortalApi;
  @property({ attribute: false }) model!: SettingsModel;
  /** Whether the operator may open the stories of calls. */
  @property({ type: Boolean }) stories = false;
  @state() private review: ReviewView | null = null;
  @state() private replay: ReplayView | null = null;
  private readonly working = new Working(this);
  @state() private why = "";
  @state() private later = "";
  @state() private despite = false;

  static override styles = settingsStyles;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load();
  }

  private async load(): Promise<void> {
    await this.working.do(async () => {
      this.review = await this.model.review();
    });
  }

  private async apply(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (this.working.busy) return;
    await this.working.do(async () => {
      const at = this.later ? new Date(this.later).getTime() / 1000 : null;
      const body = { why: this.why, publish_at: at, despite_tests: this.despite };
      const change = await this.api.change<ChangeView>(
        "POST",
        "settings/apply",
        body,
        this.model.match,
        APPLY,
      );
      await this.model.load();
      this.dispatchEvent(new CustomEvent("applied", { detail: change }));
    });
  }

  private async choose(conflict: ConflictView, take: "mine" | "theirs"): Promise<void> {
    await this.working.do(async () => {
      const choices = [{ file: conflict.file, at: conflict.at, take }];
      await this.api.change("POST", "settings/choices", { choices }, this.model.match);
      await this.model.load();
      this.review = await this.model.review();
    });
  }

  private async lastWeek(): Promise<void> {
    await this.working.do(async () => {
      this.replay = await this.api.change<ReplayView>(
        "POST",
        "settings/try/replay?days=7",
        undefined,
        {},
        APPLY,
      );
    });
  }

  protected override render() {
    const { review } = this;
    return html`
      ${trouble(this.working.problem)}
      ${review ? this.renderReview(review) : html`<p class="soft">${this.working.busy ? "Checking your draft…" : ""}</p>`}
    `;
  }

  private renderReview(review: ReviewView) {
    if (review.draft.files.length === 0)
      return html`<section class="card"><p class="empty">Your draft changes nothing.</p></section>`;
    const blocked = review.conflicts.length > 0 || review.problems.length > 0 || review.missing.length > 0;
    return html`<div class="stack" aria-busy=${this.working.busy}>
      ${review.conflicts.map((each) => this.renderConflict(each))} ${this.renderProblems(review)}
      <section class="card">
        <h2>What changes</h2>
        ${
          review.sentences.length === 0
            ? html`<p class="soft">No setting: only how the file is written.</p>`
            : html`<ul class="plain">
                ${review.sentences.map((each) => html`<li>${each.text}</li>`)}
              </ul>`
        }
        ${Object.entries(review.diffs).map(
          ([file, text]) =>
            html`<details>
              <summary>Lines of ${file}</summary>
              <pre tabindex="0" aria-label="Differing lines of ${file}">${diffLines(text)}</pre>
            </details>`,
        )}
      </section>
      ${this.renderTests(review)} ${this.renderReplay()} ${renderWarnings(review)}
      ${this.model.view?.may_publish && !blocked ? this.renderApply(review) : nothing}
    </div>`;
  }

  private renderProblems(review: ReviewView) {
    const missing = review.missing.join(", ");
    return html`
      ${missing ? html`<p class="notice bad">${warningIcon}<span>You may not change ${missing}.</span></p>` : nothing}
      ${review.problems.map(
        (each) =>
          html`<p class="notice bad">
            ${warningIcon}<span><b>${each.path || each.file}, line ${each.line}</b>${each.text}</span>
          </p>`,
      )}
    `;
  }

  private renderConflict(conflict: ConflictView) {
    const name = conflict.at.join(" › ") || conflict.file;
    return html`<section class="card" aria-label="Conflict">
      <h2>Somebody else changed ${name}, too</h2>
      <div class="columns">
        <div>
          <h3>Yours</h3>
          <pre tabindex="0" aria-label="Your value">${shown(conflict.mine)}</pre>
          <button class="button brand small" @click=${() => void this.choose(conflict, "mine")}>
            Take mine
          </button>
        </div>
        <div>
          <h3>Theirs</h3>
          <pre tabindex="0" aria-label="Their value">${shown(conflict.theirs)}</pre>
          <button class="button plain small" @click=${() => void this.choose(conflict, "theirs")}>
            Take theirs
          </button>
        </div>
      </div>
    </section>`;
  }

  private renderTests(review: ReviewView) {
    if (review.tests === 0) return nothing;
    return html`<section class="card">
      <h2>Tests of the routes</h2>
      <p>${review.tests - review.failed.length} of ${review.tests} pass.</p>
      <ul class="plain">
        ${review.failed.map((each) => html`<li><b>${each.name}</b>: ${each.failures.join("; ")}</li>`)}
      </ul>
    </section>`;
  }

  private renderReplay() {
    const { replay } = this;
    return html`<section class="card">
      <h2>Last week with these settings</h2>
      ${
        replay === null
          ? html`<p class="soft">Where would the calls of the last seven days have gone?</p>
              <button
                class="button plain small"
                aria-disabled=${this.working.busy}
                @click=${() => void this.lastWeek()}
              >
                Replay last week
              </button>`
          : renderReplay(replay, this.stories)
      }
      <p><a href=${placeText("settings", ["try"])}>Try a call, a week or a page with the draft</a></p>
    </section>`;
  }

  private renderApply(review: ReviewView) {
    return html`<form class="card" @submit=${(event: SubmitEvent) => void this.apply(event)}>
      <h2>Put it into force</h2>
      <div class="field">
        <label class="name" for="why">Why <span class="soft">(optional)</span></label>
        <input
          id="why"
          type="text"
          maxlength="500"
          .value=${this.why}
          @input=${(event: Event) => (this.why = (event.target as HTMLInputElement).value)}
        />
      </div>
      <details>
        <summary>At a later time</summary>
        <div class="field">
          <label class="name" for="later">When</label>
          <input
            id="later"
            type="datetime-local"
            .value=${this.later}
            @change=${(event: Event) => (this.later = (event.target as HTMLInputElement).value)}
          />
          <small>Your own time zone. It is checked again then.</small>
        </div>
      </details>
      ${
        review.failed.length > 0
          ? html`<label class="tools field"
              ><input
                type="checkbox"
                .checked=${this.despite}
                @change=${(event: Event) => (this.despite = (event.target as HTMLInputElement).checked)}
              />
              Apply although tests fail</label
            >`
          : nothing
      }
      <button class="button brand" aria-disabled=${this.working.busy}>
        ${this.later ? "Apply later" : "Apply"}
      </button>
    </form>`;
  }
}

/** What is doubtful in the settings, most of it since long before the draft. */
function renderWarnings({ warnings }: ReviewView) {
  if (warnings.length === 0) return nothing;
  return html`<details class="card">
    <summary>${warnings.length === 1 ? "One warning" : `${warnings.length} warnings`} of the check</summary>
    <ul class="plain">
      ${warnings.map(
        (each) => html`<li><b>${each.path || each.file}, line ${each.line}</b>: ${each.text}</li>`,
      )}
    </ul>
  </details>`;
}

/** A diff with its lines marked: by their signs, and by colour beside. */
export function diffLines(text: string) {
  return text.split("\n").map((line) => {
    const kind = /^\+(?!\+\+)/.test(line) ? "plus" : /^-(?!--)/.test(line) ? "minus" : "";
    return html`<span class=${kind}>${line}</span> `;
  });
}

const shown = (value: unknown): string =>
  value === null ? "(removed)" : typeof value === "string" ? value : JSON.stringify(value, null, 2);

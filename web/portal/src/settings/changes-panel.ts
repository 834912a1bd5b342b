/** The changes of the settings: who, when, why; and undo. */

import { warningIcon } from "@ringback/look/icons";
import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { ApiProblem, type PortalApi } from "../portal-api";
import { momentWords } from "../times";
import type { ChangeDetails, ChangeList, ChangeView } from "./messages";
import { diffLines } from "./review-panel";
import { fieldErrors } from "./settings-model";
import { settingsStyles } from "./settings-styles";
import { Working } from "./working";
import { trouble } from "../trouble";

const APPLY = 60_000;
const STATES = {
  applied: "in force since",
  waiting: "waits until",
  refused: "refused",
  cancelled: "cancelled",
} as const;

/** Fires `undone`. */
@customElement("changes-panel")
export class ChangesPanel extends LitElement {
  @property({ attribute: false }) api!: PortalApi;
  @property({ type: Boolean }) publishes = false;
  @state() private changes: readonly ChangeView[] = [];
  @state() private next: number | null = null;
  @state() private details: ChangeDetails | null = null;
  private readonly working = new Working(this);
  @state() private told = "";
  /** Agents that undoing a change would bring back: it asks first. */
  @state() private returning: { readonly change: number; readonly agents: readonly string[] } | null = null;

  static override styles = settingsStyles;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.load(null);
  }

  private load(before: number | null): Promise<void> {
    return this.working.do(async () => {
      const page = await this.api.get<ChangeList>("settings/changes", { before });
      this.changes = before === null ? page.changes : [...this.changes, ...page.changes];
      this.next = page.next;
    });
  }

  private open(change: ChangeView): Promise<void> {
    return this.working.do(async () => {
      const same = this.details?.change.id === change.id;
      this.details = same ? null : await this.api.get<ChangeDetails>(`settings/changes/${change.id}`);
    });
  }

  private undo(change: ChangeView, agentsReturn = false): Promise<void> {
    return this.working.do(async () => {
      this.returning = null;
      try {
        const body = { agents_return: agentsReturn };
        await this.api.change("POST", `settings/changes/${change.id}/undo`, body, {}, APPLY);
      } catch (error) {
        if (!(error instanceof ApiProblem) || error.id !== "agents_return") throw error;
        const agents = fieldErrors(error).map(({ path }) => path.replace("agents.", ""));
        this.returning = { change: change.id, agents };
        return;
      }
      this.told = "It is undone: that is the newest change.";
      await this.load(null);
      this.dispatchEvent(new CustomEvent("undone"));
    });
  }

  private cancel(change: ChangeView): Promise<void> {
    return this.working.do(async () => {
      await this.api.change("DELETE", `settings/changes/${change.id}`);
      await this.load(null);
    });
  }

  protected override render() {
    return html`
      ${trouble(this.working.problem)}
      <p role="status" class="soft">${this.told}</p>
      <div class="stack" aria-busy=${this.working.busy}>
        ${
          this.changes.length === 0
            ? html`<section class="card"><p class="empty">Nothing was changed yet.</p></section>`
            : nothing
        }
        ${this.changes.map((change) => this.renderChange(change))}
      </div>
      ${
        this.next === null
          ? nothing
          : html`<button class="button plain small" @click=${() => void this.load(this.next)}>
              Show older changes
            </button>`
      }
    `;
  }

  private renderChange(change: ChangeView) {
    const open = this.details?.change.id === change.id ? this.details : null;
    const when = momentWords(change.state === "waiting" && change.publish_at ? change.publish_at : change.at);
    return html`<article class="card">
      <h2>${change.sentences[0] ?? "The file is written in another way."}</h2>
      ${
        change.sentences.length > 1
          ? html`<ul class="plain">
              ${change.sentences.slice(1, 20).map((each) => html`<li>${each}</li>`)}
            </ul>`
          : nothing
      }
      <p class="soft">
        ${change.label}, ${STATES[change.state]} ${when}${change.why ? html` · “${change.why}”` : nothing}
        ${change.undoes ? html` · undoes an earlier change` : nothing}
      </p>
      ${change.problem ? html`<p class="notice">${warningIcon}<span>${change.problem}</span></p>` : nothing}
      <div class="tools">
        <button
          class="button plain small"
          aria-expanded=${open !== null}
          @click=${() => void this.open(change)}
        >
          Lines
        </button>
        ${
          this.publishes && change.state === "applied"
            ? html`<button
                class="button plain small"
                aria-disabled=${this.working.busy}
                @click=${() => void (this.working.busy || this.undo(change))}
              >
                Undo
              </button>`
            : nothing
        }
        ${
          this.publishes && change.state === "waiting"
            ? html`<button class="button plain small" @click=${() => void this.cancel(change)}>
                Cancel
              </button>`
            : nothing
        }
      </div>
      ${this.returning?.change === change.id ? this.renderReturning(change, this.returning.agents) : nothing}
      ${
        open
          ? Object.entries(open.diffs).map(
              ([file, text]) =>
                html`<pre tabindex="0" aria-label="Differing lines of ${file}">${diffLines(text)}</pre>`,
            )
          : nothing
      }
    </article>`;
  }

  private renderReturning(change: ChangeView, agents: readonly string[]) {
    return html`<section class="notice" role="alertdialog" aria-label="Undo this change">
      ${warningIcon}
      <div>
        <b>${agents.join(", ")} could log in again, with the password that they had.</b>
        <div class="tools">
          <button class="button brand small" @click=${() => void this.undo(change, true)}>
            Undo all the same
          </button>
          <button class="button plain small" @click=${() => (this.returning = null)}>Cancel</button>
        </div>
      </div>
    </section>`;
  }
}

/** Tries the draft beside what is in force: a click on a page, a week of them, and the invitations of a page. */

import { html, LitElement, nothing, svg } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type { PortalApi } from "../portal-api";
import { trouble } from "../trouble";
import type {
  AnswersTrialView,
  EngageTrialView,
  AnswerTried,
  ReplayView,
  TrialView,
  TriedPage,
  TriedVersion,
  WeekView,
} from "./messages";
import { renderReplay } from "./replay-list";
import type { SettingsModel } from "./settings-model";
import { settingsStyles } from "./settings-styles";
import { type DaySpan, daysOf, sameDay, spanWords } from "./week-spans";
import { clock, DAY_NAMES } from "./week-times";
import { Working } from "./working";

type What = "route" | "week" | "engage" | "answers" | "replay";
type Found =
  | { readonly what: "route"; readonly view: TrialView }
  | { readonly what: "week"; readonly view: WeekView }
  | { readonly what: "engage"; readonly view: EngageTrialView }
  | { readonly what: "answers"; readonly view: AnswersTrialView }
  | { readonly what: "replay"; readonly view: ReplayView };

const KINDS: readonly (readonly [What, string])[] = [
  ["route", "A call"],
  ["week", "A week of calls"],
  ["engage", "Invitations"],
  ["answers", "Answers"],
  ["replay", "Last week’s calls"],
];
/** Milliseconds that a trial may take. */
const PATIENCE = 60_000;

@customElement("try-panel")
export class TryPanel extends LitElement {
  @property({ attribute: false }) api!: PortalApi;
  @property({ attribute: false }) model!: SettingsModel;
  /** Whether the operator may open the stories of calls. */
  @property({ type: Boolean }) stories = false;
  @state() private what: What = "route";
  @state() private found: Found | null = null;
  private readonly working = new Working(this);

  static override styles = settingsStyles;

  private async ask(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (this.working.busy) return;
    const typed = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string): string => {
      const value = typed.get(name);
      return typeof value === "string" ? value.trim() : "";
    };
    const click = { site: text("site"), page: text("page"), at: text("at") };
    await this.working.do(async () => {
      this.found = null;
      this.found = await this.tried(click, text);
    });
  }

  private async tried(click: object, text: (name: string) => string): Promise<Found> {
    const { what } = this;
    const post = <T>(body?: object): Promise<T> =>
      this.api.change<T>("POST", `settings/try/${what}`, body, {}, PATIENCE);
    switch (what) {
      case "route":
      case "week": {
        const body = { ...click, number: text("number") || null };
        return what === "route"
          ? { what, view: await post<TrialView>(body) }
          : { what, view: await post<WeekView>(body) };
      }
      case "engage": {
        const more = { language: text("language"), device: text("device"), visitor: text("visitor") };
        const view = await post<EngageTrialView>({ ...click, ...more, facts: factsOf(text("facts")) });
        return { what, view };
      }
      case "answers": {
        const body = { site: text("site"), page: text("page"), language: text("language") };
        return { what, view: await post<AnswersTrialView>({ ...body, question: text("question") }) };
      }
      case "replay":
        return { what, view: await post<ReplayView>() };
    }
  }

  protected override render() {
    const { found } = this;
    return html`<div class="stack">
      <form class="card" @submit=${(event: SubmitEvent) => void this.ask(event)}>
        <h2>Try your draft</h2>
        <div class="tools kinds" role="radiogroup" aria-label="What to try">
          ${KINDS.map(
            ([what, label]) =>
              html`<label class="tools"
                ><input
                  type="radio"
                  name="what"
                  .checked=${this.what === what}
                  @change=${() => {
                    this.what = what;
                    this.found = null;
                  }}
                />
                ${label}</label
              >`,
          )}
        </div>
        ${this.what === "replay" ? nothing : this.renderFields()}
        <button class="button brand" aria-disabled=${this.working.busy}>Try it</button>
      </form>
      ${trouble(this.working.problem)}
      <div class="stack" aria-live="polite" aria-busy=${this.working.busy}>
        ${found ? this.renderFound(found) : nothing}
      </div>
    </div>`;
  }

  private renderFields() {
    const field = (name: string, label: string, input: unknown, help = "") =>
      html`<div class="field">
        <label class="name" for=${name}>${label}</label>
        ${input} ${help ? html`<small>${help}</small>` : nothing}
      </div>`;
    const text = (name: string, placeholder = "") =>
      html`<input id=${name} name=${name} type="text" placeholder=${placeholder} autocomplete="off" />`;
    return html`<div class="columns">
      ${field(
        "site",
        "Site",
        html`<select id="site" name="site">
          ${Object.keys(this.model.items("sites")).map((name) => html`<option value=${name}>${name}</option>`)}
        </select>`,
      )}
      ${field("page", "Page", text("page", "/cart"), "A path of the site, or an address.")}
      ${
        this.what === "answers"
          ? html`${field("question", "Question", text("question"), "Empty: what is suggested on the page.")}
            ${field("language", "Language", text("language", "en"))}`
          : field(
              "at",
              "When",
              html`<input id="at" name="at" type="datetime-local" />`,
              "In the site’s time zone; empty for now.",
            )
      }
      ${
        this.what === "engage"
          ? html`${field(
              "device",
              "Device",
              html`<select id="device" name="device">
                <option>desktop</option>
                <option>phone</option>
                <option>tablet</option>
              </select>`,
            )}
            ${field("language", "Language", text("language", "en"))}
            ${field("visitor", "Visitor", text("visitor"), "An id, which decides in experiments. Empty: no consent.")}
            ${field(
              "facts",
              "Facts",
              html`<textarea id="facts" name="facts" rows="4" placeholder="cart.value 120"></textarea>`,
              "One a line, such as cart.value 120 or agents.free 0.",
            )}`
          : this.what === "answers"
            ? nothing
            : field("number", "Phone number", text("number", "+1 617 555 0101"), "Empty: from a browser.")
      }
    </div>`;
  }

  private renderFound(found: Found) {
    switch (found.what) {
      case "route":
        return twoVersions(found.view.now, found.view.draft, renderRoute);
      case "engage":
        return twoVersions(found.view.now, found.view.draft, renderPage);
      case "answers":
        return twoVersions(found.view.now, found.view.draft, renderAnswers, "The site has no answers.");
      case "week":
        return renderWeek(found.view);
      case "replay":
        return html`<section class="card">${renderReplay(found.view, this.stories)}</section>`;
    }
  }
}

/** Both versions side by side; a version may have no such site. */
function twoVersions<T>(
  now: T | null,
  draft: T | null,
  render: (version: T) => unknown,
  nothingThere = "There is no such site.",
) {
  const same = JSON.stringify(now) === JSON.stringify(draft);
  const card = (title: string, version: T | null) =>
    html`<section class="card" aria-label=${title}>
      <h2>${title}</h2>
      ${version === null ? html`<p class="soft">${nothingThere}</p>` : render(version)}
    </section>`;
  return html`<p role="status">${same ? "Both versions do the same." : "The draft does something else."}</p>
    <div class="columns wide">${card("In force", now)} ${card("With your draft", draft)}</div>`;
}

const renderRoute = (version: TriedVersion) =>
  html`<p>
      <b>${version.rings.length > 0 ? `Rings ${version.rings.join(", ")}` : "Rings nobody"}</b>, by route
      ${version.route}. ${version.queue === null ? nothing : `While all are busy: queue ${version.queue}.`} If
      nobody answers: ${version.ending}.
    </p>
    <ul class="why">
      ${version.lines.map((line) => html`<li class="depth${Math.min(line.depth, 4)} ${line.tone}">${line.text}</li>`)}
    </ul>`;

const renderPage = (page: TriedPage) =>
  html`<p><b>${page.shows}</b></p>
    <p class="soft">Buttons: ${page.buttons.join(", ") || "none"}</p>
    <dl class="rules">
      ${page.rules.map(
        (each) =>
          html`<dt>
              ${each.rule}
              <span class="chip">${each.shown ? "shown" : each.held ? "held back" : "not now"}</span>
            </dt>
            <dd>${each.text}</dd>`,
      )}
    </dl>`;

const renderAnswers = (found: readonly AnswerTried[]) =>
  found.length === 0
    ? html`<p class="soft">Nothing is found.</p>`
    : html`<dl class="rules">
        ${found.map(
          (each) =>
            html`<dt>${each.question}</dt>
              <dd>${each.answer}</dd>`,
        )}
      </dl>`;

function renderWeek(view: WeekView) {
  const [now, draft] = [view.now, view.draft].map((spans) => daysOf(spans, view.time_zone));
  const differing = DAY_NAMES.filter((_, day) => !sameDay(now?.[day] ?? [], draft?.[day] ?? []));
  return html`<section class="card">
    <h2>Who answers when</h2>
    <p role="status">
      ${differing.length === 0 ? "Both versions do the same." : `The draft differs on ${differing.join(", ")}.`}
      <span class="soft">Times of ${view.time_zone}, with everybody free.</span>
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label="The week">
      <table class="week">
        <thead>
          <tr>
            <th scope="col">Day</th>
            <th scope="col">In force</th>
            <th scope="col">With your draft</th>
          </tr>
        </thead>
        <tbody>
          ${DAY_NAMES.map(
            (name, day) =>
              html`<tr class=${differing.includes(name) ? "differs" : ""}>
                <th scope="row">
                  ${name}${differing.includes(name) ? html`<br /><span class="chip">differs</span>` : nothing}
                </th>
                <td>${renderDay(now?.[day] ?? [])}</td>
                <td>${renderDay(draft?.[day] ?? [])}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

const renderDay = (spans: readonly DaySpan[]) =>
  html`<svg class="bar" viewBox="0 0 1440 10" preserveAspectRatio="none" aria-hidden="true">
      ${spans.filter(({ rings }) => rings.length > 0).map(({ from, to }) => barOf(from, to))}
    </svg>
    <ul class="items">
      ${spans.map(
        (span) =>
          html`<li class=${span.rings.length > 0 ? "" : "soft"}>
            ${clock(span.from)}–${clock(span.to)} ${spanWords(span)}
          </li>`,
      )}
    </ul>`;

/** Names and values, one a line. */
export function factsOf(text: string): Record<string, string> {
  const lines = text.split("\n").map((line) => /^\s*([^\s:=]+)[\s:=]+(.*\S)\s*$/.exec(line));
  return Object.fromEntries(lines.flatMap((found) => (found ? [[found[1] ?? "", found[2] ?? ""]] : [])));
}

const barOf = (from: number, to: number) => svg`<rect x=${from} y="0" width=${to - from} height="10"></rect>`;

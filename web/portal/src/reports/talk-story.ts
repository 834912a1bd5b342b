/** The story of one call or chat: page, offer, chat, call, what followed. */

import { html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { placeText } from "../place";
import { problemWords } from "../portal-api";
import { screenStyles } from "../screen-styles";
import type { ScreenContext } from "../screens";
import { clockIn, lengthWords, momentIn } from "../times";
import type { StoryEvent, TalkStoryView } from "./messages";
import { reportStyles } from "./report-styles";
import { trouble } from "../trouble";

const GOOD: readonly StoryEvent["kind"][] = ["joined", "chat_accepted", "answer", "order"];
const BAD: readonly StoryEvent["kind"][] = ["leg_ended", "breach"];

@customElement("talk-story")
export class TalkStory extends LitElement {
  @property({ attribute: false }) context!: ScreenContext;
  @state() private story: TalkStoryView | null = null;
  @state() private problem = "";
  private asked = "";

  static override styles = [screenStyles, reportStyles];

  protected override willUpdate(): void {
    const [channel, , id] = this.context.place.path;
    const asked = `talks/${channel}/${encodeURIComponent(id ?? "")}`;
    if (asked === this.asked) return;
    this.asked = asked;
    this.story = null;
    void this.load(asked);
  }

  private async load(asked: string): Promise<void> {
    try {
      const story = await this.context.api.get<TalkStoryView>(asked);
      if (asked === this.asked) this.story = story;
      this.problem = "";
    } catch (error) {
      if (asked === this.asked) this.problem = problemWords(error);
    }
  }

  protected override render() {
    const [channel] = this.context.place.path;
    const zone = this.context.place.query.get("zone") ?? undefined;
    const { story } = this;
    return html`
      <div class="head">
        <h1>
          ${channel === "chats" ? "Chat" : "Call"}${story ? html` of ${momentIn(story.talk.at, zone)}` : nothing}
        </h1>
        <button class="button plain small no-print" @click=${() => history.back()}>Back</button>
      </div>
      ${trouble(this.problem)}
      ${
        story
          ? this.renderStory(story, zone)
          : html`<p class="empty" role="status">${this.problem ? "" : "One moment…"}</p>`
      }
    `;
  }

  private renderStory({ talk, number, events }: TalkStoryView, zone: string | undefined) {
    const facts: readonly (readonly [string, string])[] = [
      ["Outcome", talk.outcome.replaceAll("_", " ")],
      ["Site", talk.site],
      ["Who took it", talk.who],
      ["Number", number],
      ["Route", talk.route],
      ["Queue", talk.queue],
      ["Rule", talk.rule],
      ["Waited", talk.wait === null ? "" : lengthWords(talk.wait)],
      ["Lasted", talk.length ? lengthWords(talk.length) : ""],
    ];
    return html`<section class="card" aria-label="Story">
      <dl class="facts">
        ${facts
          .filter(([, value]) => value !== "")
          .map(
            ([name, value]) =>
              html`<div>
                <dt>${name}</dt>
                <dd>${value}</dd>
              </div>`,
          )}
      </dl>
      <ol class="story">
        ${events.map(
          (event) =>
            html`<li class=${GOOD.includes(event.kind) ? "good" : BAD.includes(event.kind) ? "bad" : ""}>
              <time datetime=${new Date(event.at * 1000).toISOString()}>${clockIn(event.at, zone)}</time>
              <span
                >${event.text}${
                  event.talk
                    ? html` <a href=${placeText("reports", this.pathOf(event.talk), zone ? { zone } : {})}
                        >Open it</a
                      >`
                    : nothing
                }${event.recording ? this.renderRecording(event.recording) : nothing}</span
              >
            </li>`,
        )}
      </ol>
    </section>`;
  }

  private renderRecording(id: string) {
    if (!this.context.me.rights.includes("listen")) return html` <small>(you may not listen to it)</small>`;
    return html`<audio
      controls
      preload="none"
      aria-label="What they said: the shopper on the left, the business on the right"
      src="/v1/portal/recordings/${encodeURIComponent(id)}/audio"
    ></audio>`;
  }

  private pathOf(talk: string): string[] {
    const [channel = "calls", id = ""] = talk.split("/");
    return [channel, "talk", id];
  }
}

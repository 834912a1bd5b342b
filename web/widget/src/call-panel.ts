/** The panel in a shop's page: the form, then the live call, then what became of it; closed, the way back to a call. */

import { clockWords } from "@ringback/browser-leg";
import { CallApi, type TalkBy, wayBack } from "@ringback/call-client";
import { html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import type { AcceptedOffer, Opening, PanelContext, Way } from "../../page/src/widget-seam";
import { Announcer } from "./announcer";
import type { AnswersPlace } from "./answers/answers-api";
import "./call-form";
import type { ReadNumber } from "./call-form";
import "./call-progress";
import { CallWish } from "./call-wish";
import { ContactNews } from "./contact-news";
import { onDevice } from "./device";
import type { LiveChat } from "./chat/live-chat";
import { chatIcon, closeIcon, headsetIcon, phoneIcon } from "./icons";
import { LiveCall } from "./live-call";
import "./page-push-card";
import { PanelMemory, type Typed } from "./panel-memory";
import { panelStyles } from "./panel-styles";
import { readPlan, type SitePlan, withNow, withOffer } from "./plan";
import { signedBy } from "./signing";
import "./shown-card";
import { base, buttons } from "./styles";
import { dress } from "./theme";
import { timeWords } from "./times";
import { followViewport } from "./viewport";
import { chooseLanguage, fetchWords, speak, words } from "./words";

@customElement("ringback-panel")
export class CallPanel extends LitElement {
  @state() private isOpen = false;
  @state() private by: TalkBy = "phone";
  /** Whether the chat is shown, rather than a call or its form. */
  @state() private chatting = false;
  /** The chat: a file of its own, which comes when the shopper chooses it. */
  @state() private chat: LiveChat | null = null;
  @state() private chatLost = false;
  @state() private typed: Typed = { number: "", country: "" };
  /** The invitation that was accepted, until the call it led to. */
  @state() private offer: AcceptedOffer | null = null;
  /** What that invitation was to. */
  @state() private invited: Way | null = null;
  /** The shop's server is asked to sign. */
  @state() private preparing = false;
  /** The answers' pane: a file of its own, which a shop without answers does not load. */
  @state() private answers: "unknown" | "coming" | "there" | "passed" = "unknown";
  /** What a screen reader is told. */
  @state() private said = "";
  /** The plan with how it stands at the last click. */
  @state() private told: unknown;
  @query("h2") private heading!: HTMLElement | null;
  readonly call = new LiveCall(this);
  private readonly announcer = new Announcer((said) => (this.said = said));
  private readonly memory: PanelMemory;
  private readonly api: CallApi;
  private readonly wish: CallWish;
  private readonly news: ContactNews;
  private readonly dark = window.matchMedia("(prefers-color-scheme: dark)");
  private readonly readNumber: ReadNumber = (number, country) =>
    this.api.readNumber(this.context.site, number, country);
  private readonly dressed = (): void => this.dress();
  private readonly answersPlace: AnswersPlace;
  private entering: Promise<LiveChat> | null = null;
  private opener: HTMLElement | null = null;
  private hadCall = false;
  private ready: Promise<void> | null = null;
  private unfollow = (): void => {};

  static override styles = [base, buttons, panelStyles];

  constructor(private readonly context: PanelContext) {
    super();
    this.api = new CallApi(context.base.replace(/\/$/, ""));
    this.wish = new CallWish(context, this.api);
    this.news = new ContactNews(context);
    this.told = context.plan();
    this.answersPlace = {
      base: context.base,
      site: context.site,
      page: () => context.page().url,
      language: () => context.language(),
      visitor: () => context.visitor(),
    };
    this.memory = new PanelMemory(() => this.lasting);
    const { before } = this.memory;
    if (before) [this.by, this.typed, this.chatting] = [before.by, before.typed, before.chatting];
    this.addEventListener("announce", (event) => this.announcer.say((event as CustomEvent<string>).detail));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.dark.addEventListener("change", this.dressed);
    this.unfollow = followViewport(this);
    this.dress();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.dark.removeEventListener("change", this.dressed);
    this.unfollow();
    this.announcer.stop();
  }

  /** Open it, with the focus on its heading; `how.way` is the way to talk, unless there is a call already. */
  async show(how: Opening): Promise<void> {
    await (this.ready ??= this.learn());
    if (how.leave) return this.leave();
    this.fillIn();
    if (how.back) {
      this.isOpen = this.memory.before?.open === true && wayBack(window.location.href) === null;
    } else {
      this.opener = how.opener ?? null;
      this.offer = how.offer ?? null;
      this.invited = (how.offer && how.way) ?? null;
      if (how.way) this.chatting = how.way === "chat";
      this.wish.thread = null;
      this.isOpen = true;
      void this.lookWhoIsThere(how.offer?.id);
      this.context.tell("opened", how.way ? { way: how.way } : {});
    }
    const wished = how.way === "phone" || how.way === "pc" ? how.way : this.by;
    this.choose(this.plan.ways.includes(wished) ? wished : (this.plan.ways[0] ?? "phone"));
    if (!how.way && !how.back) this.chatting = this.chat?.live === true && !this.call.live;
    this.chatting = this.mayChat && (this.chatting || this.plan.ways.length === 0);
    if (this.chatting) void this.loadChat();
    this.tell();
    void this.loadAnswers();
    await this.updateComplete;
    if (!how.back) this.heading?.focus();
  }

  /** Close it; a call in it goes on. The focus goes back to what opened it. */
  hide(): void {
    if (!this.isOpen) return;
    const hadFocus = this.shadowRoot?.activeElement != null;
    this.isOpen = false;
    if (!this.call.live) this.call.microphone?.close();
    if (this.call.view && !this.call.live) this.call.reset();
    this.context.tell("closed", { way: this.by });
    this.tell();
    if (hadFocus && this.opener?.isConnected) this.opener.focus();
  }

  /** The shopper leaves, as at a log-out: nothing of their chat, nor of what they typed, is left in this browser. */
  private leave(): void {
    this.chat?.leave();
    this.typed = { number: "", country: "" };
    this.hide();
  }

  planChanged(): void {
    this.told = this.context.plan();
    this.chat?.look(); // the page may have told another identity
    this.dress();
  }

  protected override updated(_: PropertyValues<this>): void {
    const hasCall = this.call.view !== null;
    // The button that was pressed is gone: the focus would be lost with it.
    if (hasCall !== this.hadCall && this.isOpen && this.shadowRoot?.activeElement === null)
      this.heading?.focus();
    this.hadCall = hasCall;
    this.announcer.say(this.call.words);
    this.tell();
  }

  protected override render() {
    return html`
      ${this.isOpen ? this.renderPanel() : this.renderClosed()}
      <div class="visually-hidden" aria-live="polite">${this.said}</div>
    `;
  }

  private renderPanel() {
    const { call } = this;
    const by = call.view === null ? this.by : call.by;
    return html`<section
      class="panel"
      role="dialog"
      lang=${words.language}
      aria-labelledby="title"
      @keydown=${this.key}
      @by-phone=${this.byPhone}
    >
      <header>
        <hgroup>
          <h2 id="title" tabindex="-1">${this.chatting ? words.chat.title : onDevice(words.talk[by])}</h2>
          <p dir="auto">${this.plan.label}</p>
        </hgroup>
        <button class="close" aria-label=${words.close} @click=${this.hide}>${closeIcon}</button>
      </header>
      <div class="body">
        ${this.renderShown()}
        ${this.chatting ? this.renderChat() : call.view === null ? this.renderForm() : this.renderCall()}
      </div>
    </section>`;
  }

  private renderChat() {
    const { call, chat, plan } = this;
    const begun = chat?.ticket != null;
    return html`
      ${begun || plan.panes.length < 2 || call.view ? nothing : this.renderWays()}
      ${
        call.view
          ? html`<button class="button plain" @click=${() => this.turnTo(false)}>
              ${call.by === "pc" ? headsetIcon : phoneIcon} ${call.words}
            </button>`
          : begun && !chat?.live && plan.ways.length > 0
            ? this.renderWays()
            : nothing
      }
      ${this.renderChatLater(begun)}
      ${
        chat
          ? html`<ringback-chat
              .chat=${chat}
              .plan=${plan}
              .typed=${this.typed}
              .tick=${Symbol()}
              language=${words.language}
              @chat-call=${this.callFromChat}
            ></ringback-chat>`
          : html`<p class=${this.chatLost ? "notice" : "lead"}>
              ${this.chatLost ? words.chatLost : words.moment}
            </p>`
      }
    `;
  }

  /** Nobody is there to chat now: what can be had, before the shopper writes. */
  private renderChatLater(begun: boolean) {
    const { chat, later } = this.plan;
    if (begun || chat.state === "open") return nothing;
    return html`<p class="notice">${words.later[later.way ?? "nothing"](this.opens)}</p>`;
  }

  private renderForm() {
    const { plan } = this;
    const untrue = this.untrue;
    if (plan.ways.length === 0 && !this.wish.thread) {
      return html`<p class="notice">${untrue} ${words.later.nothing(this.opens)}</p>`;
    }
    if (this.asksFirst) return this.renderAnswers();
    return html`
      ${this.wish.thread ? this.renderBack() : plan.panes.length > 1 ? this.renderWays() : nothing}
      ${this.wish.thread ? nothing : this.renderLater(untrue)}
      <ringback-form
        .plan=${plan}
        .read=${this.readNumber}
        .typed=${this.typed}
        .problem=${this.call.problem}
        .microphone=${this.call.microphone}
        by=${this.by}
        ?busy=${this.call.asking || this.preparing}
        @typed=${(event: CustomEvent<Typed>) => (this.typed = event.detail)}
        @wanted=${this.prepare}
        @call-me=${this.ask}
      ></ringback-form>
    `;
  }

  /** Whether the shopper finds answers before the form. Who accepted an invitation to talk is not held up. */
  private get asksFirst(): boolean {
    const { offer, plan, by, call } = this;
    const invited = offer !== null && !plan.buttonOffers.includes(offer.id);
    return (
      this.answers !== "passed" && !invited && !this.wish.thread && plan.answers.includes(by) && !call.problem
    );
  }

  private renderAnswers() {
    return html`
      ${this.plan.panes.length > 1 ? this.renderWays() : nothing}
      ${
        this.answers === "there"
          ? html`<ringback-answers
              .place=${this.answersPlace}
              language=${words.language}
              @go-on=${this.goOn}
            ></ringback-answers>`
          : html`<p class="lead">${words.moment}</p>`
      }
    `;
  }

  private async loadAnswers(): Promise<void> {
    if (!this.asksFirst || this.answers !== "unknown") return;
    this.answers = "coming";
    try {
      await import("./answers/answers-pane");
      this.answers = "there";
    } catch {
      this.answers = "passed"; // nobody who wants to talk waits for answers
    }
  }

  private goOn(): void {
    this.answers = "passed";
    this.heading?.focus();
  }

  /** Nobody is there now, or an offer is not true any more: what can be had, and why. */
  private renderLater(untrue: string) {
    const { later, states } = this.plan;
    if (states[this.by] === "open" && untrue === "") {
      const lead = this.by === "pc" ? onDevice(words.lead.pc) : words.lead.phone;
      return html`<p class="lead">${lead}</p>`;
    }
    const has = states[this.by] === "open" ? "callback" : later.way;
    const say = has === null ? words.later.nothing : words.later[has];
    return html`<p class="notice">${untrue} ${say(this.opens)}</p>`;
  }

  private renderWays() {
    return html`<fieldset>
      <legend class="visually-hidden">${words.how}</legend>
      ${this.plan.panes.map(
        (way) =>
          html`<label class="way">
            <input
              type="radio"
              name="by"
              value=${way}
              .checked=${way === (this.chatting ? "chat" : this.by)}
              @change=${() => this.pick(way)}
            />
            ${way === "chat" ? chatIcon : way === "pc" ? headsetIcon : phoneIcon}
            ${way === "chat" ? words.chat.way : onDevice(words.ways[way])}
          </label>`,
      )}
    </fieldset>`;
  }

  private renderCall() {
    const { call } = this;
    const over = !call.live && (call.view?.phase === "ended" || call.connection === "closed");
    return html`
      ${this.chat?.live ? this.renderBack() : nothing}
      <ringback-call
        .call=${call}
        .tick=${Symbol()}
        shop=${this.plan.label}
        ?phone=${this.plan.ways.includes("phone")}
      ></ringback-call>
      ${over ? html`<button class="button plain wide" @click=${this.again}>${words.again}</button>` : nothing}
    `;
  }

  private renderBack() {
    return html`<button class="button plain" @click=${() => this.turnTo(true)}>
      ${chatIcon} ${words.chat.back}${this.chat?.unread ? ` · ${words.unread(this.chat.unread)}` : nothing}
    </button>`;
  }

  /** A page that is to be shown, and the way back from one that was. */
  private renderShown() {
    const { call } = this;
    return html`
      ${call.asked ? html`<ringback-push .call=${call} .tick=${call.asked}></ringback-push>` : nothing}
      ${wayBack(window.location.href) === null ? nothing : html`<ringback-shown></ringback-shown>`}
    `;
  }

  /** The call or the chat goes on while the panel is closed: this leads back to it. */
  private renderClosed() {
    const { call, chat } = this;
    const talked = call.view?.phase === "connected" ? ` ${clockWords(call.talked)}` : "";
    return html`
      ${this.ready ? this.renderShown() : nothing}
      ${
        call.live && this.ready
          ? html`<button class="button call pill" @click=${this.reopen}>
              ${call.by === "pc" ? headsetIcon : phoneIcon} ${call.words}${talked}
            </button>`
          : chat?.live && this.ready
            ? html`<button class="button call pill" @click=${this.reopen}>
                ${chatIcon} ${words.chat.way}${chat.unread ? ` · ${words.unread(chat.unread)}` : nothing}
              </button>`
            : nothing
      }
    `;
  }

  /** What there is to offer: what the invitation that was accepted is about, too, whatever its way has for others. */
  private get plan(): SitePlan {
    const plan = readPlan(this.told, "mediaDevices" in navigator);
    const { invited, offer } = this;
    return invited && offer && offer.state !== "gone" ? withOffer(plan, invited, offer.state) : plan;
  }

  private get opens(): string {
    const { opensAt } = this.plan.later;
    return opensAt === null ? "" : timeWords(opensAt, Date.now() / 1000, words);
  }

  /** Why the invitation that the shopper accepted is not true any more; empty: it is, or there was none. */
  private get untrue(): string {
    const { invited, offer, plan } = this;
    if (!offer || offer.state === "open") return "";
    // Gone, and nothing is lost: what it was about can be had all the same.
    const state = invited === "chat" ? plan.chat.state : invited && plan.states[invited];
    if (offer.state === "gone" && state === "open") return "";
    const why = offer.state === "gone" ? "gone" : (offer.why ?? "agents");
    return words.untrue[why as keyof typeof words.untrue] ?? words.untrue.agents;
  }

  /** The words, before the first drawing. */
  private async learn(): Promise<void> {
    const wishes = [this.context.language(), ...navigator.languages];
    speak(await fetchWords(chooseLanguage(this.plan.languages, wishes)));
    if (hasChat()) await this.loadChat();
    this.requestUpdate();
  }

  private dress(): void {
    const { theme, darkTheme } = this.plan;
    dress(this, (this.dark.matches && darkTheme) || theme);
    // The sizes here are of the shopper's own letters, not of the shop's <html>.
    this.style.setProperty("--ringback-rem", getComputedStyle(this).fontSize);
    this.dir = getComputedStyle(document.documentElement).direction;
  }

  /** What the shop's page knows of its customer, unless the shopper has typed something. */
  private fillIn(): void {
    const { data } = this.context.page();
    const [number, country] = [data["contact.number"], data["contact.country"]];
    const [first = ""] = this.plan.countries;
    this.typed = {
      number: typeof number === "string" && number !== "" ? number : this.typed.number,
      country: typeof country === "string" && country !== "" ? country : this.typed.country || first,
    };
  }

  /** How it stands at the click: what the plan said may be minutes old. */
  private async lookWhoIsThere(offer?: string): Promise<void> {
    this.told = withNow(this.context.plan(), await this.context.now(offer));
  }

  /** Whether the shopper may chat, or does. */
  private get mayChat(): boolean {
    return this.plan.panes.includes("chat") || this.chat?.ticket != null;
  }

  private pick(way: Way): void {
    this.chatting = way === "chat";
    if (way === "chat") void this.loadChat();
    else this.choose(way);
  }

  /** Between the chat and the call beside it. */
  private turnTo(chat: boolean): void {
    this.chatting = chat;
    if (chat) this.wish.thread = null;
    this.heading?.focus();
  }

  private async loadChat(): Promise<void> {
    if (this.chat) return;
    this.chatLost = false;
    try {
      this.chat = await (this.entering ??= this.enterChat());
    } catch {
      this.entering = null;
      this.chatLost = true;
    }
  }

  private async enterChat(): Promise<LiveChat> {
    const { enterChat } = await import("./chat/thread-pane");
    const redraw = (): void => this.requestUpdate();
    return enterChat(this.context, () => this.wish.passed, redraw);
  }

  /** A call instead of the chat, or beside it. */
  private callFromChat({ detail: by }: CustomEvent<TalkBy>): void {
    this.wish.thread = this.chat?.ticket ?? null;
    if (this.call.view && !this.call.live) this.call.reset();
    this.choose(by);
    this.chatting = false;
    this.heading?.focus();
  }

  private choose(by: TalkBy): void {
    if (by === "pc") void this.call.loadPc();
    if (by === this.by) return;
    this.by = by;
    if (this.call.view === null) this.call.reset();
    void this.loadAnswers();
  }

  private prepare(): void {
    this.wish.proof.prepare();
  }

  private async ask({ detail: { number, country } }: CustomEvent<Typed>): Promise<void> {
    if (this.preparing || this.call.asking) return;
    this.preparing = true;
    const { by } = this;
    try {
      const answers = this.context.tell("calling", { way: by, number, country });
      const signed = await signedBy(answers);
      const request = this.wish.request({ number, country }, by, this.offer);
      await this.call.ask(this.api, this.wish.proof, { ...request, ...signed });
      if (this.call.problem === null) this.wish.done();
    } finally {
      this.preparing = false;
    }
  }

  private tell(): void {
    this.news.tell(this.call, this.call.live || this.chat?.live === true, this.isOpen);
  }

  private get lasting() {
    const { by, chatting, isOpen: open, ready, typed } = this;
    return ready ? { open, by, chatting, typed } : null;
  }

  private again(): void {
    this.answers = "passed";
    this.call.reset();
    this.offer = null;
    this.heading?.focus();
  }

  private byPhone(): void {
    this.answers = "passed";
    this.call.reset();
    this.choose("phone");
    this.heading?.focus();
  }

  private async reopen(): Promise<void> {
    await this.show({});
  }

  private key(event: KeyboardEvent): void {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.stopPropagation();
    event.preventDefault(); // a dialog that the panel lies in stays open
    this.hide();
  }
}

/** Whether this browser has a chat, of which the chat's own file reads more. */
function hasChat(): boolean {
  try {
    return (localStorage.getItem("ringback.chat") ?? sessionStorage.getItem("ringback.chat-draft")) !== null;
  } catch {
    return false;
  }
}

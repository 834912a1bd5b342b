/** The panel in a shop's page: the form, then the live call, then what became of it; closed, the way back to a call. */

import { clockWords } from "@ringback/browser-leg";
import { CallApi, type TalkBy, wayBack } from "@ringback/call-client";
import { html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, query, state } from "lit/decorators.js";
import type { Opening, PanelContext, Way } from "../../page/src/widget-seam";
import { Announcer } from "./announcer";
import { AnswersFirst } from "./answers/answers-first";
import "./call-form";
import type { ReadNumber } from "./call-form";
import { CallWish } from "./call-wish";
import { ChatSlot, hasChat } from "./chat-slot";
import { ContactNews } from "./contact-news";
import { Dressing } from "./dressing";
import { onDevice } from "./device";
import { chatIcon, closeIcon } from "./icons";
import { AcceptedInvitation } from "./invitation";
import { loadPart } from "./later-part";
import { LeadSlot } from "./follow/lead-slot";
import { LiveCall } from "./live-call";
import { PanelMemory } from "./panel-memory";
import { panelStyles } from "./panel-styles";
import {
  callLater,
  chatLater,
  nothingNow,
  shareButton,
  shownPages,
  unreadWords,
  wayChoice,
  wayIcon,
} from "./panel-bits";
import { readPlan, type SitePlan, withNow } from "./plan";
import { signedBy } from "./signing";
import { base, buttons } from "./styles";
import { filledIn, type Typed } from "./typed";
import { ViewSeam } from "./view-seam";
import { chooseLanguage, fetchWords, speak, words } from "./words";

@customElement("ringback-panel")
export class CallPanel extends LitElement {
  @state() private isOpen = false;
  @state() private by: TalkBy = "phone";
  /** Whether the chat is shown, rather than a call or its form. */
  @state() private chatting = false;
  @state() private typed: Typed = { number: "", country: "" };
  @state() private invitation = AcceptedInvitation.none;
  /** The shop's server is asked to sign. */
  @state() private preparing = false;
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
  private readonly readNumber: ReadNumber = (number, country) =>
    this.api.readNumber(this.context.site, number, country);
  private readonly dressing: Dressing;
  private readonly answers: AnswersFirst;
  private readonly chatSlot: ChatSlot;
  private readonly lead: LeadSlot;
  private readonly view: ViewSeam;
  private opener: HTMLElement | null = null;
  private hadCall = false;
  private ready: Promise<void> | null = null;

  static override styles = [base, buttons, panelStyles];

  constructor(private readonly context: PanelContext) {
    super();
    this.api = new CallApi(context.base.replace(/\/$/, ""));
    this.wish = new CallWish(context, this.api);
    this.news = new ContactNews(context);
    this.told = context.plan();
    this.addController((this.dressing = new Dressing(this, () => this.plan)));
    this.answers = new AnswersFirst(this, context);
    this.view = new ViewSeam(context, () => this.requestUpdate());
    this.call.hearOfView = this.view.hear;
    this.chatSlot = new ChatSlot(this, context, () => this.wish.passed, this.view.hear);
    this.lead = new LeadSlot(
      this,
      context,
      () => this.wish.passed,
      (typed) => (this.typed = typed),
    );
    this.memory = new PanelMemory(() => this.lasting);
    const { before } = this.memory;
    if (before) [this.by, this.typed, this.chatting] = [before.by, before.typed, before.chatting];
    this.addEventListener("announce", (event) => this.announcer.say((event as CustomEvent<string>).detail));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.announcer.stop();
  }

  /** Open it, with the focus on its heading; `how.way` is the way to talk, unless there is a call already. */
  async show(how: Opening): Promise<void> {
    await (this.ready ??= this.learn());
    if (how.leave) return this.leave();
    if (how.opener?.dataset["ringback"] === "share") return this.view.showCode();
    this.typed = filledIn(this.typed, this.context.page(), this.plan.countries);
    if (how.back) {
      this.isOpen = this.memory.before?.open === true && wayBack(window.location.href) === null;
    } else {
      this.opener = how.opener ?? null;
      this.invitation = AcceptedInvitation.of(how);
      if (how.way) this.chatting = how.way === "chat";
      this.wish.thread = null;
      this.isOpen = true;
      void this.lookWhoIsThere(how.offer?.id);
      this.context.tell("opened", how.way ? { way: how.way } : {});
    }
    const wished = how.way === "phone" || how.way === "pc" ? how.way : this.by;
    this.choose(this.plan.ways.includes(wished) ? wished : (this.plan.ways[0] ?? "phone"));
    if (!how.way && !how.back) this.chatting = this.chatSlot.live && !this.call.live;
    this.chatting = this.mayChat && (this.chatting || this.plan.ways.length === 0);
    if (this.chatting) void this.chatSlot.load();
    this.tell();
    this.loadAnswers();
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
    this.chatSlot.chat?.leave();
    this.typed = { number: "", country: "" };
    this.hide();
  }

  planChanged(): void {
    this.told = this.context.plan();
    this.chatSlot.chat?.look(); // the page may have told another identity
    this.dressing.look();
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
      ${this.isOpen ? this.renderPanel() : this.renderClosed()} ${this.view.element}
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
        ${shownPages(this.call)}
        ${this.chatting ? this.renderChat() : call.view === null ? this.renderForm() : this.renderCall()}
        ${this.plan.sharedView && !this.chatting && !this.view.live ? shareButton(this.view.showCode) : nothing}
      </div>
    </section>`;
  }

  private renderChat() {
    const { call, chatSlot, plan } = this;
    const { begun, chat, live, lost } = chatSlot;
    return html`
      ${!begun && plan.panes.length > 1 && !call.view ? this.renderWays() : nothing}
      ${
        call.view
          ? html`<button class="button plain" @click=${() => this.turnTo(false)}>
              ${wayIcon(call.by)} ${call.words}
            </button>`
          : begun && !live && plan.ways.length > 0
            ? this.renderWays()
            : nothing
      }
      ${begun ? nothing : chatLater(plan)}
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
          : html`<p class=${lost ? "notice" : "lead"}>${lost ? words.chatLost : words.moment}</p>`
      }
    `;
  }

  private renderForm() {
    const { plan } = this;
    const { thread } = this.wish;
    const untrue = this.invitation.untrue(plan, words);
    const form = thread ? nothing : this.lead.render(plan, this.typed);
    if (plan.ways.length === 0 && !thread) return html`${nothingNow(plan, untrue)} ${form}`;
    const ways = plan.panes.length > 1 ? this.renderWays() : nothing;
    if (this.asksFirst) return html`${ways} ${this.renderAnswers()}`;
    return html`
      ${thread ? this.renderBack() : ways} ${thread ? nothing : callLater(plan, this.by, untrue)}
      <ringback-form
        .plan=${plan}
        .read=${this.readNumber}
        .typed=${this.typed}
        .problem=${this.call.problem}
        .microphone=${this.call.microphone}
        by=${this.by}
        ?busy=${this.call.asking || this.preparing}
        @typed=${(event: CustomEvent<Typed>) => (this.typed = event.detail)}
        @wanted=${() => this.wish.proof.prepare()}
        @call-me=${this.ask}
      ></ringback-form>
      ${form}
    `;
  }

  /** Whether the shopper finds answers before the form. Who accepted an invitation to talk is not held up. */
  private get asksFirst(): boolean {
    const { answers, by, call, invitation, plan, wish } = this;
    const asked = plan.answers.includes(by) && !answers.passed;
    return asked && !invitation.invites(plan) && !wish.thread && !call.problem;
  }

  private renderAnswers() {
    const { place, there } = this.answers;
    if (!there) return html`<p class="lead">${words.moment}</p>`;
    return html`<ringback-answers
      .place=${place}
      language=${words.language}
      @go-on=${this.goOn}
    ></ringback-answers>`;
  }

  private loadAnswers(): void {
    if (this.asksFirst) void this.answers.load();
  }

  private goOn(): void {
    this.answers.pass();
    this.heading?.focus();
  }

  private renderWays() {
    return wayChoice(this.plan, this.chatting ? "chat" : this.by, (way) => this.pick(way));
  }

  private renderCall() {
    const { call } = this;
    const over = !call.live && (call.view?.phase === "ended" || call.connection === "closed");
    return html`
      ${this.chatSlot.live ? this.renderBack() : nothing}
      <ringback-call
        .call=${call}
        .tick=${Symbol()}
        shop=${this.plan.label}
        ?phone=${this.plan.ways.includes("phone")}
        ><p class="lead">${call.words}</p></ringback-call
      >
      ${over ? html`<button class="button plain wide" @click=${this.again}>${words.again}</button>` : nothing}
    `;
  }

  private renderBack() {
    return html`<button class="button plain" @click=${() => this.turnTo(true)}>
      ${chatIcon} ${words.chat.back}${unreadWords(this.chatSlot.chat?.unread)}
    </button>`;
  }

  /** The call or the chat goes on while the panel is closed: this leads back to it. */
  private renderClosed() {
    if (!this.ready) return nothing;
    const { call, chatSlot } = this;
    const talked = call.view?.phase === "connected" ? ` ${clockWords(call.talked)}` : "";
    const goesOn = call.live
      ? html`${wayIcon(call.by)} ${call.words}${talked}`
      : chatSlot.live
        ? html`${chatIcon} ${words.chat.way}${unreadWords(chatSlot.chat?.unread)}`
        : null;
    return html`
      ${shownPages(this.call)}
      ${goesOn && html`<button class="button call pill" @click=${this.reopen}>${goesOn}</button>`}
    `;
  }

  private get plan(): SitePlan {
    return this.invitation.plan(readPlan(this.told, "mediaDevices" in navigator));
  }

  /** The words, before the first drawing. */
  private async learn(): Promise<void> {
    loadPart(() => import("./in-call"));
    const wishes = [this.context.language(), ...navigator.languages];
    speak(await fetchWords(chooseLanguage(this.plan.languages, wishes)));
    if (hasChat()) await this.chatSlot.load();
    void this.view.begin();
    this.requestUpdate();
  }

  /** How it stands at the click: what the plan said may be minutes old. */
  private async lookWhoIsThere(offer?: string): Promise<void> {
    this.told = withNow(this.context.plan(), await this.context.now(offer));
  }

  /** Whether the shopper may chat, or does. */
  private get mayChat(): boolean {
    return this.plan.panes.includes("chat") || this.chatSlot.begun;
  }

  private pick(way: Way): void {
    this.chatting = way === "chat";
    if (way === "chat") void this.chatSlot.load();
    else this.choose(way);
  }

  /** Between the chat and the call beside it. */
  private turnTo(chat: boolean): void {
    this.chatting = chat;
    if (chat) this.wish.thread = null;
    this.heading?.focus();
  }

  /** A call instead of the chat, or beside it. */
  private callFromChat({ detail: by }: CustomEvent<TalkBy>): void {
    this.wish.thread = this.chatSlot.chat?.ticket ?? null;
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
    this.loadAnswers();
  }

  private async ask({ detail: { number, country } }: CustomEvent<Typed>): Promise<void> {
    if (this.preparing || this.call.asking) return;
    this.preparing = true;
    const { by } = this;
    try {
      const answers = this.context.tell("calling", { way: by, number, country });
      const signed = await signedBy(answers);
      const request = this.wish.request({ number, country }, by, this.invitation.offer);
      await this.call.ask(this.api, this.wish.proof, { ...request, ...signed });
      if (this.call.problem === null) this.wish.done();
    } finally {
      this.preparing = false;
    }
  }

  private tell(): void {
    this.news.tell(this.call, this.call.live || this.chatSlot.live || this.view.live, this.isOpen);
  }

  private get lasting() {
    const { by, chatting, isOpen: open, ready, typed } = this;
    return ready ? { open, by, chatting, typed } : null;
  }

  /** Back to the form. */
  private again(): void {
    this.answers.pass();
    this.call.reset();
    this.invitation = AcceptedInvitation.none;
    this.heading?.focus();
  }

  private byPhone(): void {
    this.answers.pass();
    this.call.reset();
    this.choose("phone");
    this.heading?.focus();
  }

  private reopen(): void {
    void this.show({});
  }

  private key(event: KeyboardEvent): void {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.stopPropagation();
    event.preventDefault(); // a dialog that the panel lies in stays open
    this.hide();
  }
}

/** The shared view of this page: from the question or the code to its end, through pages and tabs. No look of its own. */

import { tabStorage } from "@ringback/browser-leg";
import { rememberWay } from "@ringback/call-client";
import {
  type Deed,
  type KeptView,
  LiveView,
  NO_RULES,
  type Question,
  type Scope,
  scopesOf,
  VIEW_KEY,
  ViewMemory,
  ViewTabs,
  type ViewTicket,
} from "@ringback/call-client/shared-view";
import { randomKey } from "../random-key";
import type { SharedViewNews } from "../view-seam";
import { Actor, type Offer } from "./actor";
import { fetchCode, type ShownCode } from "./code";
import { Recorder } from "./recorder";

/** The page in which the view is. */
export interface ViewHome {
  readonly base: string;
  readonly site: string;
  /** What of the page's address may be told. */
  url(): string;
  /** It stands otherwise. */
  changed(): void;
  /** Show where an agent points; for a while, or until the shopper is there. */
  mark(element: Element, agent: string, word: string): void;
  /** Where an agent's pointer is, as a share of an element's box. */
  pointed(element: Element, agent: string, dx: number, dy: number): void;
  /** Take away whatever is shown on the page. */
  clear(): void;
  told(deed: Deed): void;
}

/** Ms for an answer to leave this page before it goes. */
const GO_AFTER = 150;
/** Ms after which a suggestion that nobody answers is declined. */
const OFFERED_FOR = 60_000;
/** Ms in which the second Escape ends the view. */
const TWICE = 600;

export class SharedView {
  live: LiveView | null = null;
  deeds: readonly Deed[] = [];
  offer: Offer | null = null;
  code: ShownCode | "coming" | "failed" | null = null;
  /** Why the view that was on is over; null: there was none, or it was told. */
  farewell: string | null = null;
  readonly recorder: Recorder;
  private readonly actor: Actor;
  private readonly memory = new ViewMemory(tabStorage());
  private readonly tabs: ViewTabs;
  private readonly tab = randomKey();
  /** A view that began while this tab was hidden. */
  private later: (() => void) | null = null;
  private wasOn = false;
  private escapedAt = -TWICE;
  private leaveLock: (() => void) | null = null;

  constructor(private readonly home: ViewHome) {
    this.recorder = new Recorder({
      rules: () => this.rules,
      url: () => home.url(),
      give: (pieces) => this.live?.give(pieces) ?? false,
      tooLarge: (page) => this.live?.tooLarge(page),
      changed: () => home.changed(),
    });
    this.actor = new Actor({
      nodes: () => this.recorder.nodes,
      agreed: () => this.live?.state.agreed ?? [],
      mark: (element, agent, word) => home.mark(element, agent, word),
      offer: (offer) => this.propose(offer),
      open: (url) => this.open(url),
      done: (deed) => this.done(deed),
    });
    this.tabs = new ViewTabs(
      home.base,
      () => this.kept,
      (kept) => this.takeUp(kept),
    );
    window.addEventListener("pagehide", () => this.leavePage());
    window.addEventListener("pageshow", ({ persisted }) => persisted && this.comeBack());
    document.addEventListener("visibilitychange", () => this.looked());
    window.addEventListener("focus", () => this.looked());
    window.addEventListener("keydown", (event) => this.key(event), true);
    const kept = this.memory.take(home.base);
    if (kept) this.takeUp(kept);
    else this.tabs.ask();
  }

  /** Whether a view goes on: a page that is left must find its way back into it. */
  get goesOn(): boolean {
    return this.live !== null && !this.live.over;
  }

  /** Whether somebody may see this page. */
  get isOn(): boolean {
    return this.live?.state.phase === "on";
  }

  /** What the socket of the call or the chat says. */
  hear(news: SharedViewNews): void {
    if (news.type === "shared_view_over") {
      if (this.live?.ticket.view === news.view) this.live.close(news.reason);
      this.later = null;
      return;
    }
    const { agent, consent, expires_in, token, view } = news;
    if (this.live?.ticket.view === view && !this.live.over) return;
    const scopes = scopesOf(Object.keys(consent.words));
    const question = { agent, scopes, consent, until: Date.now() + expires_in * 1000 };
    this.whenSeen(() => this.begin({ view, token }, { question }));
  }

  async showCode(): Promise<void> {
    if (this.goesOn || this.code === "coming") return;
    this.code = "coming";
    this.home.changed();
    const code = await fetchCode(this.home.base, this.home.site);
    this.code = code ?? "failed";
    if (code) this.begin(code.ticket, {});
    this.home.changed();
  }

  /** The shopper does not want to show their code any more. */
  hideCode(): void {
    this.code = null;
    if (this.live?.state.phase === "waiting" || this.live?.state.phase === "connecting") this.live.end();
    this.home.changed();
  }

  /** The shopper's answer to the question. */
  answer(scopes: readonly Scope[]): void {
    this.live?.consent(scopes);
  }

  revoke(scope: Scope): void {
    this.live?.revoke([scope]);
  }

  end(): void {
    this.live?.end();
  }

  forgetFarewell(): void {
    this.farewell = null;
    this.home.changed();
  }

  private get rules() {
    return this.live?.state.rules ?? NO_RULES;
  }

  private get kept(): KeptView | null {
    const { deeds, live } = this;
    const shared = live && !live.over && live.state.agreed.length > 0;
    return shared ? { base: this.home.base, ticket: live.ticket, deeds } : null;
  }

  /** The view that another page or tab of this site has. */
  private takeUp({ deeds, ticket }: KeptView): void {
    if (this.goesOn) return;
    this.whenSeen(() => {
      if (this.goesOn) return;
      this.deeds = deeds;
      this.begin(ticket, { resumed: true });
    });
  }

  private begin(ticket: ViewTicket, how: { question?: Question; resumed?: boolean }): void {
    if (this.live) this.live.close("replaced");
    if (!how.resumed) this.deeds = [];
    this.wasOn = false;
    this.farewell = null;
    this.live = new LiveView(
      ticket,
      {
        base: this.home.base,
        tab: this.tab,
        url: () => this.home.url(),
        title: () => document.title,
        visible: () => isSeen(),
      },
      {
        changed: () => this.moved(),
        record: (page) => this.record(page),
        snapshot: () => this.recorder.snapshot(),
        act: (action) => this.actor.act(action),
        pointed: ({ agent, dx, dy, node }) => {
          const element = this.recorder.nodes?.element(node);
          if (element) this.home.pointed(element, agent, dx, dy);
        },
      },
      how,
    );
    this.home.changed();
  }

  private record(page: number | null): void {
    if (page !== null) void this.recorder.start(page);
    else this.recorder.stop();
  }

  /** Follows each change: what was agreed to, and its end. */
  private moved(): void {
    const { live } = this;
    // While it is made, it tells already.
    if (!live) return;
    if (live.state.phase !== "waiting" && live.state.phase !== "connecting") this.code = null;
    if (live.state.phase === "on" && !this.wasOn) {
      this.wasOn = true;
      this.tabs.tell();
    }
    if (live.over) {
      this.recorder.stop();
      this.drop();
      this.home.clear();
      this.memory.forget();
      if (this.wasOn) this.farewell = live.state.reason;
      this.wasOn = false;
    } else if (!live.state.agreed.includes("point")) {
      this.drop();
      this.home.clear();
    }
    this.holdLock();
    this.home.changed();
  }

  /** A lock, so that the site's other tabs know that there is something to take up. */
  private holdLock(): void {
    if (this.isOn && !this.leaveLock)
      void navigator.locks?.request(VIEW_KEY, { mode: "shared" }, () => {
        if (!this.isOn) return undefined;
        return new Promise<void>((end) => (this.leaveLock = end));
      });
    if (!this.isOn) {
      this.leaveLock?.();
      this.leaveLock = null;
    }
  }

  private propose(offer: Offer): void {
    this.drop();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const answer = (value: string | null): void => {
      clearTimeout(timer);
      if (this.offer !== asked) return;
      this.offer = null;
      this.home.changed();
      offer.answer(value);
    };
    const asked = { ...offer, answer };
    timer = setTimeout(() => answer(null), OFFERED_FOR);
    this.offer = asked;
    if (offer.element) this.home.mark(offer.element, offer.agent, "");
    this.home.changed();
  }

  /** What was suggested is not asked any more. */
  private drop(): void {
    this.offer?.answer(null);
  }

  private done(deed: Deed): void {
    this.deeds = [...this.deeds, deed];
    this.home.told(deed);
    this.home.changed();
  }

  private open(url: string): void {
    rememberWay(url, window.location.href);
    setTimeout(() => window.location.assign(url), GO_AFTER);
  }

  private whenSeen(what: () => void): void {
    this.later = null;
    if (isSeen()) what();
    else this.later = what;
  }

  private looked(): void {
    const { later } = this;
    if (isSeen() && later) {
      this.later = null;
      later();
    }
    this.live?.looked(isSeen());
  }

  private leavePage(): void {
    const { kept } = this;
    if (kept) this.memory.remember(kept);
    this.drop();
    this.live?.leavePage();
  }

  private comeBack(): void {
    this.memory.forget();
    this.live?.comeBack();
  }

  private key(event: KeyboardEvent): void {
    if (!event.isTrusted || event.repeat || event.isComposing) return;
    if (event.key !== "Escape" || !this.isOn) {
      this.escapedAt = -TWICE;
      return;
    }
    if (event.timeStamp - this.escapedAt < TWICE) this.end();
    this.escapedAt = event.timeStamp;
  }
}

const isSeen = (): boolean => document.visibilityState === "visible";

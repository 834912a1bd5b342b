/**
 * The seam between the loader (this folder) and the panel (`web/widget/`): types alone. The two are separate
 * bundles on the shop's page, of one version of the server each, perhaps not the same one; they share no code.
 *
 * The loader imports the panel's file (`widget` of the server's plan) at the first click, `ringback.open()` or
 * accepted invitation, or at once where the panel asked for it on the page before (`PanelContext.comeBack`). It
 * then calls `mount` once a page. The loader draws the launcher and invitations, the panel draws everything else.
 */

/** What a shopper can choose. */
export type Way = "phone" | "pc" | "chat";

/** Whether somebody is there: now, later (a callback or a message), or the way is not offered at all. */
export type WayState = "open" | "later" | "hidden";

/** What the panel's file exports. */
export interface PanelModule {
  /** Make the panel, closed. Called once a page; nothing of the page is drawn on or focused before `open`. */
  mount(context: PanelContext): Panel;
}

/** The panel, as the loader sees it. */
export interface Panel {
  /** Open it, or bring it to the front; move the focus into it. */
  open(how: Opening): void;
  /** Close it. A call in it goes on. */
  close(): void;
  /** The server has answered again: `context.plan()` is new. */
  planChanged(): void;
}

/** Why the panel opens. */
export interface Opening {
  /** The pane to begin with; not there: let the shopper choose. */
  readonly way?: Way;
  /** The invitation that the shopper accepted. */
  readonly offer?: AcceptedOffer;
  /** Where the focus goes when the panel closes; not there: nowhere. */
  readonly opener?: HTMLElement;
  /** It was open or in a call on the page before: take up where it was, and leave the focus alone. */
  readonly back?: boolean;
  /** Not to be opened: the shopper leaves. End their chat, forget it and what they typed, and close. */
  readonly leave?: boolean;
}

export interface AcceptedOffer {
  /** Of the server; goes with the call or chat. */
  readonly id: string;
  /**
   * Asked at the click: `open`, as it was offered; `callback`, nobody is free any more, so a callback is offered
   * and the panel says why; `gone`, neither, so the panel says so.
   */
  readonly state: "open" | "callback" | "gone";
  /** Why it is not open any more. A newer server may have other words. */
  readonly why?: "agents" | "hours" | "queue" | (string & {});
}

/** What the loader gives the panel. */
export interface PanelContext {
  /** An empty element in a shadow root of the loader, which lies above the shop's page, takes no room and stays
   * over Turbo's and Astro's swaps of the body. The panel puts its own element (with its own shadow root) in it.
   * It positions itself with `position: fixed`. */
  readonly host: HTMLElement;
  /** The server, with a slash at its end: `https://calls.shop.example/` or `https://shop.example/ringback/`. */
  readonly base: string;
  /** The site's key. */
  readonly site: string;
  /** The server's last answer to `POST /v1/page`, as `messages.ts` has it: themes, languages, ways, words. */
  plan(): unknown;
  /** What a click passes on: the page's URL and title, and the facts that the shop has set. */
  page(): PageOfClick;
  /** The visitor's id. Asking for it makes one, and stores it where consent is given or the shopper has clicked. */
  visitor(): string;
  /** The random id of this view of the page. */
  view(): string;
  /** The page token of `ringback.identify`, or null. */
  token(): string | null;
  /** Language tag: of `<html lang>` or else of the browser. */
  language(): string;
  /** Ask now who is there, at a click: the answer of `GET /v1/page/SITE/now`; null: the server did not answer. */
  now(offer?: string): Promise<unknown>;
  /**
   * Tell the shop's listeners (`ringback.on(name, …)`) and count it: see `PanelEvents`. Answers what they returned, in
   * their order; one that throws answers nothing. The panel waits for the answers to `calling` alone.
   */
  tell<Name extends keyof PanelEvents>(name: Name, detail: PanelEvents[Name]): readonly unknown[];
  /**
   * Whether a call or chat goes on. While it does no invitation appears, in no tab of the shop, and the loader hides
   * its launcher in this tab: the panel shows a button of its own that leads back to the call. The loader hides the
   * launcher while the panel is open, too (`opened`, `closed`).
   */
  inContact(truth: boolean): void;
  /**
   * Whether the panel is to be loaded at once on the tab's next page, and `open({back: true})` called: it is open,
   * or a call goes on. The loader keeps this one bit in sessionStorage when the page goes (`ringback.back`); what
   * the panel needs to take up again, the panel keeps.
   */
  comeBack(truth: boolean): void;
  /** Above a dialog of the shop's that has opened since, and into one that is modal. An older loader cannot. */
  lift?(): void;
}

export interface PageOfClick {
  readonly url: string;
  readonly title: string;
  /**
   * Facts that the shop has set (`ringback.set`), by name; the server passes on what `data_pass` declares. With
   * `contact.number` and `contact.country` a shop fills in the form for a customer that it knows: the panel reads
   * these two at `open`, and neither the loader nor the panel sends them anywhere as facts.
   */
  readonly data: Readonly<Record<string, string | number | boolean>>;
}

/** What the panel tells: `ringback.on(name, (detail) => …)` in the shop's page. */
export interface PanelEvents {
  /** The panel has opened. */
  opened: { way?: Way };
  closed: { way?: Way };
  /**
   * The shopper has clicked, and a call is about to be asked for. A listener may answer, or promise, `{signed}`: what
   * the shop's server has signed for this one call. The panel waits for five seconds at most.
   */
  calling: { way: Way; number: string; country: string };
  /** A call or chat has begun. */
  contact: { way: Way; id: string };
  /** It has ended; `outcome` is the call's disposition; `call`, the call that a chat led to. */
  ended: { way: Way; id: string; outcome: string; call?: string };
  /** A callback was booked, or a message left. */
  booked: { kind: "callback" | "message" };
}

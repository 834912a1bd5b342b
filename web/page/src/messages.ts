/** Written by `python -m api.reference` from api/page/models.py: edit there. */

/** The page that the shopper is on. */
export interface PageNow {
  /** with its query, without its fragment */
  readonly url: string;
  readonly title?: string;
  /** its origin, and the allowed part of its query */
  readonly referrer?: string;
}

/** Here is what I know: what shall I show? (`POST /v1/page`) */
export interface PageQuestion {
  /** the loader's version */
  readonly v?: number;
  /** the site's public key */
  readonly site: string;
  /** a random id of this page view, never stored */
  readonly view: string;
  /** 128 random bits that the page keeps, only after consent or the shopper's own click */
  readonly visitor?: string | null;
  /** the page token that `identify` was given */
  readonly token?: string | null;
  /** whether the shopper agrees to be remembered */
  readonly consent?: boolean;
  /** whether this page made `visitor`, so that nobody can know them yet */
  readonly fresh?: boolean;
  /** of `<html lang>`, else the browser's */
  readonly language?: string;
  readonly page: PageNow;
  /** `phone`, `tablet` or `desktop` */
  readonly device?: string;
  /** the cheap ones, and those that were asked for */
  readonly facts?: Readonly<Record<string, boolean | number | string>>;
  /** why no invitation may appear now: `typing`, `dialog`, `in_contact`, `hidden_tab`, `opted_out` */
  readonly busy?: readonly string[];
  /** whether the page saw one trusted input event */
  readonly trusted?: boolean;
}

/** What became of an offer or a button, one at a time and at once. (`POST /v1/page/events`) The control arm is told as `exposed` by the same path, at the moment at which it would have been shown. */
export interface PageEvent {
  /** the loader's version */
  readonly v?: number;
  /** the site's public key */
  readonly site: string;
  /** a random id of this page view, never stored */
  readonly view: string;
  /** 128 random bits that the page keeps, only after consent or the shopper's own click */
  readonly visitor?: string | null;
  /** the page token that `identify` was given */
  readonly token?: string | null;
  /** `exposed`, `seen` (10 s in sight), `accepted`, `declined`, `ignored`, `held`, `button_seen`, `button_clicked`, `opted_out`, `converted` */
  readonly what: string;
  /** the offer's id */
  readonly offer?: string | null;
  readonly consent?: boolean;
  /** of `held`: why it was not shown after all */
  readonly reason?: string;
  /** of a button: its `data-ringback-name`, else its id, else `launcher` */
  readonly place?: string;
  /** of a button: what it opens */
  readonly way?: string;
  /** of a button: the page's path */
  readonly page?: string;
  readonly device?: string;
  /** of `converted`: the order's reference */
  readonly ref?: string;
  /** of `converted`: money in minor units, such as cents */
  readonly value?: number | null;
  /** of `converted`: by ISO 4217 */
  readonly currency?: string;
}

/** When to ask again; otherwise no earlier than on the next page. */
export interface AskAgain {
  /** when one of these changes, tell them */
  readonly facts: readonly string[];
  /** after so many seconds of visible time; null: time changes nothing */
  readonly seconds: number | null;
  /** when a reason of `busy` passes */
  readonly busy: boolean;
}

/** What can be had now where nobody can talk. */
export interface Later {
  readonly ways: readonly ("callback" | "message")[];
  /** when it opens again; null: unknown, or the queue is full */
  readonly opens_at: number | null;
  /** the same in words, in the shop's time: `on Monday at 9:00 a.m.` */
  readonly opens: string;
}

/** How the site's shoppers chat. */
export interface PageChat {
  /** what is asked before a chat */
  readonly fields: readonly PageChatField[];
  /** whether questions come before people */
  readonly guided: boolean;
  /** how shopper and agent may talk instead */
  readonly escalate: readonly ("phone" | "pc")[];
  /** the longest entry, in characters */
  readonly longest: number;
  /** whether the shopper may save what was said, or have it mailed */
  readonly transcript: boolean;
}

/** A field of the form before a chat. */
export interface PageChatField {
  /** its name in the chat's `context` */
  readonly key: string;
  readonly label: string;
  readonly required: boolean;
}

/** The panel's own form, by which shoppers leave a number or an address and are answered later. */
export interface PageForm {
  /** where nobody is there, or beside calls and chats */
  readonly when: "nobody" | "always";
  /** whether a time for the call may be chosen */
  readonly times: boolean;
  /** what stands above its button, by language; empty: nothing */
  readonly consent: Readonly<Record<string, string>>;
}

/** An invitation to show once: the shopper accepts it, declines it or ignores it. */
export interface PageOffer {
  /** opaque; to name in the events about it */
  readonly id: string;
  readonly kind: "invitation";
  /** `control`: show nothing, and tell it as `exposed` */
  readonly arm: "shown" | "control";
  readonly way: "phone" | "pc" | "chat";
  readonly text: string;
  readonly place: "corner" | "top";
}

/** What the page needs to know of its site; it changes with the settings alone. */
export interface PageSite {
  /** the shop's name, as shoppers read it */
  readonly label: string;
  /** CSS custom properties by name: `accent`, `on_accent`, … */
  readonly theme: Readonly<Record<string, string>>;
  /** for shoppers whose system is dark; null: `theme` for everybody */
  readonly dark_theme: Readonly<Record<string, string>> | null;
  /** the first one where none fits */
  readonly languages: readonly string[];
  /** where the floating button is */
  readonly launcher: "bottom_end" | "bottom_start" | "none";
  /** the ways to talk, in the order in which they are offered */
  readonly ways: readonly ("phone" | "pc" | "chat")[];
  /** where a number without +… belongs to; null: ask */
  readonly country: string | null;
  /** the ways before which the panel shows answers; empty: it has none */
  readonly answers: readonly ("phone" | "pc" | "chat")[];
  /** null: they do not chat */
  readonly chat: PageChat | null;
  /** null: there is none */
  readonly form: PageForm | null;
  /** those that may be asked for (ISO 3166-1), preset to the first */
  readonly countries: readonly string[];
  /** whether a call needs a token of /v1/calls/token */
  readonly form_token: boolean;
  /** whether to wait for consent(true) */
  readonly consent: "required" | "not_needed";
  /** whether explain() answers */
  readonly explain: boolean;
  /** whether a shopper can show a page by a code */
  readonly shared_view: boolean;
  /** what of the page's query the page tells, beside `utm_…`: what rules read */
  readonly query: readonly string[];
}

/** A button that a rule shows. */
export interface RuleButton {
  readonly way: "phone" | "pc" | "chat";
  /** to name in the events about it; null: it is not counted */
  readonly offer: string | null;
  /** `control`: show nothing, and tell it as `exposed` */
  readonly arm: "shown" | "control";
  /** what is on it; empty: the widget's own words */
  readonly text: string;
}

/** How each way to talk stands. */
export interface Ways {
  readonly phone: "open" | "later" | "hidden";
  readonly pc: "open" | "later" | "hidden";
  readonly chat: "open" | "later" | "hidden";
}

/** What the page shows, and when it asks again. It never names a rule, a condition or a segment. */
export interface PagePlan {
  /** the server's version */
  readonly v: number;
  readonly site: PageSite;
  /** path of the widget's module, after the loader's base; empty: none is built */
  readonly widget: string;
  /** the best of `ways` */
  readonly state: "open" | "later" | "hidden";
  readonly ways: Ways;
  readonly later: Later | null;
  /** that rules show */
  readonly buttons: readonly RuleButton[];
  readonly offer: PageOffer | null;
  readonly ask_again: AskAgain;
  /** fact → CSS selector whose matches it counts */
  readonly watch: Readonly<Record<string, string>>;
  /** facts of `watch` that are no count: what the first match says, or whether there is one */
  readonly watch_kinds: Readonly<Record<string, "text" | "truth">>;
  /** path of the module that follows the page, after the loader's base; empty: none is built */
  readonly follow: string;
  /** what the loader itself shows, in the shopper's language, by name */
  readonly words: Readonly<Record<string, string>>;
}

/** Whether what is about to be shown, or was clicked, is still true. (`GET /v1/page/SITE_KEY/now`) */
export interface WaysNow {
  readonly state: "open" | "later" | "hidden";
  readonly ways: Ways;
  readonly later: Later | null;
  /** what the offer of the question is now; `gone`: it was never made, or is too old */
  readonly offer: "open" | "callback" | "gone" | null;
  /** why it is no longer `open` */
  readonly why: "agents" | "hours" | "queue" | null;
}

/** One decision of this visit. */
export interface ExplainedDecision {
  readonly at: number;
  readonly url: string;
  /** the rule whose invitation was offered; empty: none */
  readonly shown: string;
  readonly rules: readonly ExplainedRule[];
}

/** What one rule came to in one decision. */
export interface ExplainedRule {
  readonly rule: string;
  /** `true`, `false` or `unknown` */
  readonly condition: string;
  /** the facts that could still decide it */
  readonly waits_for: readonly string[];
  /** why it was not shown though its condition holds; empty: it was, or does not hold */
  readonly held: string;
  /** all of it in words */
  readonly text: string;
}

/** The last decisions of this visit, the newest last. (`POST /v1/page/explain`) */
export interface Explained {
  readonly decisions: readonly ExplainedDecision[];
}

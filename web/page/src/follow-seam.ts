/**
 * The seam between the loader and the module that follows the page: types alone. The loader is on every page and stays
 * small. It imports this module with the shopper's first input: nobody is invited, and no panel is opened, before.
 * The server names the file, so a loader that a browser has kept works with a newer module, and the other way
 * round: what is here only ever grows.
 */

import type { FactValue } from "./facts";
import type { Kept } from "./memory";
import type { Opening, PageOfClick } from "./widget-seam";
import type { PageEvent, PagePlan, PageQuestion } from "./messages";

/** What the module exports. */
export interface FollowModule {
  follow(page: FollowedPage): Follower;
}

/** What the loader tells the module. */
export interface Follower {
  /** The server has answered: `page.plan()` is new. */
  obey(): void;
  /** Something may have changed that the server wants to know. */
  touch(): void;
  /** Ask, whatever the last answer said, with all that the module knows. */
  ask(): void;
  /** Open the panel; false: it could not be loaded. */
  open(how: Opening): Promise<boolean>;
  /** Send a form of the shop's page. */
  send(form: Record<string, unknown>): Promise<Sent>;
}

/** What came of a form; the problem is that of the server (RFC 9457). */
export type Sent = { readonly sent: true } | { readonly sent: false; readonly problem: object };

/** What the loader does for the module. */
export interface FollowedPage {
  /** Names of what this loader can do; a newer one has more. */
  readonly v: number;
  readonly base: string;
  readonly site: string;
  /** The browser's own `setTimeout`, `clearTimeout` and `getComputedStyle`, whatever the shop's code made of them. */
  later(what: () => void, ms?: number): number;
  never(timer: number | undefined): void;
  styleOf(element: Element): CSSStyleDeclaration;
  /** The server's last answer. */
  plan(): PagePlan | null;
  /** Milliseconds that this view was in sight. */
  ms(): number;
  /** What the shop has told, and what the loader knows by itself. */
  facts(): Record<string, FactValue>;
  /** The shop went on to another page without loading one: a new view begins, and the server is asked. */
  turn(): void;
  /** Count a fact of this visit. */
  count(name: string): void;
  /** The facts of the loader's last question, and when it was asked. */
  told(): { readonly facts: Readonly<Record<string, FactValue>>; readonly at: number };
  /** Ask what to show. The answer comes by `Follower.obey`; false: the server did not answer. */
  ask(more: FollowedQuestion): Promise<boolean>;
  tell(event: Told): Promise<unknown>;
  /** Ask the server for what is under /v1/page; rejected where it does not answer. */
  request(path: string): Promise<unknown>;
  /** Send JSON to this path of the server, whatever it answers; rejected where it does not. */
  send(path: string, what: unknown): Promise<Response>;
  /** Tell the shop's listeners, and get what they answer. */
  emit(name: string, detail: unknown): readonly unknown[];
  /** Whether the shopper has touched the page. */
  sawInput(): boolean;
  /** Who the shopper is, and whether they want no invitation. */
  visitor(): Pick<Kept, "out">;
  /** Whether the launcher is of use: no panel is open, and no call goes on. */
  showLauncher(truth: boolean): void;
  /** A word in the page's language. */
  word(name: string): string;
  /** Where to draw. */
  root(): ShadowRoot;
  /** Lift that above everything. */
  raise(): void;
  /** What the shop keeps in this place of the window whatever is scrolled. */
  fixedAt(x: number, y: number): DOMRect | null;
  /** What a click passes on. */
  click(): PageOfClick;
  /** The visitor's id, which is kept from now on. */
  known(): string;
  /** The random id of this view. */
  view(): string;
  token(): string | null;
  language(): string;
}

export type FollowedQuestion = Pick<PageQuestion, "busy" | "trusted"> & { facts: Record<string, FactValue> };
export type Told = Omit<PageEvent, "v" | "site" | "view" | "visitor" | "token" | "consent" | "device">;

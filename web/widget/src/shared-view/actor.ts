/** Does on the page what an agent asks, once the page has judged it, too. Each act becomes a line of the list. */

import {
  type Deed,
  type DoAction,
  type Outcome,
  pageToShow,
  type Refusal,
  refusalOf,
  type Scope,
} from "@ringback/call-client/shared-view";
import { clickOn, fillIn, isInSight, showOnPage } from "./doing";
import type { PageNodes } from "./page-nodes";

/** Something that the shopper is asked before it is done. */
export interface Offer {
  readonly agent: string;
  /** What the field is called; of a page, its address. */
  readonly what: string;
  /** Of a field: what is suggested. Null: a page is to be opened. */
  readonly value: string | null;
  /** The field; null: of a page. */
  readonly element: Element | null;
  /** With the value as the shopper left it; null: they do not want it. */
  answer(value: string | null): void;
}

/** The page and the shopper, as the actor needs them. */
export interface ActedPage {
  nodes(): PageNodes | null;
  agreed(): readonly Scope[];
  /** Show where something is; with a word, if there is one. */
  mark(element: Element, agent: string, word: string): void;
  /** Ask the shopper; what was asked before is not answered any more. */
  offer(offer: Offer): void;
  open(url: string): void;
  done(deed: Deed): void;
}

export class Actor {
  constructor(private readonly page: ActedPage) {}

  async act(action: DoAction): Promise<Outcome> {
    const element = this.page.nodes()?.element(action.node) ?? null;
    const what = element ? (this.page.nodes()?.label(element) ?? "") : "";
    const outcome = await this.judged(action, element, what);
    const { agent, kind } = action;
    this.page.done({
      at: Date.now(),
      agent,
      kind,
      what: kind === "navigate" ? (action.value ?? "") : what,
      result: outcome.result,
      reason: outcome.reason ?? "",
    });
    return outcome;
  }

  private async judged(action: DoAction, element: Element | null, what: string): Promise<Outcome> {
    const { agent, kind, value, word } = action;
    const refusal = this.refusal(action, element, value);
    if (refusal) return refused(refusal);
    if (kind === "navigate") return this.navigate(action);
    if (!element) return refused("gone");
    switch (kind) {
      case "point":
      case "highlight":
        if (!isInSight(element)) showOnPage(element);
        this.page.mark(element, agent, word ?? "");
        return DONE;
      case "scroll":
        showOnPage(element);
        return DONE;
      case "click":
        this.page.mark(element, agent, "");
        clickOn(element);
        return DONE;
      default:
        return kind === "propose" || action.ask
          ? this.propose(action, element, what)
          : this.fill(element, agent, value ?? "");
    }
  }

  private refusal({ kind }: DoAction, element: Element | null, value: string | null): Refusal | null {
    const nodes = this.page.nodes();
    return refusalOf(kind, this.page.agreed(), element && nodes ? nodes.facts(element) : null, value);
  }

  private async propose(action: DoAction, element: Element, what: string): Promise<Outcome> {
    if (!isInSight(element)) showOnPage(element);
    const value = await this.ask(action.agent, what, action.value ?? "", element);
    if (value === null) return { result: "declined", reason: "" };
    // The page, and what was agreed, may be others by now.
    const refusal = this.refusal(action, element.isConnected ? element : null, value);
    return refusal ? refused(refusal) : this.fill(element, action.agent, value);
  }

  private async fill(element: Element, agent: string, value: string): Promise<Outcome> {
    if (!isInSight(element)) showOnPage(element);
    const untaken = await fillIn(element, value);
    if (untaken) return refused(untaken);
    this.page.mark(element, agent, "");
    return DONE;
  }

  /** A page of another site is asked about, whatever the server says. */
  private async navigate({ agent, ask, value }: DoAction): Promise<Outcome> {
    const target = pageToShow(value, window.location.href);
    if (!target) return refused("bad_address");
    const wanted = ask || !target.sameOrigin ? await this.ask(agent, target.url, null, null) : "";
    if (wanted === null) return { result: "declined", reason: "" };
    if (!this.page.agreed().includes("point")) return refused("not_agreed");
    this.page.open(target.url);
    return DONE;
  }

  private ask(
    agent: string,
    what: string,
    value: string | null,
    element: Element | null,
  ): Promise<string | null> {
    return new Promise((answer) => this.page.offer({ agent, what, value, element, answer }));
  }
}

const DONE: Outcome = { result: "done", reason: "" };
const refused = (reason: Refusal): Outcome => ({ result: "refused", reason });

/** One wish to talk: one request, however often it is clicked or sent again. */

import type { CallApi, CallProof, CallRequest, CallTicket, Json, TalkBy } from "@ringback/call-client";
import type { AcceptedOffer, PanelContext } from "../../page/src/widget-seam";
import type { Typed } from "./typed";
import { randomKey } from "./random-key";

export class CallWish {
  /** The chat that the next call comes of. */
  thread: CallTicket | null = null;
  private known: CallProof | null = null;
  private wish: { readonly key: string; readonly of: string } | null = null;

  constructor(
    private readonly context: PanelContext,
    private readonly api: CallApi,
  ) {}

  get proof(): CallProof {
    return (this.known ??= this.api.proofFor(this.context.site));
  }

  /** The call was placed: the next one is another wish. */
  done(): void {
    this.wish = this.thread = null;
  }

  /** What the page passes of its shopper, without what the form is filled in with. */
  get passed(): Record<string, Json> {
    const { data } = this.context.page();
    return Object.fromEntries(Object.entries(data).filter(([name]) => !name.startsWith("contact.")));
  }

  request({ number, country }: Typed, by: TalkBy, offer: AcceptedOffer | null): CallRequest {
    const { context, passed, thread } = this;
    const of = JSON.stringify([by, number, country, thread?.id]);
    if (this.wish?.of !== of) this.wish = { key: randomKey(), of };
    const wish = {
      site_key: context.site,
      page: context.page().url,
      context: passed,
      request: this.wish.key,
      visitor: context.visitor(),
      ...(offer && { offer: offer.id }),
      ...(thread && { thread: { id: thread.id, token: thread.token } }),
    };
    if (by === "phone") return { ...wish, number, country };
    return number === "" ? { ...wish, by } : { ...wish, by, number, country };
  }
}

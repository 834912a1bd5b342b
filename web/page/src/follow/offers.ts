/**
 * The life of an invitation on the page. The server decides which; the page only says whether now is the moment,
 * asks once more whether somebody is free, and tells at once what became of it. The control group goes the very
 * same way, and sees nothing.
 */

import type { FollowedPage } from "../follow-seam";
import type { PageOffer, WaysNow } from "../messages";
import type { Way } from "../widget-seam";
import type { Invitation } from "./invitation";
import { hold } from "./tabs";

/** Milliseconds in sight after which somebody has seen an invitation. */
const SEEN = 10_000;

/** What of the page an offer needs. */
export interface OfferWorld {
  readonly page: Pick<FollowedPage, "plan" | "ms" | "tell" | "emit" | "word">;
  /** The answer of `GET /v1/page/SITE/now`; null: the server does not answer. */
  whoIsThere(offer: string): Promise<unknown>;
  /** Held by the tab that shows an invitation: no other tab of the shop does at the same time. */
  readonly lock: string;
  /** Why no invitation may appear now. */
  busy(): readonly string[];
  /** It could not be shown for this reason: ask again when it has passed. */
  waitUntilNot(reason: string): void;
  show(what: Invitation): boolean;
  hide(): void;
  accepted(offer: PageOffer): void;
}

interface OpenInvitation {
  readonly offer: PageOffer;
  readonly at: number;
  readonly release: () => void;
  seen: boolean;
}

export class Offers {
  private open: OpenInvitation | null = null;
  private trying = false;
  private readonly done = new Set<string>();

  constructor(private readonly world: OfferWorld) {}

  /** Shows what the server offers, if this is the moment. */
  async consider(): Promise<void> {
    const offer = this.world.page.plan()?.offer;
    if (!offer || this.open || this.trying || this.done.has(offer.id)) return;
    this.trying = true;
    const release = await hold(this.world.lock);
    const held = release && (await this.attempt(offer, release));
    if (held) {
      release();
      this.tell("held", offer, { reason: held });
    }
    this.trying = false;
  }

  /** The page goes on without an answer. The server knows by `seen` who ignores an invitation for good. */
  close(): void {
    this.open?.release();
    this.open = null;
    this.world.hide();
  }

  private answer(what: "accepted" | "declined"): void {
    if (!this.open) return;
    const { offer, release } = this.open;
    this.open = null;
    this.world.hide();
    // No other tab invites before the server knows.
    void this.tell(what, offer).then(release);
    this.world.page.emit(what, { way: offer.way });
    if (what === "accepted") this.world.accepted(offer);
  }

  /** The offer of the rule that shows buttons of this way. */
  ofButton(way: Way | undefined): string | undefined {
    for (const { offer, way: its, arm } of this.world.page.plan()?.buttons ?? [])
      if (offer && its === way && arm === "shown") return offer;
    return undefined;
  }

  /** Called each second in sight: tells once that an invitation was seen, and takes it away where it is of no use. */
  look(): void {
    if (!this.open) return;
    const { offer, at, seen } = this.open;
    if (!seen && this.world.page.ms() - at >= SEEN) {
      this.open.seen = true;
      void this.tell("seen", offer);
    }
    const busy = this.world.busy();
    if (busy.includes("in_contact") || busy.includes("opted_out")) this.close();
  }

  /** Why it was not shown; empty: it was, or its exposure in the control group is told. */
  private async attempt(offer: PageOffer, release: () => void): Promise<string> {
    const { world } = this;
    const stands = (await world.whoIsThere(offer.id)) as WaysNow | null;
    if (stands?.offer !== "open") return stands?.why ?? "agents";
    const [busy] = world.busy();
    if (busy || (offer.arm === "shown" && !world.show(this.drawn(offer)))) {
      const reason = busy ?? "dialog";
      world.waitUntilNot(reason);
      return reason;
    }
    this.done.add(offer.id);
    const told = this.tell("exposed", offer);
    if (offer.arm === "shown") {
      this.open = { offer, at: world.page.ms(), release, seen: false };
      world.page.emit("invited", { way: offer.way });
    } else void told.then(release);
    return "";
  }

  private drawn(offer: PageOffer): Invitation {
    const { page } = this.world;
    return {
      text: offer.text,
      place: offer.place,
      name: page.plan()?.site.label ?? "",
      yes: page.word(offer.way),
      no: page.word("decline"),
      accept: () => this.answer("accepted"),
      decline: () => this.answer("declined"),
    };
  }

  private tell(what: string, { id }: PageOffer, more: { reason?: string } = {}): Promise<unknown> {
    return this.world.page.tell({ what, offer: id, ...more });
  }
}

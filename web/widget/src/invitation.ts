/** The invitation that the shopper accepted, until the call it led to. Pure. */

import type { AcceptedOffer, Opening, Way } from "../../page/src/widget-seam";
import { type SitePlan, withOffer } from "./plan";
import type { Words } from "./words";

export class AcceptedInvitation {
  /** `offer` null: the shopper came by themselves. `way`: what the invitation was to. */
  private constructor(
    readonly offer: AcceptedOffer | null,
    private readonly way: Way | null,
  ) {}

  static readonly none = new AcceptedInvitation(null, null);

  static of({ offer, way }: Opening): AcceptedInvitation {
    return offer ? new AcceptedInvitation(offer, way ?? null) : AcceptedInvitation.none;
  }

  /** What there is to offer: what the invitation is about, too, whatever its way has for others. */
  plan(plan: SitePlan): SitePlan {
    const { offer, way } = this;
    return way && offer && offer.state !== "gone" ? withOffer(plan, way, offer.state) : plan;
  }

  /** Whether it was an invitation, and no button that a rule shows. */
  invites({ buttonOffers }: SitePlan): boolean {
    return this.offer !== null && !buttonOffers.includes(this.offer.id);
  }

  /** Why it is not true any more; empty: it is, or there was none. */
  untrue(plan: SitePlan, words: Words): string {
    const { offer, way } = this;
    if (!offer || offer.state === "open") return "";
    // Gone, and nothing is lost: what it was about can be had all the same.
    const state = way === "chat" ? plan.chat.state : way && plan.states[way];
    if (offer.state === "gone" && state === "open") return "";
    const why = offer.state === "gone" ? "gone" : (offer.why ?? "agents");
    return words.untrue[why as keyof Words["untrue"]] ?? words.untrue.agents;
  }
}

"""What a page is shown, and what becomes of it: rules, memory, offers and counts brought together.

Everything happens at once, with no waiting: who calls has read the visitor from disk before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from config.sections.page import ContactWay
from engage.assignment import epoch_of
from engage.decide import PageAsker, decide
from engage.decision import Arm, EngageDecision, HeldReason, Offer
from engage.explain import explain_decision
from engage.facts import PageTold, campaign_of, facts_of
from engage.memory import (
    InvitationAnswer,
    after_answer,
    after_exposure,
    after_offer,
    after_opting_out,
    after_page,
    after_seen,
    after_withdrawal,
)
from engage.rules import SiteRules
from visits.book import VisitBook
from visits.live import ExplainedAsk, LiveVisitor, LiveVisitors, PageView
from visits.made_offers import MadeOffer, MadeOffers
from visits.records import OfferRow, offer_row_id
from visits.standing import SiteStanding

#: What a page may say of an offer that it did not show, beside what the server finds out itself.
PAGE_REASONS = frozenset(
    {HeldReason.HIDDEN_TAB, HeldReason.TYPING, HeldReason.DIALOG, HeldReason.IN_CONTACT, HeldReason.OPTED_OUT}
)
DEVICES = frozenset({"phone", "tablet", "desktop"})
_ANSWERS = {str(answer): answer for answer in InvitationAnswer}


@dataclass(frozen=True, slots=True)
class PageAsk:
    """One question of a page."""

    view: str
    told: PageTold
    busy: frozenset[HeldReason] = frozenset()
    trusted: bool = False


@dataclass(frozen=True, slots=True)
class ShownButton:
    """A button of a rule, with the id by which the page tells of it."""

    way: ContactWay
    #: False in the control group.
    shown: bool
    offer_id: str


@dataclass(frozen=True, slots=True)
class PageShows:
    """What the page is told."""

    decision: EngageDecision
    #: The id of the decision's offer.
    offer_id: str
    buttons: tuple[ShownButton, ...]


@dataclass(slots=True)
class Engagement:
    """Decides for visitors, and follows what they do. ``book`` takes down what is counted and kept."""

    book: VisitBook
    offers: MadeOffers = field(default_factory=MadeOffers)
    #: Tells the metrics: site, rule, arm, outcome; and for what was held: site, rule, reason.
    count_outcome: Callable[[str, str, str, str], None] = lambda site, rule, arm, outcome: None
    count_held: Callable[[str, str, str], None] = lambda site, rule, reason: None

    def ask(
        self,
        rules: SiteRules,
        visitor: LiveVisitor,
        ask: PageAsk,
        standing: SiteStanding,
        now: datetime,
        *,
        explain: bool = False,
    ) -> PageShows:
        """Decide what a page shows; ``now`` is in the site's time zone. With ``explain``, remember why."""
        at = now.timestamp()
        view, is_new = visitor.view(ask.view)
        if is_new:
            self._opened(visitor, ask, at)
        visitor.last_at = at
        asker = PageAsker(ask.view, visitor.id, ask.told.language, ask.busy, ask.trusted)
        told = ask.told if visitor.campaign is None else _with_campaign(ask.told, visitor)
        facts = facts_of(rules, told, visitor.memory, remembered=visitor.remembered)
        if (made := self._made(view.invitation, visitor, at)) is not None:
            self.offers.alive(made, at)
        availability = standing.with_invitations(self.offers.open_invitations(rules.site, at))
        if explain:
            decision, accounts = explain_decision(rules, facts, asker, visitor.memory, availability, now)
            offered = decision.offer.rule if decision.offer else ""
            visitor.decisions.append(ExplainedAsk(at, ask.told.url, offered, accounts))
        else:
            decision = decide(rules, facts, asker, visitor.memory, availability, now)
        if decision.offer is not None:
            day = now.date().isoformat()
            visitor.memory = after_offer(visitor.memory, decision.offer, ask.view, day, at)
        shows = PageShows(
            decision=decision,
            offer_id=self._offer(rules, visitor, view, ask, decision.offer, at),
            buttons=self._buttons(rules, visitor, view, ask, decision, at),
        )
        self._hold(rules, visitor, view, ask, decision, at)
        if visitor.remembered:
            self.book.visitor(visitor)
        return shows

    def _opened(self, visitor: LiveVisitor, ask: PageAsk, at: float) -> None:
        visit = visitor.memory.visit
        visitor.memory = after_page(visitor.memory, at)
        if visitor.memory.visit != visit:
            visitor.campaign = campaign_of(ask.told.url)

    def _offer(
        self,
        rules: SiteRules,
        visitor: LiveVisitor,
        view: PageView,
        ask: PageAsk,
        offer: Offer | None,
        at: float,
    ) -> str:
        """The id of what is offered; the same one as long as it is the same invitation."""
        known = self._made(view.invitation, visitor, at)
        if offer is None:
            return ""
        if offer.again and known is not None and known.rule == offer.rule and not known.answered:
            return known.id
        if known is not None and not known.answered and known.rule != offer.rule:
            known.first("withdrawn")
            self.offers.alive(known, at)
        made = MadeOffer(
            id=self.offers.new_id(),
            site=rules.site,
            visitor=visitor.key,
            view=ask.view,
            kind="invitation",
            rule=offer.rule,
            variant=offer.variant,
            arm=offer.arm,
            epoch=offer.epoch,
            way=offer.way,
            assigned=offer.assigned,
            page=path_of(ask.told.url),
            device=ask.told.device,
            offered_at=at,
            at=at,
        )
        self.offers.add(made)
        view.invitation = made.id
        self._count(made, "offered", at)
        return made.id

    def _buttons(
        self,
        rules: SiteRules,
        visitor: LiveVisitor,
        view: PageView,
        ask: PageAsk,
        decision: EngageDecision,
        at: float,
    ) -> tuple[ShownButton, ...]:
        shown: list[ShownButton] = []
        for button in decision.buttons:
            rule = rules.rule(button.rule)
            if rule is None:
                continue
            made = self._made(view.buttons.get(button.rule, ""), visitor, at)
            if made is None:
                made = MadeOffer(
                    id=self.offers.new_id(),
                    site=rules.site,
                    visitor=visitor.key,
                    view=ask.view,
                    kind="button",
                    rule=button.rule,
                    variant="",
                    arm=button.arm,
                    epoch=epoch_of(rule.settings),
                    way=button.way,
                    assigned=visitor.remembered,
                    page=path_of(ask.told.url),
                    device=ask.told.device,
                    offered_at=at,
                    at=at,
                )
                self.offers.add(made)
                view.buttons[button.rule] = made.id
                self._count(made, "offered", at)
            shown.append(ShownButton(button.way, button.arm is Arm.SHOWN, made.id))
        return tuple(shown)

    def _hold(
        self,
        rules: SiteRules,
        visitor: LiveVisitor,
        view: PageView,
        ask: PageAsk,
        decision: EngageDecision,
        at: float,
    ) -> None:
        """Each rule counts once a page view for each reason, however often the page asks."""
        for held in decision.held:
            key = (held.rule, str(held.reason))
            if key not in view.held:
                view.held.add(key)
                self._count_held(rules.site, held.rule, str(held.reason), ask.told.device, at)

    # --- what became of it ----------------------------------------------------------------------------

    def told(
        self,
        visitor: LiveVisitor,
        view: str,
        offer_id: str,
        what: str,
        reason: str,
        at: float,
    ) -> bool:
        """What a page tells of an offer; whether it was one of this visitor on this page view.

        What is told twice, or cannot be after what was told before, changes nothing.
        """
        made = self._made(offer_id, visitor, at)
        if made is None or made.view != view:
            return False
        self.offers.alive(made, at)
        if what == "exposed" or (made.kind == "button" and what == "button_seen"):
            self._exposed(visitor, made, at)
        elif what == "held":
            if reason in PAGE_REASONS:
                self.withdraw(visitor, made, reason, at)
        elif made.arm is not Arm.SHOWN or made.answered:
            pass  # nobody answers what they did not see, or twice
        elif made.kind == "button":
            if what == "button_clicked":
                self._exposed(visitor, made, at)
                self._answered(visitor, made, InvitationAnswer.ACCEPTED, at)
        elif what == "seen":
            self._exposed(visitor, made, at)
            self._seen(visitor, made, at)
        elif what in _ANSWERS:
            self._exposed(visitor, made, at)
            self._answered(visitor, made, _ANSWERS[what], at)
        self.offers.alive(made, at)
        return True

    def opted_out(self, visitor: LiveVisitor, device: str, at: float) -> None:
        """The shopper, or the page for them, asked to be left alone."""
        if not visitor.memory.opted_out:
            visitor.memory = after_opting_out(visitor.memory)
            self.book.count(at, visitor.site, outcome="opted_out", device=device)
            self._keep(visitor)

    def withdraw(self, visitor: LiveVisitor | None, made: MadeOffer, reason: str, at: float) -> None:
        """An offer was not shown after all."""
        if "exposed" in made.told or not made.first("withdrawn"):
            return
        self.offers.alive(made, at)
        self._count_held(made.site, made.rule, reason, made.device, at)
        if visitor is not None and made.kind == "invitation":
            opened = visitor.memory.open
            if opened is not None and opened.rule == made.rule:
                visitor.memory = after_withdrawal(visitor.memory)
                self._keep(visitor)

    def changed(self, made: MadeOffer, reason: str, at: float) -> None:
        """Somebody wanted what was offered, and nobody was free any more."""
        if made.first("changed"):
            self._count(made, "changed", at, reason)

    def placed(
        self,
        visitors: LiveVisitors,
        site: str,
        visitor: str | None,
        offer: str | None,
        call_id: str,
        at: float,
    ) -> None:
        """A page placed a call: of this visitor, because of this offer, as far as it told."""
        made = self.offers.find(offer or "", site, at)
        key = made.visitor if made else visitor
        found = visitors.find(site, key) if key else None
        if found is not None:
            self.called(found, offer or "", call_id, at)

    def called(self, visitor: LiveVisitor, offer_id: str, call_id: str, at: float) -> None:
        """The visitor asked for a call; with an offer, because of it."""
        visitor.call_id, visitor.called_at = call_id, at
        made = self._made(offer_id, visitor, at)
        if made is not None:
            if made.first("called"):
                self._count(made, "called", at)
            if visitor.remembered and made.assigned:
                self.book.call_of(offer_row_id(made.site, made.visitor, made.rule, made.epoch), call_id)
        self._keep(visitor)

    def _exposed(self, visitor: LiveVisitor, made: MadeOffer, at: float) -> None:
        if not made.first("exposed"):
            return
        made.told.discard("withdrawn")
        self._count(made, "exposed", at)
        if made.kind == "invitation":
            visitor.memory = after_exposure(visitor.memory, made.rule, at)
        self._write(visitor, made, "exposed", None, made.offered_at)

    def _seen(self, visitor: LiveVisitor, made: MadeOffer, at: float) -> None:
        before = visitor.memory.of(made.rule).answered.get(InvitationAnswer.IGNORED)
        visitor.memory = after_seen(visitor.memory, made.rule, at)
        if made.first("seen"):
            self._count(made, "seen", at)
        if visitor.memory.of(made.rule).answered.get(InvitationAnswer.IGNORED) != before:
            made.told.add("ignored")
            self._count(made, "ignored", at)
            self._write(visitor, made, "ignored", at, at)
        self._keep(visitor)

    def _answered(self, visitor: LiveVisitor, made: MadeOffer, answer: InvitationAnswer, at: float) -> None:
        made.told.add(str(answer))
        self._count(made, str(answer), at)
        if made.kind == "invitation":
            visitor.memory = after_answer(visitor.memory, made.rule, answer, at)
        self._write(visitor, made, str(answer), at, at)

    def _write(
        self, visitor: LiveVisitor, made: MadeOffer, outcome: str, answered_at: float | None, at: float
    ) -> None:
        if visitor.remembered and made.assigned:
            self.book.offer(
                OfferRow(
                    id=offer_row_id(made.site, made.visitor, made.rule, made.epoch),
                    site=made.site,
                    visitor=made.visitor,
                    rule=made.rule,
                    epoch=made.epoch,
                    variant=made.variant,
                    arm=str(made.arm),
                    page=made.page,
                    offered_at=made.offered_at,
                    outcome=outcome,
                    answered_at=answered_at,
                )
            )
        self._keep(visitor)

    def _keep(self, visitor: LiveVisitor) -> None:
        if visitor.remembered:
            self.book.visitor(visitor)

    # --- counting -------------------------------------------------------------------------------------

    def _count(self, made: MadeOffer, outcome: str, at: float, reason: str = "") -> None:
        self.book.count(
            at,
            made.site,
            rule=made.rule,
            variant=made.variant,
            arm=str(made.arm) if made.assigned else "",
            outcome=outcome,
            reason=reason,
            device=made.device,
        )
        self.count_outcome(made.site, made.rule, str(made.arm), outcome)

    def _count_held(self, site: str, rule: str, reason: str, device: str, at: float) -> None:
        self.book.count(at, site, rule=rule, outcome="held", reason=reason, device=device)
        self.count_held(site, rule, reason)

    def _made(self, offer_id: str, visitor: LiveVisitor, at: float) -> MadeOffer | None:
        made = self.offers.find(offer_id, visitor.site, at) if offer_id else None
        return made if made is not None and made.visitor == visitor.key else None


def path_of(url: str) -> str:
    """The path of a page's address, of 200 characters at most; empty for what is none."""
    try:
        return urlsplit(url).path[:200]
    except ValueError:
        return ""


def _with_campaign(told: PageTold, visitor: LiveVisitor) -> PageTold:
    return PageTold(
        url=told.url,
        title=told.title,
        referrer=told.referrer,
        language=told.language,
        device=told.device,
        facts=told.facts,
        signed=told.signed,
        campaign=visitor.campaign,
        place=told.place,
    )

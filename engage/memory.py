"""What is remembered of a shopper: how often each rule invited them, and what they answered. Pure.

The server keeps it by the visitor's id, as JSON; without an id it lives as long as the page. Times are
seconds since 1970, days those of the site's time zone, such as ``2026-11-30``. An invitation counts from the
moment in which it is offered, so that two tabs cannot get one too many; one that a page never showed is
taken back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from engage.decision import Arm, Offer

#: A visit ends after so many seconds without a page.
VISIT_ENDS = 30 * 60.0
#: An invitation that no page has shown after so many seconds is taken back.
NEVER_SHOWN = 60.0
#: So many seconds after its last sign of life, an invitation in another tab is not in the way of others.
GONE = 30.0
#: It counts as ignored after it was visible for some seconds so many times.
IGNORED_AFTER = 3


class InvitationAnswer(StrEnum):
    """What a shopper did with an invitation."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Tally:
    """What was offered by one rule, or by all of a site."""

    #: Invitations in the visit with this number.
    visit: int = 0
    in_visit: int = 0
    #: Invitations on this day.
    day: str = ""
    in_day: int = 0
    #: How often it was visible for some seconds since the last answer.
    seen: int = 0
    #: When each answer was last given.
    answered: Mapping[InvitationAnswer, float] = field(default_factory=dict)

    def plus(self, visit: int, day: str) -> Tally:
        """With one more invitation."""
        return replace(
            self,
            visit=visit,
            in_visit=self.in_visit + 1 if self.visit == visit else 1,
            day=day,
            in_day=self.in_day + 1 if self.day == day else 1,
        )

    def minus(self, visit: int, day: str) -> Tally:
        """Without the one of that visit and day."""
        return replace(
            self,
            in_visit=self.in_visit - (self.visit == visit and self.in_visit > 0),
            in_day=self.in_day - (self.day == day and self.in_day > 0),
        )

    def after(self, answer: InvitationAnswer, now: float) -> Tally:
        """With an answer."""
        return replace(self, seen=0, answered={**self.answered, answer: now})


@dataclass(frozen=True, slots=True)
class OpenOffer:
    """An invitation that the shopper has not answered."""

    rule: str
    #: The page view that shows it.
    view: str
    arm: Arm
    #: When it was offered, or last gave a sign of life.
    at: float
    #: The visit and the day in which it counts.
    visit: int
    day: str
    #: Whether the page has shown it, or would have in another arm.
    exposed: bool = False


@dataclass(frozen=True, slots=True)
class VisitorMemory:
    """All that is remembered of one shopper at one site."""

    site: Tally = Tally()
    rules: Mapping[str, Tally] = field(default_factory=dict)
    #: Counts from 1; 0 before the first page.
    visit: int = 0
    #: Pages of this visit.
    pages: int = 0
    #: When the last page was seen.
    last_page: float = 0.0
    open: OpenOffer | None = None
    opted_out: bool = False

    def of(self, rule: str) -> Tally:
        """What was offered by a rule."""
        return self.rules.get(rule, _NOTHING)


_NOTHING = Tally()


def after_page(memory: VisitorMemory, now: float) -> VisitorMemory:
    """The shopper opened another page."""
    if memory.visit and abs(now - memory.last_page) <= VISIT_ENDS:
        return replace(memory, pages=memory.pages + 1, last_page=now)
    return replace(memory, visit=memory.visit + 1, pages=1, last_page=now)


def refreshed(memory: VisitorMemory, now: float) -> VisitorMemory:
    """Without an open invitation that no page has shown, or that gave no sign of life for 30 minutes."""
    opened = memory.open
    if opened is None:
        return memory
    age = abs(now - opened.at)
    if not opened.exposed and age > NEVER_SHOWN:
        return after_withdrawal(memory)
    return replace(memory, open=None) if age > VISIT_ENDS else memory


def after_offer(memory: VisitorMemory, offer: Offer, view: str, day: str, now: float) -> VisitorMemory:
    """An invitation was offered to a page view; in each arm it counts alike."""
    memory = refreshed(memory, now)
    opened = memory.open
    if offer.again and opened is not None:
        return replace(memory, open=replace(opened, at=now))
    if opened is not None and opened.view == view:
        memory = after_withdrawal(memory)
    visit = memory.visit
    return replace(
        memory,
        site=memory.site.plus(visit, day),
        rules={**memory.rules, offer.rule: memory.of(offer.rule).plus(visit, day)},
        open=OpenOffer(offer.rule, view, offer.arm, now, visit, day),
    )


def after_withdrawal(memory: VisitorMemory) -> VisitorMemory:
    """The page did not show the open invitation after all: it does not count."""
    opened = memory.open
    if opened is None or opened.exposed:
        return memory
    return replace(
        memory,
        site=memory.site.minus(opened.visit, opened.day),
        rules={**memory.rules, opened.rule: memory.of(opened.rule).minus(opened.visit, opened.day)},
        open=None,
    )


def after_exposure(memory: VisitorMemory, rule: str, now: float) -> VisitorMemory:
    """The page shows the invitation of a rule, or would in another arm."""
    opened = memory.open
    if opened is None or opened.rule != rule:
        return memory
    return replace(memory, open=replace(opened, at=now, exposed=True))


def after_seen(memory: VisitorMemory, rule: str, now: float) -> VisitorMemory:
    """The invitation was visible for some seconds, without an answer until now."""
    tally = memory.of(rule)
    if tally.seen + 1 >= IGNORED_AFTER:
        return after_answer(memory, rule, InvitationAnswer.IGNORED, now)
    memory = after_exposure(memory, rule, now)
    return replace(memory, rules={**memory.rules, rule: replace(tally, seen=tally.seen + 1)})


def after_answer(memory: VisitorMemory, rule: str, answer: InvitationAnswer, now: float) -> VisitorMemory:
    """The shopper answered the invitation of a rule."""
    opened = memory.open
    return replace(
        memory,
        site=memory.site.after(answer, now),
        rules={**memory.rules, rule: memory.of(rule).after(answer, now)},
        open=None if opened is not None and opened.rule == rule else opened,
    )


def after_opting_out(memory: VisitorMemory) -> VisitorMemory:
    """The shopper, or the page for them, asked to be left alone."""
    return replace(memory, opted_out=True)

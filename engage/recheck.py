"""Whether an invitation is still true when it appears, and when it is clicked. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engage.availability import Availability, WayState
from engage.decision import HeldReason
from engage.facts import with_business
from engage.rules import SiteRules
from expressions.facts import Facts
from expressions.prepared import TRUE


class OfferState(StrEnum):
    """What an invitation is now."""

    #: As it says.
    OPEN = "open"
    #: Nobody is free any more: a callback or a message instead, with a word of why.
    CALLBACK = "callback"
    #: Nothing can be had, now or later.
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Rechecked:
    """An invitation, looked at again."""

    state: OfferState
    #: ``hours``, ``agents`` or ``queue`` where it is not open; None where the rule is gone.
    why: HeldReason | None = None


def recheck(
    rules: SiteRules, name: str, availability: Availability, now: datetime, *, visible: bool
) -> Rechecked:
    """Look again at the invitation of a rule, which is one of the availability's open invitations itself.

    Before it is ``visible`` there must be somebody for each open invitation; who clicks one needs one person.
    """
    rule = rules.rule(name)
    way = rule.settings.show.invitation if rule else None
    here = availability.ways.get(way) if way else None
    if rule is None or here is None or here.state is WayState.HIDDEN:
        why = HeldReason.HOURS if here is not None and not here.open else None
        return Rechecked(OfferState.GONE, why)
    if not here.open:
        return Rechecked(OfferState.CALLBACK, HeldReason.HOURS)
    facts = with_business(Facts({}, {}, rules.maps), rules, availability, way, now)
    for reason, part in rule.business:
        if part(facts) != TRUE:
            return Rechecked(OfferState.CALLBACK, reason)
    if here.state is not WayState.OPEN or here.free < (1 if visible else availability.open_invitations):
        return Rechecked(OfferState.CALLBACK, HeldReason.AGENTS)
    return Rechecked(OfferState.OPEN)

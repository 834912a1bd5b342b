"""How often a shopper is invited: caps of the site and of a rule, and how long they hold. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import inf
from typing import NamedTuple

from config.sections.engage import CoolDowns, EngageRule, OfferCaps, RuleCaps, RuleCoolDowns
from engage.decision import HeldReason
from engage.memory import InvitationAnswer, Tally, VisitorMemory


class Capped(NamedTuple):
    """A cap that holds."""

    reason: HeldReason
    #: Seconds until it ends; infinite where it does not end on this page.
    ends_in: float


def capped(
    caps: OfferCaps, name: str, rule: EngageRule, memory: VisitorMemory, now: datetime
) -> Capped | None:
    """The cap that keeps a rule from inviting the shopper, the one that ends last; None where none does.

    ``now`` is in the site's time zone.
    """
    held = [
        *_caps(caps, memory.site, memory.visit, now),
        *_caps(rule.caps, memory.of(name), memory.visit, now),
    ]
    return max(held, key=lambda each: each.ends_in, default=None)


def _caps(caps: OfferCaps | RuleCaps, tally: Tally, visit: int, now: datetime) -> list[Capped]:
    held = []
    if caps.per_visit is not None and _count(tally.in_visit, tally.visit == visit) >= caps.per_visit:
        held.append(Capped(HeldReason.CAP_VISIT, inf))
    if caps.per_day is not None and _count(tally.in_day, tally.day == day_of(now)) >= caps.per_day:
        held.append(Capped(HeldReason.CAP_DAY, seconds_of_day_left(now)))
    left = _cool_down(caps.cool_down, tally, now.timestamp())
    if left > 0:
        held.append(Capped(HeldReason.COOL_DOWN, left))
    return held


def _count(counted: int, counts: bool) -> int:
    return counted if counts else 0


def _cool_down(cool_down: CoolDowns | RuleCoolDowns, tally: Tally, now: float) -> float:
    """Seconds that are left of it."""
    left = 0.0
    for answer, at in tally.answered.items():
        lasts = {
            InvitationAnswer.DECLINED: cool_down.declined,
            InvitationAnswer.IGNORED: cool_down.ignored,
            InvitationAnswer.ACCEPTED: cool_down.accepted,
        }[answer]
        # A clock that was set back makes no cool-down longer.
        left = max(left, min(at + lasts - now, lasts) if lasts else 0.0)
    return left


def day_of(now: datetime) -> str:
    """The day on which an invitation counts."""
    return now.date().isoformat()


def seconds_of_day_left(now: datetime) -> float:
    """Seconds until midnight, on the days when clocks change as well."""
    midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), now.tzinfo)
    return midnight.timestamp() - now.timestamp()

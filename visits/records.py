"""What is kept of visitors and of what they were offered: the rows, and what is written at once. Pure.

Times are seconds since the epoch. Money is an integer of minor units with its currency, never converted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal, NamedTuple

#: Seconds after an offer or a call in which what a visitor buys is put down to it.
WINDOW = 72 * 3600.0
#: Who says that somebody bought: the retailer's server by its signature, or a page, which may claim anything.
ConversionSource = Literal["server", "page"]


class CountKey(NamedTuple):
    """What is counted together; nothing in it is about a person."""

    site: str
    #: When the bucket of 15 minutes begins.
    bucket: int
    #: Empty for what is about no rule.
    rule: str
    variant: str
    #: ``shown``, ``control``, ``holdout``, or empty where nobody was assigned.
    arm: str
    #: ``offered``, ``exposed``, ``seen``, ``accepted``, ``declined``, ``ignored``, ``held``, ``changed``,
    #: ``called``, ``opted_out``.
    outcome: str
    #: Of ``held``: why.
    reason: str
    device: str


class ButtonKey(NamedTuple):
    """One button of one page on one day."""

    site: str
    #: When the day begins, UTC.
    day: int
    #: The element.
    place: str
    #: The page's path.
    page: str
    way: str


@dataclass(slots=True)
class ButtonCounts:
    """How often a button came into sight, and was clicked."""

    seen: int = 0
    clicked: int = 0


@dataclass(frozen=True, slots=True)
class OfferRow:
    """What one visitor was offered by one rule in one epoch: the first time, and what came of it at last."""

    id: str
    site: str
    visitor: str
    rule: str
    #: The date from which the rule's experiment counts; empty where it names none.
    epoch: str
    variant: str
    arm: str
    page: str
    offered_at: float
    outcome: str
    answered_at: float | None = None


def offer_row_id(site: str, visitor: str, rule: str, epoch: str) -> str:
    """The id of the one row of a visitor, rule and epoch: the same whenever it is asked for."""
    return sha256("\0".join((site, visitor, rule, epoch)).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class VisitorRow:
    """What is remembered of one browser, or of one customer that the retailer's server names."""

    site: str
    id: str
    first_at: float
    last_at: float
    visits: int
    #: What the rules remember: JSON.
    memory: Mapping[str, Any]
    #: The last call that they asked for.
    call_id: str | None = None
    called_at: float | None = None


@dataclass(frozen=True, slots=True)
class ConversionRow:
    """Somebody bought. ``ref`` is the retailer's own reference of the order: each counts once a site."""

    site: str
    ref: str
    visitor: str | None
    at: float
    #: Minor units, such as cents.
    value: int | None
    currency: str
    source: ConversionSource
    #: The last offer, the last call and the last answered chat of this visitor, within the window of
    #: attribution.
    offer_id: str | None = None
    call_id: str | None = None
    chat_id: str | None = None
    #: How much of the value was paid back, so far.
    refunded: int = 0


@dataclass(slots=True)
class VisitBatch:
    """What is written in one transaction."""

    counts: dict[CountKey, int] = field(default_factory=dict)
    placements: dict[ButtonKey, ButtonCounts] = field(default_factory=dict)
    offers: dict[str, OfferRow] = field(default_factory=dict)
    visitors: dict[tuple[str, str], VisitorRow] = field(default_factory=dict)
    #: Which call came of which offer.
    calls: dict[str, str] = field(default_factory=dict)
    #: What pages claim that somebody bought.
    orders: list[ConversionRow] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(
            self.counts or self.placements or self.offers or self.visitors or self.calls or self.orders
        )

    def merge(self, earlier: VisitBatch) -> None:
        """Take in what could not be written before: what is newer here stays."""
        for key, n in earlier.counts.items():
            self.counts[key] = self.counts.get(key, 0) + n
        for place, seen in earlier.placements.items():
            mine = self.placements.setdefault(place, ButtonCounts())
            mine.seen += seen.seen
            mine.clicked += seen.clicked
        self.offers = {**earlier.offers, **self.offers}
        self.visitors = {**earlier.visitors, **self.visitors}
        self.calls = {**earlier.calls, **self.calls}
        self.orders = [*earlier.orders, *self.orders]


@dataclass(frozen=True, slots=True)
class ArmResult:
    """The visitors of one arm of one rule's experiment, and what came of them within the window."""

    site: str
    rule: str
    epoch: str
    variant: str
    arm: str
    visitors: int
    accepted: int
    declined: int
    ignored: int
    calls: int
    #: Visitors that bought, as the retailer's server says; and those that did as pages alone claim.
    converted: int
    claimed: int
    #: The same of those who accepted.
    accepted_converted: int = 0
    accepted_claimed: int = 0

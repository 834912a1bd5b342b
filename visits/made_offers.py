"""The offers that pages were made: by ids that nobody can guess, each for one page view of one visitor.

An id is good for an hour, on the page that got it, and each outcome counts once. So a page that makes ids up,
tells those of others, or tells its own again and again, changes no count.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from config.sections.page import ContactWay
from engage.decision import Arm

#: Seconds for which an offer can be told of after the last time, and how many are kept.
GOOD_FOR = 3600.0
MOST_KEPT = 200_000
#: Seconds after its last sign of life for which an invitation counts as open: the page may be gone.
OPEN_FOR = 120.0
_ID_BYTES = 12


@dataclass(slots=True)
class MadeOffer:
    """One invitation, or one button of a rule, on one page view."""

    id: str
    site: str
    #: The visitor's key, as :mod:`visits.live` has it, and the page view.
    visitor: str
    view: str
    kind: Literal["invitation", "button"]
    rule: str
    variant: str
    arm: Arm
    epoch: str
    way: ContactWay
    #: Whether the visitor is known again by an id, and so takes part in experiments.
    assigned: bool
    #: The page's path, and the kind of device.
    page: str
    device: str
    offered_at: float
    #: The last sign of life.
    at: float
    #: The outcomes that are counted.
    told: set[str] = field(default_factory=set)

    @property
    def answered(self) -> bool:
        """Whether it is no longer open."""
        return not self.told.isdisjoint(("accepted", "declined", "ignored", "withdrawn"))

    @property
    def declined(self) -> bool:
        """Whether the shopper did not want it."""
        return not self.told.isdisjoint(("declined", "ignored"))

    def first(self, outcome: str) -> bool:
        """Whether this outcome is told for the first time."""
        if outcome in self.told:
            return False
        self.told.add(outcome)
        return True


class MadeOffers:
    """Remembers them in the order of their last sign of life. Times are of one clock, whichever."""

    def __init__(self) -> None:
        self._offers: OrderedDict[str, MadeOffer] = OrderedDict()
        self._random: list[bytes] = []
        #: Shown invitations that are not answered, by site.
        self._open: dict[str, OrderedDict[str, MadeOffer]] = defaultdict(OrderedDict)

    def __len__(self) -> int:
        return len(self._offers)

    def __iter__(self) -> Iterator[MadeOffer]:
        return iter(self._offers.values())

    def new_id(self) -> str:
        """96 random bits; the kernel is asked for many at once, as that costs more than all the rest."""
        if not self._random:
            drawn = secrets.token_bytes(_ID_BYTES * 256)
            self._random = [drawn[at : at + _ID_BYTES] for at in range(0, len(drawn), _ID_BYTES)]
        return urlsafe_b64encode(self._random.pop()).decode()

    def add(self, offer: MadeOffer) -> None:
        """Remember an offer; the one that was silent for longest is forgotten where there are too many."""
        self._offers[offer.id] = offer
        if offer.kind == "invitation" and offer.arm is Arm.SHOWN:
            self._open[offer.site][offer.id] = offer
        while self._offers and (len(self._offers) > MOST_KEPT or self._oldest.at < offer.at - GOOD_FOR):
            self._forget(self._oldest)

    def find(self, offer_id: str, site: str, now: float) -> MadeOffer | None:
        """The offer of this site; None for one that was never made, or is too old."""
        offer = self._offers.get(offer_id)
        if offer is None or offer.site != site or now - offer.at > GOOD_FOR:
            return None
        return offer

    def alive(self, offer: MadeOffer, now: float) -> None:
        """The page gave a sign of life."""
        offer.at = now
        if offer.id in self._offers:
            self._offers.move_to_end(offer.id)
        opened = self._open[offer.site]
        if offer.id in opened:
            if offer.answered:
                del opened[offer.id]
            else:
                opened.move_to_end(offer.id)

    def open_invitations(self, site: str, now: float) -> int:
        """How many shoppers of a site have an invitation on their screens that they may still accept."""
        opened = self._open[site]
        while opened and now - next(iter(opened.values())).at > OPEN_FOR:
            opened.popitem(last=False)
        return len(opened)

    @property
    def _oldest(self) -> MadeOffer:
        return next(iter(self._offers.values()))

    def _forget(self, offer: MadeOffer) -> None:
        del self._offers[offer.id]
        self._open[offer.site].pop(offer.id, None)

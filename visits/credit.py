"""To what an order is credited: one way that the shopper was served, and those that helped. Pure.

It is credited to the last talk with a person; where there was none, to the invitation that the shopper
accepted; then to the one that they were shown. The others assisted. That says what came before an order, not
what it came from: only an experiment tells that (:mod:`visits.report`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: ``call``: the two sides talked. ``chat``: a person wrote in it. ``accepted``: of an invitation, and nobody
#: was reached. ``shown``: an invitation. ``nothing``: the shopper had nothing of us.
Way = Literal["call", "chat", "accepted", "shown", "nothing"]


@dataclass(frozen=True, slots=True)
class Credit:
    """Orders of one site, source and currency that are credited to one way."""

    site: str
    #: The retailer's ``server``, or what a ``page`` claims.
    source: str
    currency: str
    way: Way
    #: Without those that were paid back altogether.
    orders: int
    #: In minor units, such as cents, without what was paid back.
    money: int
    refunded: int
    #: Orders that are credited to another way, which this one came before.
    assists: int

"""What has become of a call's legs, told again to those who do not know it: another core had the call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Any

from bridge.causes import HangupCause
from bridge.facts import (
    LegDialled,
    LegFact,
    LegFellSilent,
    LegGone,
    LegJoined,
    LegParted,
    LegPickedUp,
    LegPutOnHold,
    LegRang,
)
from bridge.legs import Leg, LegState

#: A fact of a leg: when, which, and what else it says.
Retold = tuple[float, type[LegFact], Leg, dict[str, Any]]


def retold(legs: Iterable[Leg], now: float) -> list[Retold]:
    """The facts of these legs in the order of their times; a leg that was never dialled has none."""
    told = [each for leg in legs if leg.cause is not HangupCause.NOT_FREE for each in _of(leg, now)]
    return sorted(told, key=itemgetter(0))


def _of(leg: Leg, now: float) -> Iterator[Retold]:
    for at, kind in (
        (leg.dialed_at, LegDialled),
        (leg.ringing_at, LegRang),
        (leg.answered_at, LegPickedUp),
        (leg.joined_at, LegJoined),
    ):
        if at is not None:
            yield at, kind, leg, {}
    if leg.state is LegState.ENDED:
        yield leg.ended_at if leg.ended_at is not None else now, LegGone, leg, {"cause": leg.cause}
        return
    if leg.joined_at is not None and leg.state is not LegState.JOINED:
        yield now, LegParted, leg, {}
    if leg.held:
        yield now, LegPutOnHold, leg, {}
    if leg.faltering:
        yield now, LegFellSilent, leg, {}

"""The most calls, or chats, at once. Pure.

Unlike counts, the most of two stretches does not add up: it is found from the calls themselves.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Peak(NamedTuple):
    """The most at once in a stretch, and when that was first reached, in seconds since the epoch."""

    most: int
    at: float


def peaks(spans: Iterable[tuple[float, float]], bounds: Sequence[float]) -> list[Peak]:
    """The peak of each stretch between two neighbouring bounds.

    ``spans`` are from when until when each call lasted, the earliest first; also those that began before the
    first bound. A call that ends as another begins is not there with it. Memory grows with the calls at once
    alone, not with all of them.
    """
    found: list[Peak] = []
    going: list[float] = []

    def begin_stretch() -> None:
        at = bounds[len(found)]
        _end(going, at)
        found.append(Peak(len(going), at))

    for begins, ends in spans:
        if begins >= bounds[-1]:
            break
        while len(found) < len(bounds) - 1 and bounds[len(found)] <= begins:
            begin_stretch()
        _end(going, begins)
        # A wall clock that was set back under an old call makes it no shorter than nothing.
        heapq.heappush(going, max(begins, ends))
        if found and len(going) > found[-1].most:
            found[-1] = Peak(len(going), begins)
    while len(found) < len(bounds) - 1:
        begin_stretch()
    return found


def _end(going: list[float], at: float) -> None:
    while going and going[0] <= at:
        heapq.heappop(going)

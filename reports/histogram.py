"""How long people waited, as counts by length: small, additive, and good for percentiles.

128 bins on a logarithmic scale: the first holds what is below 0.1 s, each further one is 1.1 times as wide.
The last holds everything from 5 h on. A percentile read from them is off by 5 % at most.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

#: The lowest bound, in seconds; the ratio of two neighbouring bounds; and how many bins there are.
LOWEST, RATIO, BINS = 0.1, 1.1, 128

#: Counts by bin; a bin that is missing has none.
Histogram = Mapping[int, int]


def bin_of(seconds: float) -> int:
    """The bin of a length of time."""
    if seconds < LOWEST:
        return 0
    return min(BINS - 1, 1 + int(math.log(seconds / LOWEST) / math.log(RATIO) + 1e-9))


def middle_of(number: int) -> float:
    """The length that a bin stands for, in seconds: the geometric middle of its bounds."""
    return 0.0 if number == 0 else LOWEST * RATIO ** (number - 0.5)


def added(one: Histogram, other: Histogram) -> dict[int, int]:
    """Both together."""
    return {number: one.get(number, 0) + other.get(number, 0) for number in sorted({*one, *other})}


def percentile(histogram: Histogram, share: float) -> float | None:
    """What ``share`` of the times (0.9, say) do not exceed, in seconds; None where there are none."""
    total = sum(histogram.values())
    if not total:
        return None
    wanted, seen = max(1, math.ceil(share * total)), 0
    for number in sorted(histogram):
        seen += histogram[number]
        if seen >= wanted:
            return middle_of(number)
    raise AssertionError("all of them are seen by now")


def share_within(histogram: Histogram, seconds: float) -> float | None:
    """What share of the times is at most so long; None where there are none."""
    total = sum(histogram.values())
    within = sum(count for number, count in histogram.items() if middle_of(number) <= seconds)
    return within / total if total else None

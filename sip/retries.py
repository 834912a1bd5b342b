"""When a registration that failed is tried again. Pure.

A registrar that is busy or gone may be back soon. One that refuses us will most likely refuse us again until
an operator changes something, and some carriers shut out clients that keep on asking.
"""

from __future__ import annotations

#: Seconds before the first try after a failure that may pass, and the most; doubled each time.
SOON, SOON_AT_MOST = 2.0, 300.0
#: The same after a refusal for good; six times as long each time: 5 s, 30 s, 3 min, 18 min, 1 h.
LATER, LATER_AT_MOST = 5.0, 3600.0
#: 4xx that may pass: a time-out, too many requests, an interval that PJSIP sets right, and the like.
PASSING = frozenset({408, 423, 425, 429, 430, 480, 491, 494})


def is_for_good(status: int) -> bool:
    """Whether a registrar will most likely answer the same again: 3xx, 4xx and 6xx, except a few."""
    return status // 100 in (3, 4, 6) and status not in PASSING


def wait_before_retry(status: int, failures: int, retry_after: float = 0.0) -> float:
    """Seconds to wait after the first, second, … failure in a row; Retry-After is the least, in bounds."""
    least, most, factor = (LATER, LATER_AT_MOST, 6.0) if is_for_good(status) else (SOON, SOON_AT_MOST, 2.0)
    own = min(least * factor ** min(failures - 1, 20), most)
    return max(own, min(retry_after, LATER_AT_MOST))

"""Ended calls as counts in buckets of 15 minutes, UTC.

The offset of every time zone is a multiple of 15 minutes. So one set of buckets serves reports in any zone,
across changes of the clock. Counts are additive: those of two sets of calls are the sum of each.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from bridge.causes import Disposition
from bridge.cdr import CallRecord
from reports.histogram import Histogram, added, bin_of

#: The length of a bucket, in seconds.
BUCKET = 900
#: A shopper who cancels within so many seconds has not given anybody a chance to answer.
EARLY = 5.0


class Key(NamedTuple):
    """What is counted together."""

    #: When the bucket begins, in seconds since the epoch; the calls in it were *requested* then.
    bucket: int
    site: str
    route: str
    #: Who took the call, by the name in the settings; empty where nobody did.
    destination: str
    disposition: str


@dataclass(frozen=True, slots=True)
class Counts:
    """What is counted of some calls. Times are in seconds."""

    calls: int = 0
    #: Those that the shopper cancelled within :data:`EARLY`.
    cancelled_early: int = 0
    #: Calls in which the shopper was dialled, and those in which they answered.
    shoppers_dialled: int = 0
    shoppers_answered: int = 0
    #: From the request until somebody at the business had the shopper on the line, summed over bridged calls.
    wait: float = 0.0
    #: How long the two sides talked, in all.
    talk: float = 0.0
    #: Those waits, by their length.
    waits: Histogram = field(default_factory=dict)

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.calls + other.calls,
            self.cancelled_early + other.cancelled_early,
            self.shoppers_dialled + other.shoppers_dialled,
            self.shoppers_answered + other.shoppers_answered,
            self.wait + other.wait,
            self.talk + other.talk,
            added(self.waits, other.waits),
        )


def bucket_of(at: float) -> int:
    """The beginning of the bucket that holds this moment, in seconds since the epoch."""
    return int(at // BUCKET) * BUCKET


def key_of(record: CallRecord) -> Key:
    """Where a call is counted."""
    took = [leg for leg in record.legs if leg.role == "business" and leg.joined_at is not None]
    return Key(
        bucket_of(record.requested_at),
        record.site,
        record.route,
        took[0].destination if took else "",
        record.disposition.value,
    )


def counts_of(record: CallRecord) -> Counts:
    """What one call adds."""
    shoppers = [leg for leg in record.legs if leg.role == "shopper"]
    early = record.ended_at - record.requested_at <= EARLY
    # A wall clock that was set back under an old call makes no wait negative.
    wait = None if record.bridged_at is None else max(0.0, record.bridged_at - record.requested_at)
    return Counts(
        calls=1,
        cancelled_early=int(record.disposition is Disposition.CANCELLED and early),
        shoppers_dialled=int(bool(shoppers)),
        shoppers_answered=int(any(leg.answered_at is not None for leg in shoppers)),
        wait=wait or 0.0,
        talk=record.talk_seconds,
        waits={} if wait is None else {bin_of(wait): 1},
    )


def reduce(records: Iterable[CallRecord]) -> dict[Key, Counts]:
    """The counts of these calls."""
    found: dict[Key, Counts] = {}
    for record in records:
        key = key_of(record)
        found[key] = found.get(key, Counts()) + counts_of(record)
    return found

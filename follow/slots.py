"""The times that a shopper may choose for a call: slots of the open hours that are not taken yet. Pure.

Slots begin where the doors open and follow one another up to where they close: from 9:00 to 12:15 with slots
of half an hour, the last one begins at 11:30. Times are epoch seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from follow.clock import OpenTimes

#: The most slots that are offered.
MOST_SLOTS = 400
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SlotTerms:
    """What may be chosen. All durations are in seconds."""

    #: None: somebody is always there.
    hours: OpenTimes | None
    #: Where the shop is.
    zone: tzinfo
    length: float
    #: How many shoppers may choose the same slot.
    most: int
    #: How long before its beginning a slot must be chosen at the latest, and at the earliest.
    notice: float
    ahead: float
    #: How long before it those whose lead it is are reminded.
    remind: float


def free_slots(terms: SlotTerms, now: float, taken: Mapping[float, int]) -> tuple[float, ...]:
    """When the slots begin that may be chosen now, in order; ``taken`` says how often each is."""
    first, last = now + terms.notice, now + terms.ahead
    found: list[float] = []
    for start in _grid(terms, first, last):
        if first <= start <= last and taken.get(start, 0) < terms.most:
            found.append(start)
            if len(found) == MOST_SLOTS:
                break
    return tuple(found)


def _grid(terms: SlotTerms, first: float, last: float) -> Iterator[float]:
    """All slots of the days around these times. A day's slots are the same whenever one asks."""
    day = datetime.fromtimestamp(first, terms.zone).date()
    # The day before: a shop that closes after midnight has the rest of its slots there.
    begin = datetime.combine(day - _DAY, time(), terms.zone).astimezone(UTC)
    end = datetime.fromtimestamp(last + terms.length, UTC)
    for opened, closed in _open(terms, begin, end + _DAY):
        start = opened
        while start + terms.length <= closed:
            yield start
            start += terms.length


def _open(terms: SlotTerms, begin: datetime, end: datetime) -> Iterator[tuple[float, float]]:
    if terms.hours is not None:
        for opened, closed in terms.hours.spans(begin, end):
            yield from _cut(terms, opened.timestamp(), closed.timestamp())
    else:
        yield from _cut(terms, begin.timestamp(), end.timestamp())


def _cut(terms: SlotTerms, opened: float, closed: float) -> Iterator[tuple[float, float]]:
    """A time that is open for more than a day, cut at midnights: else its slots depended on when one asks."""
    while closed - opened > _DAY.total_seconds():
        day = datetime.fromtimestamp(opened, terms.zone).date() + _DAY
        midnight = datetime.combine(day, time(), terms.zone).timestamp()
        yield opened, midnight
        opened = midnight
    yield opened, closed

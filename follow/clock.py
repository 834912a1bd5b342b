"""Time that counts only while somebody is there: when a promise is due, and how much of it is used up.

Everything is told and compared in UTC. What a change of the clocks or a holiday does to a day is the
business of the hours (:class:`routing.hours.OpeningHours`); here their spans are added up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Protocol

#: How far ahead a due time is looked for: who is away for longer keeps no promise.
AHEAD = timedelta(days=400)
_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)


class OpenTimes(Protocol):
    """When somebody is there, as :class:`routing.hours.OpeningHours` tells it."""

    @property
    def zone(self) -> tzinfo:
        """Where these hours are told."""

    def spans(self, start: datetime, end: datetime) -> Iterable[tuple[datetime, datetime]]:
        """The open times within the two, in order, without overlaps."""


@dataclass(frozen=True, slots=True)
class OpenPart:
    """Open time of one day of the wall clock that counts towards a promise; both ends are in UTC."""

    start: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.end - self.start) / _SECOND


@dataclass(frozen=True, slots=True)
class Due:
    """When a promise is due, and the open time up to then: its parts add up to what was promised."""

    #: In UTC; None where the hours never come to that much within :data:`AHEAD`.
    at: datetime | None
    parts: tuple[OpenPart, ...]

    @property
    def seconds(self) -> float:
        """All parts together."""
        return sum(part.seconds for part in self.parts)


def due(start: datetime, open_seconds: float, hours: OpenTimes | None) -> Due:
    """When so many open seconds have passed since ``start``, which is aware: the first such moment.

    Without hours somebody is always there. What is used up when the doors close is due then, not when they
    open again.
    """
    start, left = _utc(start), timedelta(seconds=max(0.0, open_seconds))
    parts: list[OpenPart] = []
    if not left:
        return Due(start, ())
    for opened, closed in _open(start, start + AHEAD + left, hours):
        end = min(closed, opened + left)
        parts += _by_day(opened, end, hours)
        left -= end - opened
        if not left:
            return Due(end, tuple(parts))
    return Due(None, tuple(parts))


def spent(start: datetime, end: datetime, hours: OpenTimes | None) -> float:
    """The open seconds from ``start`` to ``end``, both aware; 0 where they are the other way round."""
    spans = _open(_utc(start), _utc(end), hours)
    return sum((closed - opened for opened, closed in spans), timedelta()) / _SECOND


def next_open(at: datetime, hours: OpenTimes | None, ahead: timedelta = AHEAD) -> datetime | None:
    """``at`` where somebody is there then, else when somebody comes, in UTC; None where nobody does."""
    at = _utc(at)
    return next((opened for opened, _ in _open(at, at + ahead, hours)), None)


def is_open(at: datetime, hours: OpenTimes | None) -> bool:
    """Whether somebody is there at this moment."""
    return next_open(at, hours, _SECOND) == _utc(at)


def _open(start: datetime, end: datetime, hours: OpenTimes | None) -> Iterator[tuple[datetime, datetime]]:
    if start >= end:
        return
    if hours is None:
        yield start, end
        return
    for opened, closed in hours.spans(start, end):
        yield _utc(opened), _utc(closed)


def _by_day(start: datetime, end: datetime, hours: OpenTimes | None) -> Iterator[OpenPart]:
    """The span cut at the midnights of the hours' own wall clock."""
    zone = hours.zone if hours is not None else UTC
    while start < end:
        tomorrow = start.astimezone(zone).date() + _DAY
        midnight = datetime.combine(tomorrow, time(), zone).astimezone(UTC)
        # A clock that is set back over midnight shows the same day twice.
        cut = min(midnight, end) if midnight > start else end
        yield OpenPart(start, cut)
        start = cut


def _utc(at: datetime) -> datetime:
    if at.utcoffset() is None:
        raise ValueError(f"{at} has no time zone")
    return at.astimezone(UTC)

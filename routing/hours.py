"""When somebody is there: opening hours in OpenStreetMap's syntax, by the wall clock of one time zone.

The syntax is that of https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification, read by
``opening-hours-py``. Three things are ours, because that library has no room for them: which days ``PH``
means (a country, a region and the operator's own dates), what a change of the clocks does to a span, and
an evening that runs past midnight, which here belongs to the day on which it began.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours as Rules
from opening_hours import State

from routing.hours_text import (
    WEEKDAYS,
    HoursError,
    days_away,
    read_exception,
    read_rules,
    read_zone,
    split_at_midnight,
    without_holidays,
)
from routing.public_holidays import PublicHolidays

__all__ = ["HoursError", "OpeningHours", "Span"]

Span = tuple[datetime, datetime]

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_SECOND = timedelta(seconds=1)
#: How far ahead a change is looked for where holidays or evenings past midnight take part: longer than the
#: eight years that lie between two leap days about a year like 2100.
_AHEAD = timedelta(days=3660)
#: Days whose spans one object keeps; a week view and its neighbours fit in.
_REMEMBERED = 16


class OpeningHours:
    """The hours of one route, destination or agent; built once, then asked at every call.

    ``country`` (ISO 3166-1, ``US``) and ``region`` (ISO 3166-2 without the country, ``MA``) say which days
    ``PH`` means, together with the dates of ``holidays``. An exception is a rule that names a date and
    wins over ``text``: ``2026-12-24 14:00-24:00 off`` takes time away, ``2026-12-20 10:00-16:00`` gives that
    day these hours. A span covers its start and not its end; ``unknown`` counts as closed. Whatever
    is asked, ``at`` must be aware, in any zone. Raises :class:`HoursError`.
    """

    def __init__(
        self,
        text: str,
        time_zone: str,
        country: str | None = None,
        region: str | None = None,
        holidays: Iterable[date] = (),
        exceptions: Iterable[str] = (),
    ) -> None:
        self.zone = read_zone(time_zone)
        self._public = PublicHolidays.of(country, region)
        self._own = frozenset(holidays)
        holidays_known = country is not None or bool(self._own)
        rules = [read_rules(text, ("text",), holidays_known)]
        for index, exception in enumerate(exceptions):
            rules.append(read_exception(exception, ("exceptions", index), holidays_known))
        self._text = "; ".join(rules)
        self._names_holidays = bool(days_away(self._text))
        self._passes_midnight = split_at_midnight(self._text)[1] is not None
        #: Minutes past midnight between which a day is open. A memory only: all of it can be computed again.
        self._days: dict[date, tuple[tuple[int, int], ...]] = {}

    def is_open(self, at: datetime) -> bool:
        """Whether somebody is there at this moment."""
        local = _aware(at).astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        return any(opens <= minute < closes for opens, closes in self._day(local.date()))

    def is_holiday(self, day: date) -> bool:
        """Whether ``PH`` means this day."""
        return day in self._own or day in self._public

    def minutes(self, day: date) -> tuple[tuple[int, int], ...]:
        """The open times of one day of the wall clock, in minutes past its midnight, in order."""
        return self._day(day)

    def spans(self, start: datetime, end: datetime) -> Iterator[Span]:
        """The open times within ``start`` and ``end``, in the hours' own zone, joined where they touch.

        Compare and subtract them in UTC: Python compares two datetimes of one zone by their wall clock,
        which in autumn shows an hour twice.
        """
        for opened, closed in _joined(self._open(_aware(start).astimezone(UTC), _aware(end).astimezone(UTC))):
            yield opened.astimezone(self.zone), closed.astimezone(self.zone)

    def next_change(self, at: datetime) -> datetime | None:
        """The first moment after ``at`` at which this opens or closes; None when none is in sight.

        In sight are ten years where holidays or evenings past midnight take part, else what the library
        sees: all years but the leap day after 2096.
        """
        at = _aware(at).astimezone(UTC)
        open_now = self.is_open(at)
        # Nearer than this the clocks may repeat or swallow what the rules say of the wall clock.
        later = at + 2 * _DAY
        change = self._first_edge(at, later, open_now)
        if change is None:
            if not self._names_holidays and not self._passes_midnight:
                said = _rules(self._text).next_change(later.astimezone(self.zone).replace(tzinfo=None))
                if said is None:
                    return None
                later = max(later, said.replace(tzinfo=UTC) - 2 * _DAY)
            change = self._first_edge(later, later + _AHEAD, open_now)
        return None if change is None else change.astimezone(self.zone)

    def _first_edge(self, start: datetime, end: datetime, open_before: bool) -> datetime | None:
        """Where, from ``start`` until ``end`` (UTC), the state first differs from that before."""
        pieces = self._open(start, end)
        if not open_before:
            return next((opened for opened, _ in pieces), None)
        edge = next((closed for _, closed in _joined(pieces)), start)
        return edge if edge < end else None

    def _open(self, start: datetime, end: datetime) -> Iterator[Span]:
        """The open times in UTC, still cut at midnights and where the clocks change."""
        for first, last, ahead in _steady(self.zone, start, end):
            wall, wall_end = (first + ahead).replace(tzinfo=None), (last + ahead).replace(tzinfo=None)
            day = wall.date()
            while (midnight := datetime.combine(day, time())) < wall_end:
                for opens, closes in self._day(day):
                    opened = max(wall, midnight + opens * _MINUTE)
                    closed = min(wall_end, midnight + closes * _MINUTE)
                    if opened < closed:
                        yield (opened - ahead).replace(tzinfo=UTC), (closed - ahead).replace(tzinfo=UTC)
                day += _DAY

    def _day(self, day: date) -> tuple[tuple[int, int], ...]:
        """Minutes past midnight between which this day of the wall clock is open, in order."""
        known = self._days.get(day)
        if known is None:
            if len(self._days) >= _REMEMBERED:
                self._days.clear()
            known = self._days[day] = tuple(sorted(self._read_day(day)))
        return known

    def _read_day(self, day: date) -> Iterator[tuple[int, int]]:
        if self._passes_midnight:
            eve = day - _DAY
            morning = split_at_midnight(self._rules_of(eve))[1]
            if morning is not None:
                for opens, closes in _minutes(morning.rules, eve):
                    if opens < morning.before:
                        yield opens, min(closes, morning.before)
        yield from _minutes(split_at_midnight(self._rules_of(day))[0], day)

    def _rules_of(self, day: date) -> str:
        """The rules of one day, in which ``PH`` has become that weekday, or a day that never comes."""
        if not self._names_holidays:
            return self._text
        away = frozenset(days for days in days_away(self._text) if self.is_holiday(day - days * _DAY))
        return without_holidays(self._text, WEEKDAYS[day.weekday()], away)


@lru_cache(maxsize=4096)
def _rules(text: str) -> Rules:
    """The library's reading; equal hours are read once, however many destinations have them."""
    return Rules(text, auto_country=False, auto_timezone=False)


def _minutes(text: str, day: date) -> Iterator[tuple[int, int]]:
    """What the rules say of one day, in minutes of its wall clock."""
    midnight = datetime.combine(day, time())
    for opened, closed, state, _ in _rules(text).intervals(midnight, midnight + _DAY):
        if state == State.OPEN:
            yield (opened - midnight) // _MINUTE, (closed - midnight) // _MINUTE


def _aware(at: datetime) -> datetime:
    if at.utcoffset() is None:
        raise ValueError(f"{at} has no time zone")
    return at


def _steady(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """The stretches between ``start`` and ``end`` (UTC) through which the zone keeps one offset.

    Each with how far the zone is ahead of UTC. No zone changes twice within a day.
    """

    def ahead(at: datetime) -> timedelta:
        return at.astimezone(zone).replace(tzinfo=UTC) - at

    while start < end:
        here = ahead(start)
        same = until = start
        while until < end and ahead(until) == here:
            same, until = until, min(until + _DAY, end)
        if ahead(until) != here:
            while until - same > _SECOND:
                middle = same + (until - same) / 2
                same, until = (middle, until) if ahead(middle) == here else (same, middle)
            until = until.replace(microsecond=0)
        yield start, until, here
        start = until


def _joined(spans: Iterator[Span]) -> Iterator[Span]:
    """Spans in order, those that touch or overlap made one."""
    pending: Span | None = None
    for opened, closed in spans:
        if pending is None:
            pending = opened, closed
        elif opened <= pending[1]:
            pending = pending[0], max(pending[1], closed)
        else:
            yield pending
            pending = opened, closed
    if pending is not None:
        yield pending

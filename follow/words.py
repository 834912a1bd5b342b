"""A due time that explains itself: ``due Mon 11:20 EST: 1 h 40 min on Fri, 2 h 20 min on Mon``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from math import floor

from follow.clock import Due, OpenPart

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
#: From so many days ahead a day is told by its date as well: "Mon" alone would be the next one.
_DATED = 6
#: More days than this are told as a sum: nobody reads a fortnight of them.
_MOST_DAYS = 5


def explained(start: datetime, told: Due, zone: tzinfo) -> str:
    """A due time in words, told by the clock of ``zone``; the parts add up to what was promised.

    ``start`` is when the time began to run.
    """
    if told.at is None:
        return "never due: the hours do not come to that much"
    first = start.astimezone(zone).date()
    moment = f"due {_moment(told.at, zone, first)}"
    days = _days(told.parts, zone)
    if not days:
        return moment
    if len(days) > _MOST_DAYS:
        (begin, _), (end, _) = days[0], days[-1]
        seconds = sum(each for _, each in days)
        between = f"{_day(begin, first)} to {_day(end, first)}"
        return f"{moment}: {duration(seconds)} on {len(days)} days, {between}"
    told_days = _whole_minutes([seconds for _, seconds in days])
    return f"{moment}: " + ", ".join(
        f"{duration(seconds)} on {_day(day, first)}"
        for (day, _), seconds in zip(days, told_days, strict=True)
    )


def moment(at: datetime, zone: tzinfo, today: date) -> str:
    """A moment by the clock of ``zone``: ``Mon 11:20 EST``, with its date where that is far from today."""
    return _moment(at, zone, today)


def duration(seconds: float) -> str:
    """``1 h 40 min``; below a minute ``20 s``."""
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    told = [f"{hours} h"] if hours else []
    if minutes:
        told.append(f"{minutes} min")
    if rest and not hours:
        told.append(f"{rest} s")
    return " ".join(told) or "0 min"


def _days(parts: Iterable[OpenPart], zone: tzinfo) -> list[tuple[date, float]]:
    days: dict[date, float] = {}
    for part in parts:
        day = part.start.astimezone(zone).date()
        days[day] = days.get(day, 0.0) + part.seconds
    return list(days.items())


def _whole_minutes(seconds: list[float]) -> list[float]:
    """Whole minutes that add up to the whole: what is cut off one day is given to the next.

    Promises below an hour keep their seconds.
    """
    if sum(seconds) < 3600:
        return seconds
    told, carried = [], 0.0
    for each in seconds:
        minutes = floor((carried + each) / 60 + 0.5)
        told.append(minutes * 60.0)
        carried += each - minutes * 60.0
    return told


def _moment(at: datetime, zone: tzinfo, today: date) -> str:
    local = at.astimezone(zone)
    return f"{_day(local.date(), today)} {local:%H:%M} {local.tzname()}"


def _day(day: date, today: date) -> str:
    name = _DAYS[day.weekday()]
    return name if 0 <= (day - today).days < _DATED else f"{name} {day:%-d %b %Y}"

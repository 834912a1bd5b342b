"""Stretches of time in any zone, cut at its own days: across changes of the clock. Pure.

Every zone's offset is a multiple of 15 minutes, so that each cut falls between two buckets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

Every = Literal["hour", "day", "week", "month"]
DAY = 86400
#: The most stretches of one report.
MOST_STEPS = 2400


@dataclass(frozen=True, slots=True)
class PeriodStep:
    """One stretch; times are seconds since the epoch."""

    begins: int
    ends: int
    #: As its zone writes it, ISO 8601 with its offset.
    label: str


def midnight(day: date, zone: ZoneInfo) -> int:
    """When a day begins: its first moment, where the clock is set forward over midnight."""
    at = datetime.combine(day, time(), zone)
    moment = int(at.timestamp())
    back = datetime.fromtimestamp(moment, zone)
    if back.replace(tzinfo=None) == at.replace(tzinfo=None):
        return moment
    # 00:00 does not exist: the day begins when the clock is set.
    while datetime.fromtimestamp(moment - 900, zone).date() >= day:
        moment -= 900
    while datetime.fromtimestamp(moment, zone).date() < day:
        moment += 900
    return moment


def period(first: date, last: date, zone: ZoneInfo) -> tuple[int, int]:
    """From the beginning of the first day to the end of the last."""
    return midnight(first, zone), midnight(last + timedelta(days=1), zone)


def steps(first: date, last: date, zone: ZoneInfo, every: Every) -> list[PeriodStep]:
    """The stretches of a period. Weeks begin on Mondays; the first and last stretch may be cut short."""
    begins, ends = period(first, last, zone)
    marks = [each for each in _marks(first, last, zone, every) if begins < each < ends]
    bounds = [begins, *marks, ends]
    return [
        PeriodStep(one, two, datetime.fromtimestamp(one, zone).isoformat(timespec="minutes"))
        for one, two in pairwise(bounds)
    ]


def _marks(first: date, last: date, zone: ZoneInfo, every: Every) -> Iterator[int]:
    if every == "hour":
        begins, ends = period(first, last, zone)
        # By the clock on the wall: where the offset is odd, hours do not begin when UTC's do.
        hour = None
        for at in range(begins, ends, 900):
            here = datetime.fromtimestamp(at, zone)
            mark = (here.date(), here.hour, here.fold)
            if mark != hour:
                hour = mark
                yield at
        return
    day = first
    while day <= last:
        if every == "day" or (every == "week" and day.weekday() == 0) or (every == "month" and day.day == 1):
            yield midnight(day, zone)
        day += timedelta(days=1)


def before(first: date, last: date) -> tuple[date, date]:
    """The period of the same number of days before."""
    length = (last - first).days + 1
    return first - timedelta(days=length), first - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows to read: those of ``span`` seconds that begin from ``begins`` on, before ``ends``."""

    span: int
    begins: int
    ends: int


def pieces(bounds: Sequence[int], bucket: int = 900) -> list[Piece]:
    """How the stretches between these moments are read with the fewest rows: whole days of UTC at once."""
    found: list[Piece] = []
    for begins, ends in pairwise(bounds):
        first, last = -(-begins // DAY) * DAY, ends // DAY * DAY
        parts = (
            [Piece(bucket, begins, first), Piece(DAY, first, last), Piece(bucket, last, ends)]
            if first < last
            else [Piece(bucket, begins, ends)]
        )
        for piece in parts:
            if piece.begins >= piece.ends:
                continue
            if found and found[-1].span == piece.span and found[-1].ends == piece.begins:
                found[-1] = Piece(piece.span, found[-1].begins, piece.ends)
            else:
                found.append(piece)
    return found


def hour_of_week(at: int, zone: ZoneInfo) -> tuple[int, int]:
    """Weekday (Monday is 0) and hour of a moment, by the clock on the wall."""
    here = datetime.fromtimestamp(at, zone)
    return here.weekday(), here.hour


def today(now: float, zone: str) -> date:
    """Which day it is there."""
    return datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(zone)).date()

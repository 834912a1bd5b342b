"""Open time counted minute by minute, knowing nothing of spans: what :mod:`follow.clock` is held to.

Run by hand for ten years of zones and holidays: ``python -m tests.follow.brute_force`` (some minutes).
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from follow.clock import due, spent
from routing.hours import OpeningHours
from routing.public_holidays import PublicHolidays

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Week:
    """Plain hours, for which opening can be told without a parser: by weekday, in minutes of the day."""

    text: str
    #: Weekdays from Monday, 0, and the minutes between which they are open.
    open: dict[int, tuple[tuple[int, int], ...]]
    holidays_off: bool = True

    def is_open(self, wall: datetime, public: PublicHolidays) -> bool:
        """Whether somebody is there when the wall clock shows this."""
        if self.holidays_off and wall.date() in public:
            return False
        minute = wall.hour * 60 + wall.minute
        return any(start <= minute < end for start, end in self.open.get(wall.weekday(), ()))


def at(hour: int, minute: int = 0) -> int:
    return hour * 60 + minute


OFFICE = Week("Mo-Fr 09:00-18:00; PH off", {day: ((at(9), at(18)),) for day in range(5)})
SHOP = Week(
    "Mo-Fr 08:30-12:00,13:15-19:45; Sa 10:00-14:00; PH off",
    {day: ((at(8, 30), at(12)), (at(13, 15), at(19, 45))) for day in range(5)} | {5: ((at(10), at(14)),)},
)
NIGHT = Week(
    "Mo-Su 00:00-04:00,22:00-24:00", {day: ((0, at(4)), (at(22), at(24))) for day in range(7)}, False
)
WEEKS = (OFFICE, SHOP, NIGHT)
#: Zones with the oddest clocks, and places with holidays.
PLACES = (
    ("America/New_York", "US", "MA"),
    ("Europe/Berlin", "DE", "BY"),
    ("Asia/Kolkata", "IN", None),
    ("Australia/Lord_Howe", "AU", None),  # half an hour of summer time
    ("Pacific/Auckland", "NZ", None),
    ("Asia/Kathmandu", "NP", None),
    ("America/Santiago", "CL", None),  # the clocks change at midnight
    ("Africa/Cairo", "EG", None),
    ("UTC", None, None),
)


def hours_of(week: Week, zone: str, country: str | None, region: str | None) -> OpeningHours:
    text = week.text if country else week.text.replace("; PH off", "")
    return OpeningHours(text, zone, country, region)


def open_minutes(
    week: Week, zone: str, country: str | None, region: str | None, start: datetime, end: datetime
) -> Iterator[datetime]:
    """Each open minute between two whole minutes, by its beginning in UTC."""
    public, here = PublicHolidays.of(country, region), ZoneInfo(zone)
    now = start.astimezone(UTC)
    while now < end:
        if week.is_open(now.astimezone(here), public):
            yield now
        now += MINUTE


def check_stretch(
    week: Week, place: tuple[str, str | None, str | None], start: datetime, minutes: int, length: timedelta
) -> None:
    """Both questions of one stretch; AssertionError where clock and count disagree."""
    hours = hours_of(week, *place)
    counted = list(open_minutes(week, *place, start, start + length))
    assert spent(start, start + length, hours) == len(counted) * 60
    told = due(start, minutes * 60, hours)
    assert sum(part.seconds for part in told.parts) == told.seconds
    if minutes <= len(counted):
        assert told.at == counted[minutes - 1] + MINUTE
        assert told.seconds == minutes * 60
    else:
        assert told.at is None or told.at > start + length


def ten_years(first: int = 2020) -> None:
    """Every minute of ten years, by week and place; then due times that start anywhere in them."""
    start = datetime.combine(date(first, 1, 1), time(), UTC)
    end = datetime.combine(date(first + 10, 1, 1), time(), UTC)
    luck = random.Random(first)
    for place in PLACES:
        for week in WEEKS:
            hours = hours_of(week, *place)
            counted = list(open_minutes(week, *place, start, end))
            assert spent(start, end, hours) == len(counted) * 60, (place, week.text)
            for _ in range(400):
                index = luck.randrange(len(counted) - 2000)
                promised = luck.randrange(1, 2000)
                begin = counted[index] - luck.randrange(60) * MINUTE
                first_open = next(i for i in range(max(0, index - 60), index + 1) if counted[i] >= begin)
                told = due(begin, promised * 60, hours)
                assert told.at == counted[first_open + promised - 1] + MINUTE, (place, week.text, begin)
                assert told.seconds == promised * 60
            print(f"{place[0]:20} {week.text:56} {len(counted):8} open minutes", flush=True)


if __name__ == "__main__":
    sys.exit(ten_years(int(sys.argv[1]) if len(sys.argv) > 1 else 2020))

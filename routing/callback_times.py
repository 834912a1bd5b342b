"""When to call a shopper back: in their own daytime and in the business's hours; and that time in words.

Where a shopper lives is guessed from their number, by the time zones that ``phonenumbers`` knows of it. Many
mobile numbers may be anywhere in a country with several: then it must be daytime in all of them, or where
that never happens (a toll-free number of North America spans them from Guam to Barbados) in as many as
possible.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers.phonenumberutil import is_number_type_geographical
from phonenumbers.timezone import time_zones_for_geographical_number, time_zones_for_number

from config.sections.callbacks import CallbackTerms
from routing.hours import OpeningHours
from routing.language import SHIPPED, about, day_and_time, soon
from routing.numbers import assigned_country, read_number

_UNKNOWN = "Etc/Unknown"
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class CallbackHours:
    """The terms of a callback, and when the business is there; None where it always is.

    ``terms.daytime`` must be readable by :class:`~routing.hours.OpeningHours`, in any zone.
    """

    terms: CallbackTerms
    business: OpeningHours | None = None


def callback_hours(
    name: str, callbacks: Mapping[str, CallbackTerms], hours: Mapping[str, OpeningHours]
) -> CallbackHours:
    """The terms of this name with their hours, from all terms and all compiled hours by name.

    Terms that the settings no longer have are taken to be those that they would have without a word: the
    promise was given, and is kept.
    """
    terms = callbacks.get(name, CallbackTerms())
    return CallbackHours(terms, hours[terms.hours] if terms.hours else None)


@lru_cache(maxsize=256)
def _daytime(text: str, zone: str) -> OpeningHours:
    """The same words, told in another zone."""
    return OpeningHours(text, zone)


def shopper_zones(number: str, otherwise: ZoneInfo) -> tuple[ZoneInfo, ...]:
    """The time zones that a shopper with this number (E.164) may be in; ``otherwise`` where none is known.

    A number of no area, such as a mobile one, may be anywhere in its country.
    """
    read = read_number(number)
    if read is None:
        return (otherwise,)
    names = time_zones_for_number(read)
    main = phonenumbers.region_code_for_country_code(read.country_code or 0)
    if not is_number_type_geographical(phonenumbers.number_type(read), read.country_code or 0):
        # The library then means everybody who shares the code: for the Bahamas, all of North America.
        country = assigned_country(number)
        if country is not None and country != main:
            names = time_zones_for_geographical_number(read)
    known = tuple(ZoneInfo(name) for name in names if name != _UNKNOWN)
    return known or (otherwise,)


def next_time(
    hours: CallbackHours, zones: Iterable[ZoneInfo], not_before: datetime, latest: datetime
) -> datetime | None:
    """The first moment, in UTC, from ``not_before`` to ``latest`` at which a shopper may be called back.

    It lies in the business's hours, and in the daytime of as many of the ``zones`` as any moment between
    the two; None where it is daytime in none of them. The times must be aware, in any zone.
    """
    start, end = not_before.astimezone(UTC), latest.astimezone(UTC)
    if end < start:
        return None
    # A span does not cover its end, but the latest moment counts.
    beyond = end + _MINUTE
    changes: Counter[datetime] = Counter()
    for zone in zones:
        for opens, closes in _daytime(hours.terms.daytime, zone.key).spans(start, beyond):
            changes[opens.astimezone(UTC)] += 1
            changes[closes.astimezone(UTC)] -= 1
    business = [(start, beyond)]
    if hours.business is not None:
        business = [
            (opens.astimezone(UTC), closes.astimezone(UTC))
            for opens, closes in hours.business.spans(start, beyond)
        ]
    best, best_zones, awake = None, 0, 0
    for at, until in pairwise([*sorted(changes), beyond]):
        awake += changes[at]
        if awake > best_zones:
            first = next(
                (max(at, opens) for opens, closes in business if opens < until and at < closes), None
            )
            if first is not None and first <= end:
                best, best_zones = first, awake
    return best


def in_words(
    at: datetime, now: datetime, zones: Sequence[ZoneInfo], home: ZoneInfo, language: str = "en"
) -> str:
    """When something will be, for the ear and for the page: "today at 4 30 p m", "on Tuesday at 9 a m".

    In a language that Ringback does not ship, in English.

    Told as the clock on the shopper's wall would; where their ``zones`` disagree about it, by that of the
    business at ``home``: "tomorrow at 9 a m, New York time". What comes within the hour is "in about 20
    minutes" instead, the same everywhere.
    """
    ahead = at - now
    foreign = language in SHIPPED and language != "en"
    if ahead < 2 * _MINUTE:
        return soon(language) if foreign else "in a moment"
    if ahead <= 55 * _MINUTE:
        minutes = ahead / _MINUTE
        rounded = round(minutes) if minutes < 10 else 5 * round(minutes / 5)
        return about(rounded, language) if foreign else f"in about {rounded} minutes"
    agreed = len({at.astimezone(zone).utcoffset() for zone in zones}) == 1
    zone = zones[0] if agreed else home
    local = at.astimezone(zone)
    days = (local.date() - now.astimezone(zone).date()).days
    if foreign:
        return day_and_time(local, days, None if agreed else _place(zone), language)
    if days <= 1:
        day = "tomorrow" if days else "today"
    elif days < 7:
        day = f"on {local:%A}"
    else:
        day = f"on {local:%A}, {local:%B} {local.day},"
    return f"{day} at {_clock(local)}" + ("" if agreed else f", {_place(zone)} time")


def _clock(at: datetime) -> str:
    """The time of a 12-hour clock, its parts apart so that a voice says them one by one."""
    if at.minute == 0 and at.hour in (0, 12):
        return "noon" if at.hour else "midnight"
    minutes = f" {at.minute:02}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes} {'p' if at.hour >= 12 else 'a'} m"


def _place(zone: ZoneInfo) -> str:
    return zone.key.rpartition("/")[2].replace("_", " ")

"""Doubts about the text of opening hours: rules that say nothing in the end, hours that are never open.

Rules are judged by what they do: the hours are read with and without each of them, day by day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Protocol

from routing.hours import OpeningHours

_DAY = timedelta(days=1)
#: A year, and what may be moved about its end.
_DAYS = 370
#: Years ahead that rules of theirs are read for.
_MOST_YEARS = 6
#: Minutes of a span past midnight that look like two times in the wrong order.
_LONG_NIGHT = 12 * 60
_RULE = re.compile(r"[^;\s][^;]*")
_SPAN = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")
_WEEKDAY = "(?:Mo|Tu|We|Th|Fr|Sa|Su)"
_WEEKLY = re.compile(rf"\s*(?:{_WEEKDAY}(?:[-,]{_WEEKDAY})*\s+)?\d\d:\d\d[-\d:,\s]*")
_DATE = re.compile(r"\b(\d{4}-\d\d-\d\d)\b")
_OFF = re.compile(r"\b(?:off|closed)\s*(?:\"[^\"]*\")?\s*$")
_YEAR = re.compile(r"\b(20\d\d)\b(?!:)")

Minutes = tuple[tuple[int, int], ...]
#: The open times of day after day.
Days = tuple[Minutes, ...]
#: At which character of the text, or at which setting, and what is doubtful there.
Doubt = tuple[int | tuple[str | int, ...], str]


class _Read(Protocol):
    def __call__(self, rules: str, extra: tuple[str, ...] = ...) -> Days: ...


@lru_cache(maxsize=2048)
def doubts(
    text: str,
    country: str | None,
    region: str | None,
    holidays: tuple[date, ...] = (),
    exceptions: tuple[str, ...] = (),
) -> tuple[Doubt, ...]:
    """What is doubtful about hours that can be read: at which character of the text, or at which setting."""
    return tuple(_doubts(text, country, region, holidays, exceptions))


def _doubts(
    text: str,
    country: str | None,
    region: str | None,
    holidays: tuple[date, ...],
    exceptions: tuple[str, ...],
) -> Iterator[Doubt]:
    today = datetime.now(UTC).date()

    def days(rules: str, extra: tuple[str, ...] = exceptions) -> Days:
        hours = OpeningHours(rules or "off", "UTC", country, region, holidays, extra)
        return tuple(hours.minutes(today + _DAY * number) for number in range(_span(text, extra, today)))

    if "||" in text:
        yield (
            text.index("||"),
            "the rule after || applies only on days that no earlier rule names: to add times to a day, "
            "write a comma, 09:00-12:00,14:00-18:00",
        )
        return
    final = days(text)
    if not any(final):
        years = [int(year) for year in _YEAR.findall(text)]
        over = ": its years are in the past" if years and max(years) < today.year else ""
        yield 0, f"never open from now on{over}"
        return
    for span in _SPAN.finditer(text):
        opens, closes = int(span[1]) * 60 + int(span[2]), int(span[3]) * 60 + int(span[4])
        long = closes + 24 * 60 - opens
        if closes < opens and long > _LONG_NIGHT:
            yield span.start(), f"runs through the night, {long / 60:g} hours long: did you swap the times?"
    yield from _rules(text, final, days)
    for index in range(len(exceptions)):
        if why := _exception(index, exceptions, text, final, days):
            yield ("exceptions", index), why
    if holidays and max(holidays) < today - _DAY:
        yield ("holidays",), "all these days are in the past: add the next ones"


def _rules(text: str, final: Days, days: _Read) -> Iterator[Doubt]:
    """Rules that do nothing, or undo what an earlier one does."""
    rules = [(found.start(), found[0].rstrip()) for found in _RULE.finditer(text)]
    idle: set[str] = set()
    for index, (at, rule) in enumerate(rules if len(rules) > 1 else ()):
        others = [other for number, (_, other) in enumerate(rules) if number != index]
        if (
            not _beyond(rule)
            and days("; ".join(others)) == final
            and (why := _idle(index, rules, final, days))
        ):
            idle.add(rule)
            yield at, why
        elif why := _shut(rule, [other for _, other in rules[:index] if other not in idle]):
            yield at, why


def _exception(
    index: int,
    exceptions: tuple[str, ...],
    text: str,
    final: Days,
    days: _Read,
) -> str | None:
    """Why an exception does nothing."""
    exception, others = exceptions[index], (*exceptions[:index], *exceptions[index + 1 :])
    dates = set(_DATE.findall(exception))
    if dates and max(dates) < (datetime.now(UTC).date() - _DAY).isoformat():
        return "this day is in the past: remove it"
    if _beyond(exception) or days(text, others) != final:
        return None
    if any(dates & set(_DATE.findall(other)) for other in others):
        return "has no effect: another exception for the same day replaces it"
    return None if _OFF.search(exception) else "has no effect: these hours apply anyway"


def _span(text: str, exceptions: tuple[str, ...], today: date) -> int:
    """How many days to look ahead, so that every year that is named is seen."""
    years = [int(year) for year in _YEAR.findall(" ".join((text, *exceptions)))]
    if re.search(r"Feb 29|week", text):
        years.append(today.year + 4)
    ahead = max([0, *(year - today.year for year in years if year - today.year <= _MOST_YEARS)])
    return _DAYS + 366 * ahead


def _beyond(rule: str) -> bool:
    """Whether it speaks of years that are too far away to be read."""
    latest = datetime.now(UTC).year + _MOST_YEARS
    return any(int(year) > latest for year in re.findall(r"\b(\d{4})\b(?!:)", rule))


def _idle(
    index: int,
    rules: list[tuple[int, str]],
    final: Days,
    days: _Read,
) -> str | None:
    """Why a rule without an effect does nothing; None for one that says again what holds anyway."""
    rule = rules[index][1]
    later = index + 1 < len(rules)
    years = [int(year) for year in _YEAR.findall(rule)]
    if years and max(years) < datetime.now(UTC).year:
        return "its years are in the past: remove it"
    if not _OFF.search(rule):
        if later:
            return (
                "has no effect: later rules replace it. Write all times of a day in one rule: "
                "09:00-12:00,14:00-18:00"
            )
        return "has no effect: these hours apply anyway, or never occur"
    # The days that it names, all else being open: is it open there in the end?
    named = days(f"24/7; {rule}", ())
    if later and any(not those and got for those, got in zip(named, final, strict=False)):
        return "has no effect: a later rule opens these days again. Move it after that rule"
    return None


def _shut(rule: str, before: list[str]) -> str | None:
    """Why a rule of plain weekdays takes away what an earlier one said of the same days, unasked."""
    if not _WEEKLY.fullmatch(rule):
        return None
    for earlier in before:
        if not _WEEKLY.fullmatch(earlier):
            continue
        for was, now in zip(_week(earlier), _week(rule), strict=True):
            if was and now and (was[-1][1] <= now[0][0] or now[-1][1] <= was[0][0]):
                return (
                    f"replaces '{earlier}' on the days that both name, and closes the hours that it opened: "
                    "write all times of a day in one rule, 09:00-12:00,14:00-18:00"
                )
    return None


def _week(rule: str) -> tuple[Minutes, ...]:
    hours = OpeningHours(rule, "UTC")
    monday = date(2026, 6, 1)
    # What begins at midnight may be the end of the evening before.
    return tuple(
        tuple(span for span in hours.minutes(monday + _DAY * number) if span[0]) for number in range(7)
    )

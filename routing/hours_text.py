"""The text of opening hours: what it may say, where it is wrong, and how it is put to the library.

The library reads rules and says when they hold; it is never given a country, so that ``PH`` is a day that
never comes. For a holiday it is given the same rules with that day's weekday in the place of ``PH``.
"""

from __future__ import annotations

import re
from calendar import isleap
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from opening_hours import OpeningHours as Rules
from opening_hours import ParserError  # type: ignore[attr-defined]  # its stubs forget it

Where = tuple[str | int, ...]

WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_LENGTHS = {
    "Jan": 31, "Feb": 29, "Mar": 31, "Apr": 30, "May": 31, "Jun": 30,
    "Jul": 31, "Aug": 31, "Sep": 30, "Oct": 31, "Nov": 30, "Dec": 31,
}  # fmt: skip
_MONTH = "|".join(_LENGTHS)
_REMARK = re.compile(r'\s*"[^"]*"')
_DATED = re.compile(rf"\b(?:{_MONTH}|easter|week|PH|\d{{4}}\b)")
_MONTH_DAY = re.compile(
    rf"\b(?:(\d{{4}})\s)?({_MONTH})\s*(\d{{1,2}})(?![\d:])(?:\s?-\s?(\d{{1,2}})(?![\d:]))?"
)
_ISO_DATE = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_CARET = re.compile(r"--> \d+:(\d+)")

_WEEKDAY = "(?:Mo|Tu|We|Th|Fr|Sa|Su)"
_AWAY = r"(?:\s[+-]\d+\sdays?)?"
_PUBLIC = rf"PH{_AWAY}"
_ORDINARY = rf"{_WEEKDAY}(?:-{_WEEKDAY}|\[[^\]]*\]{_AWAY})?"
_EITHER = rf"(?:{_PUBLIC}|{_ORDINARY})"
_PUBLIC_DAY = re.compile(rf"\b{_PUBLIC}")
_DAY = re.compile(rf"\b{_EITHER}")
#: A list of days, and the weekdays to which a space behind a list of holidays restricts it.
_DAYS = re.compile(rf"\b({_EITHER}(?:,{_EITHER})*)(\s{_ORDINARY}(?:,{_ORDINARY})*)?")

# What follows is met in the library's own writing: ``Mo-Fr 09:00-12:00,13:00-26:00 closed; Su || PH``.
_TIMES = r"(?:(\d\d):(\d\d)(?:-(\d\d):(\d\d)\+?|\+)(?:/\d+(?::\d\d)?)?)"
_TIME_SPAN = re.compile(_TIMES)
_TIME_LIST = re.compile(rf"{_TIMES}(?:,{_TIMES})*")
_RULE_END = re.compile(r"(; | \|\| |, )")
_MODIFIER = re.compile(r"(?= (?:unknown|open)\b)|$")
_MIDNIGHT = 24 * 60
#: A rule that holds, with nothing after midnight, is written with the last minute, which is not read back.
_LAST_MINUTE = _MIDNIGHT - 1
_NOTHING = "23:59-24:00"


class HoursError(ValueError):
    """Opening hours cannot be read; ``column`` of ``text``, counted from 1, is where.

    ``where`` names the setting as the arguments of ``OpeningHours`` do: ``("exceptions", 1)``.
    """

    def __init__(self, text: str, column: int, message: str, where: Where) -> None:
        super().__init__(message)
        self.text = text
        self.column = column
        self.message = message
        self.where = where


@dataclass(frozen=True, slots=True)
class Morning:
    """What the evening of a day leaves to the next morning."""

    #: Rules that hold on the day of the evening, and say the times of the next day.
    rules: str
    #: The minute of the day from which on the rules are not to be read.
    before: int = _LAST_MINUTE


#: What is refused besides bad syntax, because it would be read in silence as something else.
_REFUSED = (
    (
        re.compile(r"\b(?P<here>sunrise|sunset|dawn|dusk)\b", re.I),
        "hours are clock times here, such as 18:00",
    ),
    (
        re.compile(r"\b(?P<here>SH)\b"),
        "school holidays are not known: write dates, such as 2026 Jul 01-Aug 31",
    ),
    (
        re.compile(rf"{_WEEKDAY}\s+(?P<here>PH)\b"),
        "write 'PH,Sa' for holidays and Saturdays, 'PH Sa' for both at once",
    ),
    (
        re.compile(r'(?:^|;|\|\|)\s*(?P<here>")'),
        "a remark alone does not say open or closed: write it after 'off'",
    ),
)


@cache
def known_zones() -> frozenset[str]:
    """Every IANA name that this machine knows. To find them, hundreds of files are opened: once is enough."""
    return frozenset(available_timezones())


def read_zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name; raises :class:`HoursError`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        nearest = get_close_matches(name, known_zones(), 1)
        advice = f"did you mean {nearest[0]}?" if nearest else "write an IANA name such as America/New_York"
        raise HoursError(name, 1, f"no time zone is called {name!r}; {advice}", ("time_zone",)) from None


def read_rules(text: str, where: Where, holidays_known: bool) -> str:
    """The rules of a text, its remarks left out; raises :class:`HoursError` at the first wrong place."""
    line = re.sub(r"\s", " ", text)
    if (opened := _never_closed(line)) is not None:
        raise HoursError(text, opened + 1, f"this {line[opened]} is never closed", where)
    outside = _REMARK.sub(lambda found: found[0].split('"')[0] + '"' + " " * len(found[0].lstrip()[1:]), line)
    for wrong, advice in _REFUSED:
        if found := wrong.search(outside):
            raise HoursError(text, found.start("here") + 1, advice, where)
    if not holidays_known and (found := _PUBLIC_DAY.search(outside)):
        raise HoursError(text, found.start() + 1, "PH needs a country, or a list of holidays", where)
    for found in _MONTH_DAY.finditer(outside):
        year, month = found[1] or "", found[2]
        longest = 28 if month == "Feb" and year and not isleap(int(year)) else _LENGTHS[month]
        if max(int(found[3]), int(found[4] or 0)) > longest:
            message = f"{month} {year}".strip() + f" has {longest} days"
            raise HoursError(text, found.start() + 1, message, where)
    for found in _TIME_SPAN.finditer(outside):
        if _end(found) > _MIDNIGHT + _LAST_MINUTE:
            raise HoursError(text, found.start() + 1, "a span ends before the end of the next day", where)
    try:
        Rules(line)
    except ParserError as error:
        caret = _CARET.search(str(error))
        column = int(caret[1]) if caret else 1
        raise HoursError(text, column, _unreadable(line, column), where) from None
    rules = _REMARK.sub("", line).strip()
    if not rules:  # which the library reads where there are spaces, or a remark
        raise HoursError(text, 1, _unreadable(rules, 1), where)
    return rules


def _never_closed(line: str) -> int | None:
    """Where a quote or a bracket opens that nothing closes."""
    if line.count('"') % 2:
        return line.rindex('"')
    opened: list[int] = []
    for at, character in enumerate(_REMARK.sub(lambda found: " " * len(found[0]), line)):
        if character in "[(":
            opened.append(at)
        elif character in "])" and opened:
            opened.pop()
    return opened[-1] if opened else None


def read_exception(text: str, where: Where, holidays_known: bool) -> str:
    """As :func:`read_rules`, of rules that each have to say on which days they hold; 2026-12-24 will do."""
    dates = list(_ISO_DATE.finditer(text))
    for found in dates:
        if not 1 <= int(found[2]) <= 12:
            raise HoursError(text, found.start() + 1, "there is no such month", where)
    try:
        rules = read_rules(_ISO_DATE.sub(_spelled, text), where, holidays_known)
    except HoursError as error:
        # Every date has become one character longer.
        column = error.column - sum(
            1 for index, found in enumerate(dates) if found.end() + index < error.column
        )
        raise HoursError(text, column, error.message, where) from None
    if "||" in rules:
        raise HoursError(text, text.index("||") + 1, "an exception has no alternative: write it apart", where)
    if not all(_DATED.search(rule) for rule in rules.split(";")):
        message = "an exception names its date, such as '2026 Dec 24 14:00-24:00 off'"
        raise HoursError(text, 1, message, where)
    return rules


def _spelled(iso: re.Match[str]) -> str:
    return f"{iso[1]} {tuple(_LENGTHS)[int(iso[2]) - 1]} {iso[3]}"


def _unreadable(line: str, column: int) -> str:
    rest = line[column - 1 :].strip()
    place = f"cannot be read from {rest!r} on" if rest else "end too early"
    return f"the hours {place}; write OpenStreetMap opening hours, such as Mo-Fr 09:00-18:00; PH off"


@lru_cache(maxsize=4096)
def days_away(rules: str) -> tuple[int, ...]:
    """How many days after a holiday (before it, when negative) the days are of which the rules speak."""
    return tuple({_away(item) for item in _PUBLIC_DAY.findall(rules)})


def _away(item: str) -> int:
    """3 from ``PH +3 days``."""
    return int(item.split()[1]) if " " in item else 0


@lru_cache(maxsize=4096)
def without_holidays(rules: str, weekday: str, away: frozenset[int]) -> str:
    """The rules for a day of this weekday that is so many days after a holiday, each for itself."""

    def days(found: re.Match[str]) -> str:
        listed, only = found[1], found[2] or ""
        items = _DAY.findall(listed)
        if not any(item.startswith("PH") for item in items):
            return found[0]
        holiday = any(item.startswith("PH") and _away(item) in away for item in items)
        ordinary = [item for item in items if not item.startswith("PH")]
        if only:
            return only.strip() if holiday else "PH"
        return ",".join([*ordinary, weekday] if holiday else ordinary) or "PH"

    return _DAYS.sub(days, rules)


@lru_cache(maxsize=4096)
def split_at_midnight(rules: str) -> tuple[str, Morning | None]:
    """The rules for the day itself, and what its evening leaves to the next morning, if anything.

    The library loses that morning where an earlier rule speaks of the next day (``Mo-Th,Su 11:00-23:00;
    Fr-Sa 11:00-26:00`` would shut on Sunday at 00:00), so it is asked for the two apart. For the morning
    every rule stays, to win or to lose as it did.
    """
    pieces = _RULE_END.split(str(Rules(rules)))
    if not any(_end(times) > _MIDNIGHT for piece in pieces for times in _TIME_SPAN.finditer(piece)):
        return rules, None
    until_midnight = (_TIME_LIST.sub(_before_midnight, piece) for piece in pieces)
    morning = (piece if _RULE_END.fullmatch(piece) else _morning(piece) for piece in pieces)
    return "".join(until_midnight), Morning("".join(morning))


def _end(times: re.Match[str]) -> int:
    """The minute at which a span of times ends, more than a day's when that is on the next day."""
    if times[3] is None:  # 18:00+ is until midnight, and no longer
        return _MIDNIGHT
    start, end = int(times[1]) * 60 + int(times[2]), int(times[3]) * 60 + int(times[4])
    return end if end > start else end + _MIDNIGHT


def _before_midnight(times: re.Match[str]) -> str:
    return ",".join(
        f"{span[1]}:{span[2]}-24:00" if _end(span) > _MIDNIGHT else span[0]
        for span in _TIME_SPAN.finditer(times[0])
    )


def _after_midnight(times: re.Match[str]) -> str:
    ends = [end - _MIDNIGHT for span in _TIME_SPAN.finditer(times[0]) if (end := _end(span)) > _MIDNIGHT]
    return f"00:00-{max(ends) // 60:02}:{max(ends) % 60:02}" if ends else _NOTHING


def _morning(rule: str) -> str:
    if _TIME_LIST.search(rule):
        return _TIME_LIST.sub(_after_midnight, rule)
    if rule.startswith("24/7"):
        return rule.replace("24/7", _NOTHING) if "closed" not in rule else rule
    return rule if "closed" in rule else _MODIFIER.sub(f" {_NOTHING}", rule, count=1)

"""Opening hours as a week of times, from and to the syntax of OpenStreetMap. Pure.

What a week cannot show, such as public holidays and seasons, is kept as it is written, behind the week. A
text in which it comes before the days, or is mixed with them, has no grid: it is edited as text.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DAY = "|".join(DAYS)
_SELECTOR = re.compile(rf"(?:{_DAY})(?:\s*-\s*(?:{_DAY}))?(?:\s*,\s*(?:{_DAY})(?:\s*-\s*(?:{_DAY}))?)*")
_TIME = r"(\d{1,2}):(\d{2})"
_SPAN = re.compile(rf"{_TIME}\s*-\s*{_TIME}")
_FULL_DAY = 24 * 60

#: Minutes past midnight: an end beyond 24 hours is in the next morning.
OpenTimes = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class WeekGrid:
    """The open times of each day from Monday on, and the rules that a week cannot show."""

    days: tuple[OpenTimes, ...]
    rest: tuple[str, ...] = ()


def read_grid(text: str) -> WeekGrid | None:
    """The week that a text says; None where it says more than a week and what comes behind it."""
    days: list[OpenTimes] = [()] * 7
    rest: list[str] = []
    if '"' in text or "||" in text:
        return None
    for rule in filter(None, (part.strip() for part in text.split(";"))):
        found = _rule(rule)
        if found is None:
            rest.append(rule)
        elif rest:
            return None
        else:
            which, times = found
            for day in which:
                days[day] = times
    if any(_names_days(rule) for rule in rest) or _overlap(days):
        return None
    return WeekGrid(tuple(days), tuple(rest))


def write_grid(grid: WeekGrid) -> str:
    """The text that says the week; ValueError for times that are none, or overlap."""
    if len(grid.days) != 7 or any(not _are_times(times) for times in grid.days) or _overlap(grid.days):
        raise ValueError("times that overlap, or are in no day")
    if all(times == ((0, _FULL_DAY),) for times in grid.days):
        rules = ["24/7"]
    else:
        alike: dict[OpenTimes, list[int]] = {}
        for day, times in enumerate(grid.days):
            if times:
                alike.setdefault(times, []).append(day)
        rules = [f"{_names(days)} {_times(times)}" for times, days in alike.items()] or ["off"]
    return "; ".join([*rules, *grid.rest])


def _rule(rule: str) -> tuple[Sequence[int], OpenTimes] | None:
    if rule == "24/7":
        return range(7), ((0, _FULL_DAY),)
    selector = _SELECTOR.match(rule)
    which: Sequence[int] = range(7)
    said = rule
    if selector:
        which = _days(selector[0])
        said = rule[selector.end() :].strip()
        if said.startswith((",", "-", "[")):
            return None
    if said in ("off", "closed"):
        return which, ()
    times = _read_times(said)
    return None if times is None else (which, times)


def _read_times(said: str) -> OpenTimes | None:
    times: list[tuple[int, int]] = []
    for part in said.split(","):
        found = _SPAN.fullmatch(part.strip())
        if not found:
            return None
        start, end = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
        if start >= _FULL_DAY or end > 2 * _FULL_DAY or int(found[2]) > 59 or int(found[4]) > 59:
            return None
        times.append((start, end if end > start else end + _FULL_DAY))
    times.sort()
    return tuple(times)


def _names_days(rule: str) -> bool:
    """Whether a rule behind the week begins with days of the week, and so would change it."""
    return bool(_SELECTOR.match(rule)) or (rule.startswith(("SH,", "PH,")) and bool(re.search(_DAY, rule)))


def _days(selector: str) -> list[int]:
    found: list[int] = []
    for part in selector.split(","):
        first, _, last = (each.strip() for each in part.partition("-"))
        start = DAYS.index(first)
        end = DAYS.index(last) if last else start
        found += range(start, end + 1) if end >= start else [*range(start, 7), *range(end + 1)]
    return found


def _names(days: Sequence[int]) -> str:
    """``Mo-Fr``, ``Sa,Su``: runs of three or more, and of two where they begin the week."""
    runs: list[list[int]] = []
    for day in days:
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(DAYS[run[0]] if len(run) == 1 else f"{DAYS[run[0]]}-{DAYS[run[-1]]}" for run in runs)


def _times(times: OpenTimes) -> str:
    return ",".join(
        f"{clock(start)}-{clock(end if end <= _FULL_DAY else end - _FULL_DAY)}" for start, end in times
    )


def clock(minutes: int) -> str:
    """``09:00``."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _are_times(times: OpenTimes) -> bool:
    return all(0 <= start < _FULL_DAY and start < end <= start + _FULL_DAY for start, end in times) and (
        list(times) == sorted(times)
    )


def _overlap(days: Sequence[OpenTimes]) -> bool:
    """Whether times of one day run into each other, or into those of the next day."""
    for day, times in enumerate(days):
        for (_, end), (start, _) in itertools.pairwise(times):
            if start < end:
                return True
        if times and days[(day + 1) % 7] and times[-1][1] - _FULL_DAY > days[(day + 1) % 7][0][0]:
            return True
    return False

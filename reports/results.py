"""A report: the metrics of a period, of its stretches, and of the parts of the whole. Pure.

What a screen, a CSV file and the API show is made here, by the same functions.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from reports.definitions import metrics_of
from reports.parts import Channel
from reports.periods import PeriodStep, hour_of_week
from reports.tally import NOTHING, CountTally

#: What a report may be told apart by, beside the parts of the tallies.
By = Literal["route", "queue", "agent", "page", "rule", "outcome", "site"]
#: When a row begins, its site, its value, and the three numbers of its tally.
Row = tuple[int, str, str, int, int, int]
#: The most values of a part that a report lists; the smallest ones beyond are added up.
MOST_GROUPS = 500
OTHERS = "(others)"


@dataclass(frozen=True, slots=True)
class Figures:
    """One row of a report: the metrics by their ids, None where there is nothing to tell."""

    value: str
    metrics: dict[str, float | None]


def figures(tally: CountTally, channel: Channel) -> dict[str, float | None]:
    """Every metric of these calls or chats."""
    found = {}
    for metric in metrics_of(channel):
        value = metric.of(tally)
        found[metric.id] = value if value is None else round(value, 4)
    return found


def summed(rows: Iterable[Row]) -> CountTally:
    """All of them together."""
    sums = waits = firsts = 0
    for _, _, _, more_sums, more_waits, more_firsts in rows:
        sums += more_sums
        waits += more_waits
        firsts += more_firsts
    return CountTally(sums, waits, firsts)


def by_value(rows: Iterable[Row], by: By) -> dict[str, CountTally]:
    """Each value of the part, or each site, with what is counted of it."""
    place = 1 if by == "site" else 2
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[str(row[place])].append(row)
    return {value: summed(of) for value, of in found.items()}


def ranked(values: dict[str, CountTally], channel: Channel) -> list[Figures]:
    """The values with the most calls first; the smallest of very many are one row."""
    order = sorted(values.items(), key=lambda each: (-each[1]["offered"], each[0]))
    shown, rest = order[:MOST_GROUPS], order[MOST_GROUPS:]
    if rest:
        shown.append((OTHERS, sum((tally for _, tally in rest), NOTHING)))
    return [Figures(value, figures(tally, channel)) for value, tally in shown]


def by_step(rows: Iterable[Row], steps: Sequence[PeriodStep]) -> list[CountTally]:
    """What is counted in each stretch; they follow one another."""
    bounds = [step.begins for step in steps]
    found: list[list[Row]] = [[] for _ in steps]
    for row in rows:
        found[max(0, bisect_right(bounds, row[0]) - 1)].append(row)
    return [summed(of) for of in found]


def heat(rows: Iterable[Row], zone: ZoneInfo) -> dict[tuple[int, int], CountTally]:
    """What is counted in each hour of the week, by the clock on the wall."""
    hours: dict[int, tuple[int, int]] = {}
    found: defaultdict[tuple[int, int], list[Row]] = defaultdict(list)
    for row in rows:
        at = row[0]
        hour = hours.get(at)
        if hour is None:
            hour = hours[at] = hour_of_week(at, zone)
        found[hour].append(row)
    return {hour: summed(of) for hour, of in sorted(found.items())}

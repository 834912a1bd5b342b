"""What a change does, in sentences. Pure: from settings before and after, as data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from changes.week_grid import OpenTimes, clock, read_grid
from config.editing.data import Data, same
from config.models import sections
from config.problems import Loc, shorten

_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
#: What is never told, only that it is another.
_UNTOLD = frozenset({"password_hash"})
MOST_SENTENCES = 500


@dataclass(frozen=True, slots=True)
class ChangeSentence:
    """One thing that changes."""

    kind: Literal["added", "removed", "renamed", "changed"]
    loc: Loc
    text: str


def in_words(before: Data, after: Data) -> tuple[ChangeSentence, ...]:
    """What changes from one tree of settings to another, at most :data:`MOST_SENTENCES`."""
    found: list[ChangeSentence] = []
    for section in dict.fromkeys([*before, *after]):
        old, new = before.get(section), after.get(section)
        if not same(old, new):
            found += _section(section, old, new)
    return tuple(found[:MOST_SENTENCES])


def _section(section: str, old: Data, new: Data) -> Iterator[ChangeSentence]:
    shape = sections().get(section)
    one = (shape.one if shape and shape.one else section.removesuffix("s")).capitalize()
    olds, news = old or {}, new or {}
    if not isinstance(olds, dict) or not isinstance(news, dict):
        yield from _values((section,), section.capitalize(), "", old, new)
        return
    if not all(isinstance(item, dict) or item is None for item in [*olds.values(), *news.values()]):
        yield from _values((section,), section.capitalize(), "", olds, news)
        return
    gone = [name for name in olds if name not in news]
    come = [name for name in news if name not in olds]
    for name in list(come):
        former = next((each for each in gone if same(olds[each], news[name])), None)
        if former is not None:
            gone.remove(former)
            come.remove(name)
            yield ChangeSentence("renamed", (section, name), f"{one} {former} is now called {name}.")
    for name in gone:
        yield ChangeSentence("removed", (section, name), f"{one} {_called(name, olds[name])} is removed.")
    for name in come:
        yield ChangeSentence("added", (section, name), f"{one} {_called(name, news[name])} is new.")
    for name in olds:
        if name in news and not same(olds[name], news[name]):
            yield from _values(
                (section, name), f"{one} {_called(name, news[name])}", "", olds[name], news[name]
            )


def _called(name: str, item: Data) -> str:
    label = item.get("label") if isinstance(item, dict) else None
    return f"{name} ({shorten(label)})" if isinstance(label, str) and label != name else name


def _values(loc: Loc, subject: str, way: str, old: Data, new: Data) -> Iterator[ChangeSentence]:
    """Sentences about one item: each setting of it that is another."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys([*old, *new]):
            here, deeper = (*loc, key), f"{way} {_plain(str(key))}".strip()
            if key not in new:
                yield ChangeSentence(
                    "changed", here, f"{subject}: {deeper} is no longer set; it was {_told(key, old[key])}."
                )
            elif key not in old:
                yield ChangeSentence(
                    "changed", here, f"{subject}: {deeper} is {_told(key, new[key])}; it was not set."
                )
            elif not same(old[key], new[key]):
                yield from _values(here, subject, deeper, old[key], new[key])
        return
    if (
        isinstance(old, list)
        and isinstance(new, list)
        and len(old) == len(new)
        and any(isinstance(item, dict) for item in new)
    ):
        for index, (was, now) in enumerate(zip(old, new, strict=True)):
            if not same(was, now):
                yield from _values((*loc, index), subject, f"{way} {index + 1}", was, now)
        return
    key = loc[-1]
    if key == "opening_hours" and isinstance(old, str) and isinstance(new, str):
        hours = list(_hours(loc, subject, old, new))
        if hours:
            yield from hours
            return
    if key in _UNTOLD:
        yield ChangeSentence("changed", loc, f"{subject}: {way} is another one.")
        return
    what = f"{subject}: {way}" if way else subject
    yield ChangeSentence("changed", loc, f"{what} is {_told(key, new)} instead of {_told(key, old)}.")


def _plain(key: str) -> str:
    return key.replace("_", " ")


def _told(key: str | int, value: Data) -> str:
    if key in _UNTOLD:
        return "one"
    if isinstance(value, bool):
        return "on" if value else "off"
    if value is None or value == "" or value == [] or value == {}:
        return "nothing"
    if isinstance(value, list):
        if all(isinstance(item, str | int | float) for item in value):
            return shorten(", ".join(map(str, value)))
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return shorten(", ".join(f"{name} {_told(name, entry)}" for name, entry in value.items()))
    return f'"{shorten(value)}"' if isinstance(value, str) and " " in value else shorten(str(value))


def _hours(loc: Loc, subject: str, old: str, new: str) -> Iterator[ChangeSentence]:
    """ "Saturday closes at 13:00 instead of 14:00"; nothing where no week tells the difference."""
    before, after = read_grid(old), read_grid(new)
    if before is None or after is None:
        return
    for day, was, now in zip(_DAY_NAMES, before.days, after.days, strict=True):
        if was != now:
            yield ChangeSentence("changed", loc, f"{subject}: {_day(day, was, now)}.")
    if before.rest != after.rest:
        former, latter = ("; ".join(grid.rest) or "nothing" for grid in (before, after))
        yield ChangeSentence(
            "changed", loc, f"{subject}: beside the week it says {latter} instead of {former}."
        )


def _day(day: str, was: OpenTimes, now: OpenTimes) -> str:
    if not now:
        return f"{day} is closed instead of open {_open(was)}"
    if not was:
        return f"{day} is open {_open(now)} instead of closed"
    if len(was) == len(now) == 1:
        (start, end), (begin, stop) = was[0], now[0]
        if start == begin:
            return f"{day} closes at {_clock(stop)} instead of {_clock(end)}"
        if end == stop:
            return f"{day} opens at {_clock(begin)} instead of {_clock(start)}"
    return f"{day} is open {_open(now)} instead of {_open(was)}"


def _open(times: OpenTimes) -> str:
    return " and ".join(f"{_clock(start)}–{_clock(end)}" for start, end in times)  # noqa: RUF001 - from to


def _clock(minutes: int) -> str:
    return clock(minutes if minutes <= 1440 else minutes - 1440)

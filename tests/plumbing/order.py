"""What runs when, where several processes run the tests: no core waits, no long test is last.

Tests with browsers and those in which phones ring are mixed. The former keep a core busy, and the latter
mostly wait, in real time, which they do badly beside four browsers. The many short tests come last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import PurePath
from typing import Protocol, TypeVar

#: Folders whose tests follow one another: a group for the folder (one Asterisk serves it), or one for each
#: file, whose tests share a browser and are the longest there are.
ONE_GROUP, A_GROUP_A_FILE = ("pbx",), ("agent_page", "demo", "page")
#: Folders whose tests keep a core busy: with browsers.
BUSY = (*A_GROUP_A_FILE, "portal", "widget")
#: Folders whose tests mostly wait, for phones and sound.
WAITS = ("pbx", "bench", "scenarios", "switch", "sip", "media", "phones", "webrtc")


class _HasPath(Protocol):
    @property
    def path(self) -> PurePath: ...


Item = TypeVar("Item", bound=_HasPath)
#: Tests that run one after the other, in one process.
Unit = list[Item]


def group(path: PurePath) -> str | None:
    """The group of a file of tests, seen from the folder ``tests``; None for each test by itself."""
    folder = path.parts[0]
    if folder in ONE_GROUP:
        return folder
    return f"{folder}/{path.stem}" if folder in A_GROUP_A_FILE else None


def ordered(items: Sequence[Item], seen_from: PurePath) -> list[Item]:
    """The same tests in the order in which they begin; those of a group stay together, in their own order."""

    def parts(item: Item) -> PurePath:
        return item.path.relative_to(seen_from) if item.path.is_relative_to(seen_from) else PurePath("-")

    units = _units(items, lambda item: group(parts(item)))
    units.sort(key=len, reverse=True)  # stable: single tests stay as they were
    busy = [unit for unit in units if parts(unit[0]).parts[0] in BUSY]
    waits = [unit for unit in units if parts(unit[0]).parts[0] in WAITS]
    short = [unit for unit in units if parts(unit[0]).parts[0] not in (*BUSY, *WAITS)]
    return [item for unit in (*_mixed(busy, waits), *short) for item in unit]


def _units(items: Sequence[Item], group_of: Callable[[Item], str | None]) -> list[Unit[Item]]:
    units: list[Unit[Item]] = []
    for name, adjacent in groupby(items, group_of):
        some = list(adjacent)
        units += [[item] for item in some] if name is None else [some]
    return units


def _mixed(one: Sequence[Unit[Item]], other: Sequence[Unit[Item]]) -> list[Unit[Item]]:
    """Both, so that they come to their ends together."""
    places = [(number / len(some), unit) for some in (one, other) for number, unit in enumerate(some)]
    return [unit for _, unit in sorted(places, key=lambda place: place[0])]

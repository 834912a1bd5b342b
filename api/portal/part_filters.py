"""By which parts calls and chats are narrowed, as an address names them: by one, or by two at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from fastapi import Query

from config.base import AGENT
from config.models import Config
from reports.parts import CountedUnder, Part
from store.talks import PartFilter

#: A value of a part.
Value = Annotated[str, Query(max_length=128)]


def part_filters(
    config: Config, around: CountedUnder, wanted: Iterable[tuple[Part, str]]
) -> tuple[PartFilter, ...]:
    """Those that narrow anything, with what may belong to each value: so that few rows are read."""
    return tuple(
        PartFilter(part, value, _among(config, around, part, value))
        for part, value in wanted
        if part != "all"
    )


def _among(config: Config, around: CountedUnder, part: Part, value: str) -> frozenset[str] | None:
    if part == "queue":
        return (
            frozenset(route for route in config.routes if around.queue_of(route) == value) if value else None
        )
    if part == "agent" and value:
        phones = config.agents[value].phones if value in config.agents else ()
        return frozenset((value, f"{AGENT}{value}", *phones))
    return None

"""A visitor's memory as JSON, for the database; what cannot be read of it counts as never remembered."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from engage.decision import Arm
from engage.memory import InvitationAnswer, OpenOffer, Tally, VisitorMemory

#: Rules of which something is kept: those that answered last, where there are more.
MOST_KEPT = 200


def write_memory(memory: VisitorMemory) -> dict[str, Any]:
    """The memory as JSON-like data."""
    opened = memory.open
    rules = sorted(memory.rules.items(), key=lambda item: max(item[1].answered.values(), default=0.0))
    return {
        "site": _written(memory.site),
        "rules": {name: _written(tally) for name, tally in rules[-MOST_KEPT:]},
        "visit": memory.visit,
        "pages": memory.pages,
        "last_page": memory.last_page,
        "opted_out": memory.opted_out,
        "open": opened
        and {
            "rule": opened.rule,
            "view": opened.view,
            "arm": str(opened.arm),
            "at": opened.at,
            "visit": opened.visit,
            "day": opened.day,
            "exposed": opened.exposed,
        },
    }


def read_memory(kept: Any) -> VisitorMemory:
    """The memory of what :func:`write_memory` made, an older version included."""
    if not isinstance(kept, Mapping):
        return VisitorMemory()
    rules = kept.get("rules")
    return VisitorMemory(
        site=_tally(kept.get("site")),
        rules={str(name): _tally(tally) for name, tally in rules.items()}
        if isinstance(rules, Mapping)
        else {},
        visit=_count(kept.get("visit")),
        pages=_count(kept.get("pages")),
        last_page=_time(kept.get("last_page")),
        open=_open(kept.get("open")),
        opted_out=kept.get("opted_out") is True,
    )


def _written(tally: Tally) -> dict[str, Any]:
    return {
        "visit": tally.visit,
        "in_visit": tally.in_visit,
        "day": tally.day,
        "in_day": tally.in_day,
        "seen": tally.seen,
        "answered": {str(answer): at for answer, at in tally.answered.items()},
    }


def _tally(kept: Any) -> Tally:
    if not isinstance(kept, Mapping):
        return Tally()
    answered = kept.get("answered")
    return Tally(
        visit=_count(kept.get("visit")),
        in_visit=_count(kept.get("in_visit")),
        day=str(kept.get("day", "")),
        in_day=_count(kept.get("in_day")),
        seen=_count(kept.get("seen")),
        answered={answer: _time(answered[answer]) for answer in InvitationAnswer if answer in answered}
        if isinstance(answered, Mapping)
        else {},
    )


def _open(kept: Any) -> OpenOffer | None:
    if not isinstance(kept, Mapping) or kept.get("arm") not in list(Arm):
        return None
    return OpenOffer(
        rule=str(kept.get("rule", "")),
        view=str(kept.get("view", "")),
        arm=Arm(kept["arm"]),
        at=_time(kept.get("at")),
        visit=_count(kept.get("visit")),
        day=str(kept.get("day", "")),
        exposed=kept.get("exposed") is True,
    )


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def _time(value: Any) -> float:
    known = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    return float(value) if known else 0.0

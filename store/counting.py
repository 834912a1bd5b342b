"""How often calls were asked for: all the questions of one request, answered by one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, select

from bridge.causes import Disposition
from store.tables import calls


@dataclass(frozen=True, slots=True)
class CallCount:
    """Calls that began at ``since`` or later, living ones included, refused requests not."""

    since: float
    number: str | None = None
    client_ip: str | None = None
    site: str | None = None
    #: An IPv6 network around ``client_ip``, /56 or /48.
    net56: str | None = None
    net48: str | None = None
    #: As the row of the call says.
    visitor: str | None = None


@dataclass(frozen=True, slots=True)
class NumberCount:
    """Different numbers, except one, that an address, a network or a visitor called at ``since`` or later.

    Counted as by CallCount.
    """

    since: float
    client_ip: str | None = None
    but: str = ""
    net56: str | None = None
    net48: str | None = None
    visitor: str | None = None


Question = CallCount | NumberCount

_WHERE = {
    "since": lambda value: calls.c.requested_at >= value,
    "number": lambda value: calls.c.number == value,
    "client_ip": lambda value: calls.c.client_ip == value,
    "net56": lambda value: calls.c.client_net56 == value,
    "net48": lambda value: calls.c.client_net48 == value,
    "site": lambda value: calls.c.site == value,
    "visitor": lambda value: calls.c.visitor == value,
    "but": lambda value: calls.c.number != value,
}

#: What a question asks for, and by which of its fields.
_Shape = tuple[type[Question], tuple[str, ...]]


def count(connection: Connection, questions: Sequence[Question]) -> tuple[int, ...]:
    """One number for each question, all of the same moment."""
    if not questions:
        return ()
    asked = [_asked(question) for question in questions]
    statement = _statement(tuple((type(q), tuple(a)) for q, a in zip(questions, asked, strict=True)))
    values = {f"{name}_{n}": value for n, each in enumerate(asked) for name, value in each.items()}
    return tuple(connection.execute(statement, values).one())


def _asked(question: Question) -> dict[str, Any]:
    every = {field.name: getattr(question, field.name) for field in fields(question)}
    return {name: value for name, value in every.items() if value is not None}


@lru_cache(maxsize=64)  # building it costs more than asking; there are as many shapes as kinds of sites
def _statement(shapes: tuple[_Shape, ...]) -> Select[Any]:
    return select(*(_counted(shape, n).scalar_subquery() for n, shape in enumerate(shapes)))


def _counted(shape: _Shape, n: int) -> Select[Any]:
    kind, names = shape
    what = func.count() if kind is CallCount else func.count(calls.c.number.distinct())
    return (
        select(what)
        .select_from(calls)
        .where(
            calls.c.disposition.is_distinct_from(Disposition.REFUSED.value),
            *(_WHERE[name](bindparam(f"{name}_{n}")) for name in names),
        )
    )

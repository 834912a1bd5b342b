"""Visitors, offers and orders that are too old: counted, and taken out piece by piece."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

from sqlalchemy import Connection, Table, delete, func, select, tuple_

from store.tables import conversions, offers, visitors

VisitKind = Literal["page_visitors", "offers", "orders"]
VISIT_KINDS: frozenset[str] = frozenset(get_args(VisitKind))
_TABLES: Mapping[str, tuple[Table, Any]] = {
    "page_visitors": (visitors, visitors.c.last_at),
    "offers": (offers, offers.c.offered_at),
    "orders": (conversions, conversions.c.at),
}


def count_visits(connection: Connection, kind: str, site: str, before: float) -> int:
    """How many rows of a site are older."""
    table, at = _TABLES[kind]
    return connection.scalar(select(func.count()).where(table.c.site == site, at < before)) or 0


def forget_visits(connection: Connection, kind: str, site: str, before: float, limit: int) -> int:
    """Delete so many rows that are older, at most; how many they were."""
    table, at = _TABLES[kind]
    key = list(table.primary_key)
    old = select(*key).where(table.c.site == site, at < before).limit(limit)
    found = [tuple(row) for row in connection.execute(old)]
    if found:
        connection.execute(delete(table).where(tuple_(*key).in_(found)))
    return len(found)

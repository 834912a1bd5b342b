"""What operators did and looked at in the portal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from store.database import Database
from store.tables import portal_audit

#: The most entries of one page.
MOST_ENTRIES = 200


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Something that an operator did, or looked at. ``at`` is seconds since the epoch."""

    at: float
    operator: str
    address: str
    #: In the past tense: ``settings_changed``, ``call_opened``.
    what: str
    #: What it was about: ids and names, no phone number and no secret.
    about: Mapping[str, Any]
    entry_id: int = 0


class SqlAudit:
    """The audit trail in an open database. Every method raises StoreError where the disk says no."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, entry: AuditEntry) -> None:
        """Keep an entry; it is on disk when this returns."""
        await self._database.write(_note, entry)

    async def entries(
        self, *, before: int | None = None, operator: str | None = None, limit: int = 50
    ) -> Sequence[AuditEntry]:
        """The newest entries first, those before an id if one is given."""
        return await self._database.read(_entries, before, operator, min(limit, MOST_ENTRIES))


def _note(connection: Connection, entry: AuditEntry) -> None:
    connection.execute(
        insert(portal_audit).values(
            at=entry.at,
            operator=entry.operator,
            address=entry.address,
            what=entry.what,
            about=dict(entry.about),
        )
    )


def _entries(
    connection: Connection, before: int | None, operator: str | None, limit: int
) -> Sequence[AuditEntry]:
    statement = select(portal_audit).order_by(portal_audit.c.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(portal_audit.c.id < before)
    if operator is not None:
        statement = statement.where(portal_audit.c.operator == operator)
    return [
        AuditEntry(row.at, row.operator, row.address, row.what, row.about, row.id)
        for row in connection.execute(statement)
    ]


def count_audit(connection: Connection, before: float) -> int:
    """How many entries are older."""
    return connection.scalar(select(func.count()).where(portal_audit.c.at < before)) or 0


def forget_audit(connection: Connection, before: float) -> int:
    """Delete the entries that are older; how many that were."""
    return connection.execute(delete(portal_audit).where(portal_audit.c.at < before)).rowcount

"""What agents wrote about calls: a note and a wrap-up code of each agent's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from bridge.cdr import WrapUp
from store.database import Database
from store.tables import wrap_ups

_ADD = insert(wrap_ups)
_CHANGE = (
    update(wrap_ups)
    .where(wrap_ups.c.call_id == bindparam("of_call"), wrap_ups.c.agent == bindparam("of_agent"))
    .values(note=bindparam("note"), code=bindparam("code"), written_at=bindparam("written_at"))
)
_OF_CALLS = (
    select(wrap_ups)
    .where(wrap_ups.c.call_id.in_(bindparam("call_ids", expanding=True)))
    .order_by(wrap_ups.c.call_id, wrap_ups.c.written_at, wrap_ups.c.agent)
)


class SqlWrapUpStore:
    """Wrap-ups in an open database. Every method raises StoreError where the disk says no."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, call_id: str, agent: str, note: str | None, code: str | None, at: float) -> None:
        """Put an agent's note and code on disk, in place of those that they wrote before of this call."""
        await self._database.write(_keep, call_id, agent, note, code, at)


def _keep(
    connection: Connection, call_id: str, agent: str, note: str | None, code: str | None, at: float
) -> None:
    written: dict[str, Any] = {"note": note, "code": code, "written_at": at}
    if not connection.execute(_CHANGE, {"of_call": call_id, "of_agent": agent, **written}).rowcount:
        connection.execute(_ADD, {"call_id": call_id, "agent": agent, **written})


def wrap_ups_of(connection: Connection, call_ids: Iterable[str]) -> Mapping[str, list[WrapUp]]:
    """What was written of these calls, the oldest first."""
    found: defaultdict[str, list[WrapUp]] = defaultdict(list)
    for row in connection.execute(_OF_CALLS, {"call_ids": list(call_ids)}):
        found[row.call_id].append(WrapUp(row.agent, row.code, row.note, row.written_at))
    return found

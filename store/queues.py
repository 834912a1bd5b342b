"""What was learnt of queues, kept over a restart."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, delete, insert, select

from routing.waits import Experience
from store.database import Database
from store.tables import queues

_ALL = select(queues)
_DROP = delete(queues).where(queues.c.name == bindparam("its_name"))
_ADD = insert(queues)


class SqlQueueStore:
    """:class:`calls.queue_memory.QueueStore` in an open database; StoreError where the disk says no."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def experiences(self) -> Mapping[str, Experience]:
        """What was learnt of each queue."""
        return await self._database.read(_experiences)

    async def keep(self, learnt: Mapping[str, Experience], at: float) -> None:
        """Put what was learnt of these queues on disk, in place of what was known of them."""
        await self._database.write(_keep, learnt, at)


def _experiences(connection: Connection) -> Mapping[str, Experience]:
    return {
        row.name: Experience(
            {int(level): tuple(known) for level, known in row.intervals.items()}, row.gave_up, row.waited
        )
        for row in connection.execute(_ALL)
    }


def _keep(connection: Connection, learnt: Mapping[str, Experience], at: float) -> None:
    for name, known in learnt.items():
        connection.execute(_DROP, {"its_name": name})
        row = {
            "name": name,
            "intervals": {str(level): list(each) for level, each in known.intervals.items()},
            "gave_up": known.gave_up,
            "waited": known.waited,
            "learnt_at": at,
        }
        connection.execute(_ADD, row)

"""Leases in the database: asked for, held on to and given up, each time in one transaction for all names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, bindparam, insert, select, update

from store import lease
from store.database import Database
from store.errors import StoreError
from store.lease import Lease
from store.lives import is_over
from store.locks import database_time, take_turns
from store.tables import leases

P = ParamSpec("P")
T = TypeVar("T")

_ROWS = select(leases).where(leases.c.name.in_(bindparam("names", expanding=True)))
_ADD = insert(leases)
_CHANGE = (
    update(leases)
    .where(leases.c.name == bindparam("of_name"))
    .values(owner=bindparam("owner"), until=bindparam("until"), epoch=bindparam("epoch"))
)


class LeaseLostError(StoreError):
    """Somebody else owns it by now: nothing of the transaction is on disk."""


@dataclass(frozen=True, slots=True)
class LeaseBeat:
    """What a node has after a beat, and when that was in the database's time."""

    mine: Mapping[str, Lease]
    now: float
    #: Those that other nodes have.
    theirs: Mapping[str, Lease] = field(default_factory=dict)


class SqlLeases:
    """Leases for the life of a node. Every method raises StoreError where the disk says no."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def beat(self, names: Sequence[str]) -> LeaseBeat:
        """Hold on to those of these that are this node's, and take those that are nobody's."""
        return await self._database.write(_beat, names, self._life())

    async def give_up(self, names: Sequence[str]) -> None:
        """Let others have these at once."""
        await self._database.write(_give_up, names, self._life())

    async def write_as(
        self, mine: Lease, work: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Do ``work(connection, …)`` if the lease is still this node's as it was; else LeaseLostError."""
        return await self._database.write(_fenced, mine, lambda it: work(it, *args, **kwargs))

    def _life(self) -> str:
        if self._database.life is None:
            raise StoreError("only a node can have a lease")
        return self._database.life


def _beat(connection: Connection, names: Sequence[str], life: str) -> LeaseBeat:
    take_turns(connection, leases)
    found, now = _found(connection, names), database_time(connection)
    for name, row in found.items():
        # A node lives once at a time: what its life before had needs not run out.
        if is_over(row.owner, life, alone=False):
            found[name] = replace(row, until=min(row.until, now))
    mine = {name: it for name in names if (it := lease.taken(name, found.get(name), life, now))}
    _save(connection, found, list(mine.values()))
    return LeaseBeat(mine, now, {name: row for name, row in found.items() if name not in mine})


def _give_up(connection: Connection, names: Sequence[str], life: str) -> None:
    take_turns(connection, leases)
    found, now = _found(connection, names), database_time(connection)
    _save(connection, found, [it for row in found.values() if (it := lease.given_up(row, life, now))])


def _fenced(connection: Connection, mine: Lease, work: Callable[[Connection], T]) -> T:
    # Serializable: who takes over meanwhile makes this transaction fail, or comes after it.
    row = _found(connection, [mine.name]).get(mine.name)
    if not lease.holds(row, mine.owner, mine.epoch, database_time(connection)):
        raise LeaseLostError(f"the lease {mine.name} is not this node's any more")
    return work(connection)


def _found(connection: Connection, names: Sequence[str]) -> dict[str, Lease]:
    return {row.name: Lease(**row._mapping) for row in connection.execute(_ROWS, {"names": list(names)})}


def _save(connection: Connection, found: Mapping[str, Lease], rows: Sequence[Lease]) -> None:
    for row in rows:
        values = {"owner": row.owner, "until": row.until, "epoch": row.epoch}
        if row.name in found:
            connection.execute(_CHANGE, values | {"of_name": row.name})
        else:
            connection.execute(_ADD, values | {"name": row.name})

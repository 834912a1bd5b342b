"""Counts of ended calls on disk. One transaction counts a call and marks it: so it is counted once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from reports.counts import BUCKET, Counts, Key, bucket_of, reduce
from store import reads
from store.database import Database
from store.tables import call_counts, calls

_KEY = [call_counts.c[name] for name in Key._fields]
#: Rows that are marked as not counted in one transaction; calls write in between.
PIECE = 2000


class SqlReports:
    """Counts in an open database. Every method raises StoreError where the disk says no."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count_some(self, limit: int) -> int:
        """Count up to ``limit`` ended calls that are in no count yet, oldest first; how many they were."""
        return await self._database.write(_count_some, limit)

    async def forget(self) -> None:
        """Take out the counts of all buckets whose calls are still kept, so that they are counted again.

        Older counts stay: calls that were deleted since cannot be counted again. Nothing may be counted
        meanwhile; :meth:`count_some` follows until it has nothing to do.
        """
        for site, since in await self._database.write(_drop_counts):
            while await self._database.write(_unmark, site, since):
                pass

    async def between(
        self, since: float, until: float, sites: Collection[str] | None = None
    ) -> Mapping[Key, Counts]:
        """The counts of the buckets that begin from ``since`` on, before ``until``; of these sites alone."""
        return await self._database.read(_between, since, until, sites)


def _count_some(connection: Connection, limit: int) -> int:
    records = reads.uncounted(connection, limit)
    for key, counts in reduce(records).items():
        here = and_(*(column == value for column, value in zip(_KEY, key, strict=True)))
        row = connection.execute(select(call_counts).where(here)).first()
        if row is None:
            connection.execute(insert(call_counts).values(**key._asdict(), **_columns(counts)))
        else:
            total = _counts(row._mapping) + counts
            connection.execute(update(call_counts).where(here).values(**_columns(total)))
    ids = [record.call_id for record in records]
    connection.execute(update(calls).where(calls.c.id.in_(ids)).values(counted=1))
    return len(records)


def _drop_counts(connection: Connection) -> list[tuple[str, float]]:
    """Each site that has calls, and from when on they are to be counted again."""
    again: list[tuple[str, float]] = []
    oldest = select(calls.c.site, func.min(calls.c.requested_at)).group_by(calls.c.site)
    for site, at in connection.execute(oldest).all():
        since = bucket_of(at)
        here = and_(call_counts.c.site == site, call_counts.c.bucket == since)
        counted = connection.scalar(select(func.sum(call_counts.c.calls)).where(here)) or 0
        kept = and_(calls.c.site == site, calls.c.requested_at < since + BUCKET, calls.c.counted == 1)
        if counted > (connection.scalar(select(func.count()).where(kept)) or 0):
            since += BUCKET  # some of that bucket's calls are deleted
        connection.execute(
            delete(call_counts).where(call_counts.c.site == site, call_counts.c.bucket >= since)
        )
        again.append((site, since))
    return again


def _unmark(connection: Connection, site: str, since: float) -> int:
    piece = (
        select(calls.c.id)
        .where(calls.c.site == site, calls.c.requested_at >= since, calls.c.counted == 1)
        .limit(PIECE)
    )
    return connection.execute(update(calls).where(calls.c.id.in_(piece)).values(counted=0)).rowcount


def _between(
    connection: Connection, since: float, until: float, sites: Collection[str] | None
) -> dict[Key, Counts]:
    statement = select(call_counts).where(call_counts.c.bucket >= since, call_counts.c.bucket < until)
    if sites is not None:
        statement = statement.where(call_counts.c.site.in_(sites))
    rows = (row._mapping for row in connection.execute(statement.order_by(*_KEY)))
    return {Key(*(row[name] for name in Key._fields)): _counts(row) for row in rows}


def _columns(counts: Counts) -> dict[str, Any]:
    return {
        "calls": counts.calls,
        "cancelled_early": counts.cancelled_early,
        "shoppers_dialled": counts.shoppers_dialled,
        "shoppers_answered": counts.shoppers_answered,
        "wait": counts.wait,
        "talk": counts.talk,
        "waits": {str(number): count for number, count in counts.waits.items()},
    }


def _counts(row: Mapping[Any, Any]) -> Counts:
    return Counts(
        calls=row["calls"],
        cancelled_early=row["cancelled_early"],
        shoppers_dialled=row["shoppers_dialled"],
        shoppers_answered=row["shoppers_answered"],
        wait=row["wait"],
        talk=row["talk"],
        waits={int(number): count for number, count in row["waits"].items()},
    )

"""Counts of ended calls on disk. One transaction counts a call and marks it: so it is counted once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from bridge.cdr import CallRecord
from reports.at_once import Peak
from reports.counts import BUCKET, Counts, Key, bucket_of, reduce
from reports.parts import Channel, CountedUnder, PartKey, parts_of_call
from reports.periods import Piece
from reports.tally import NOTHING, CountTally
from store import kept_talks, reads
from store.at_once import read_peaks
from store.database import Database
from store.kept_talks import By
from store.locks import take_turns
from store.parts import (
    PartQuestion,
    PartRow,
    add_parts,
    count_chats,
    forget_chats,
    forget_parts,
    read_parts,
    rules_of,
)
from store.tables import call_counts, calls, offers, part_counts
from store.talks import TalkQuestion

_KEY = [call_counts.c[name] for name in Key._fields]
#: Rows that are marked as not counted in one transaction; calls write in between.
PIECE = 2000


class SqlReports:
    """Counts in an open database. Every method raises StoreError where the disk says no."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count_some(self, limit: int, around: CountedUnder) -> int:
        """Count up to ``limit`` ended calls that are in no count yet, oldest first; how many they were."""
        return await self._database.write(_count_some, limit, around)

    async def count_chats(self, limit: int, around: CountedUnder) -> int:
        """Count up to ``limit`` ended chats that are in no count yet, oldest first; how many they were."""
        return await self._database.write(count_chats, limit, around)

    async def wrapped_up(self, call_id: str, seconds: float, around: CountedUnder) -> None:
        """Add how long an agent wrapped up a call to what is counted of it; nothing where it is not kept."""
        await self._database.write(_wrapped_up, call_id, seconds, around)

    async def parts(self, question: PartQuestion, wanted: Sequence[Piece]) -> Sequence[PartRow]:
        """The tallies of these stretches, each with when its row begins, its site and its value."""
        return await self._database.read(read_parts, question, wanted)

    async def kept(self, question: TalkQuestion, by: By | None, around: CountedUnder) -> Sequence[PartRow]:
        """The same, counted from the calls or chats that are kept; TooManyTalksError."""
        found: list[PartRow] = []
        left = kept_talks.MOST_COUNTED
        for piece in kept_talks.pieces_of_period(question):
            rows, looked_at = await self._database.read(kept_talks.count_kept, piece, by, around, left)
            found += rows
            left -= looked_at
        return found

    async def peaks(
        self, channel: Channel, bounds: Sequence[int], sites: Collection[str] | None, now: float
    ) -> list[Peak | None]:
        """The most calls or chats at once between each two bounds; None where nothing tells it."""
        return await self._database.read(read_peaks, channel, bounds, sites, now)

    async def forget(self) -> None:
        """Take out the counts of all buckets whose calls are still kept, so that they are counted again.

        Older counts stay: calls that were deleted since cannot be counted again. Nothing may be counted
        meanwhile; :meth:`count_some` follows until it has nothing to do.
        """
        for site, since in await self._database.write(_drop_counts):
            while await self._database.write(_unmark, site, since):
                pass
        await self._database.write(forget_chats)

    async def between(
        self, since: float, until: float, sites: Collection[str] | None = None
    ) -> Mapping[Key, Counts]:
        """The counts of the buckets that begin from ``since`` on, before ``until``; of these sites alone."""
        return await self._database.read(_between, since, until, sites)


def _count_some(connection: Connection, limit: int, around: CountedUnder) -> int:
    take_turns(connection, call_counts, part_counts)
    records = reads.uncounted(connection, limit)
    add_parts(connection, _parts_of(connection, records, around))
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


def _parts_of(
    connection: Connection, records: Sequence[CallRecord], around: CountedUnder
) -> dict[PartKey, CountTally]:
    ids = [record.call_id for record in records]
    rules = rules_of(connection, offers.c.call_id, ids)
    wrapped = {
        row.id: row.wrapped
        for row in connection.execute(select(calls.c.id, calls.c.wrapped).where(calls.c.id.in_(ids)))
    }
    found: dict[PartKey, CountTally] = {}
    for record in records:
        rule, wrap_up = rules.get(record.call_id, ""), wrapped.get(record.call_id, 0.0)
        for key, tally in parts_of_call(record, rule, around, wrap_up).items():
            found[key] = found.get(key, NOTHING) + tally
    return found


def _wrapped_up(connection: Connection, call_id: str, seconds: float, around: CountedUnder) -> None:
    take_turns(connection, call_counts, part_counts)
    here = calls.c.id == call_id
    connection.execute(update(calls).where(here).values(wrapped=calls.c.wrapped + seconds))
    counted = connection.scalar(select(calls.c.counted).where(here))
    record = reads.call(connection, call_id) if counted else None
    if record is None:
        return  # it is counted together with this
    rule = rules_of(connection, offers.c.call_id, [call_id]).get(call_id, "")
    more = CountTally.of({"wrap": seconds})
    add_parts(connection, dict.fromkeys(parts_of_call(record, rule, around, 0.0), more))


def _drop_counts(connection: Connection) -> list[tuple[str, float]]:
    """Each site that has calls, and from when on they are to be counted again."""
    take_turns(connection, call_counts, part_counts)
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
        forget_parts(connection, "calls", site, since)
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

"""Recorded talks on disk: their rows; the files are the keeper's (``server/recordings.py``)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, or_, select, tuple_, update

from store.database import Database
from store.paging import Cursor, check_limit
from store.tables import calls, recordings


@dataclass(frozen=True, slots=True)
class KeptRecording:
    """One stretch in which shopper and business heard each other; the shopper is on the left of its file."""

    recording_id: str
    call_id: str
    site: str
    #: The business's leg, and who was dialled there, by the name in the settings.
    leg_id: str
    destination: str
    path: str
    began_at: float
    #: Its length; None while it is not complete.
    seconds: float | None = None
    #: Whether the disk refused it, or some of it.
    failed: bool = False


@dataclass(frozen=True, slots=True)
class RecordingFilter:
    """Which recordings; None leaves a field open."""

    site: str | None = None
    call_id: str | None = None
    #: Of these sites alone.
    sites: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class RecordingPage:
    """Some recordings, newest first; ``next`` is None on the last page."""

    recordings: tuple[KeptRecording, ...]
    next: Cursor | None


class SqlRecordings:
    """Recordings in an open database. Every method raises StoreError where the disk says no."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, recording: KeptRecording) -> None:
        """Note one that has begun."""
        await self._database.write(_begin, recording)

    async def complete(self, recording_id: str, seconds: float, *, failed: bool) -> bool:
        """Note that its file is complete; whether it is known still."""
        return await self._database.write(_complete, recording_id, seconds, failed)

    async def left_open(self, before: float) -> Sequence[KeptRecording]:
        """Those that are not complete, of calls that were over before this time."""
        return await self._database.read(_left_open, before)

    async def recordings(
        self, which: RecordingFilter, *, limit: int = 100, after: Cursor | None = None
    ) -> RecordingPage:
        """A page of complete recordings, newest first; ``limit`` from 1 to MAX_PAGE, else ValueError."""
        check_limit(limit)
        return await self._database.read(_page, which, limit, after)

    async def recording(self, recording_id: str) -> KeptRecording | None:
        """One recording."""
        return await self._database.read(_recording, recording_id)

    async def forget(self, recording_id: str) -> bool:
        """Delete its row; whether there was one. The file stays."""
        return await self._database.write(_forget, recording_id)

    async def expired(
        self, now: float, keep: Mapping[str, float], *, otherwise: float, limit: int = 100
    ) -> Sequence[KeptRecording]:
        """Recordings older than their site keeps them, the oldest first, at most ``limit``.

        ``keep`` has each site's seconds; ``otherwise`` counts for sites that are no longer known.
        """
        return await self._database.read(_expired, now, keep, otherwise, limit)


_ONE = select(recordings).where(recordings.c.id == bindparam("recording_id"))
_NEWEST_FIRST = (
    select(recordings)
    .where(recordings.c.seconds.is_not(None))
    .order_by(recordings.c.began_at.desc(), recordings.c.id.desc())
)


def _begin(connection: Connection, recording: KeptRecording) -> None:
    values = {
        "id": recording.recording_id,
        "call_id": recording.call_id,
        "site": recording.site,
        "leg_id": recording.leg_id,
        "destination": recording.destination,
        "path": recording.path,
        "began_at": recording.began_at,
        "seconds": recording.seconds,
        "failed": recording.failed,
    }
    connection.execute(insert(recordings), values)


def _complete(connection: Connection, recording_id: str, seconds: float, failed: bool) -> bool:
    statement = update(recordings).where(recordings.c.id == recording_id)
    return connection.execute(statement.values(seconds=seconds, failed=failed)).rowcount > 0


def _left_open(connection: Connection, before: float) -> Sequence[KeptRecording]:
    statement = (
        select(recordings)
        .outerjoin(calls, calls.c.id == recordings.c.call_id)
        .where(recordings.c.seconds.is_(None), or_(calls.c.id.is_(None), calls.c.ended_at < before))
        .order_by(recordings.c.began_at)
    )
    return [_kept(row) for row in connection.execute(statement)]


def _page(connection: Connection, which: RecordingFilter, limit: int, after: Cursor | None) -> RecordingPage:
    statement = _NEWEST_FIRST
    if which.site is not None:
        statement = statement.where(recordings.c.site == which.site)
    if which.sites is not None:
        statement = statement.where(recordings.c.site.in_(which.sites))
    if which.call_id is not None:
        statement = statement.where(recordings.c.call_id == which.call_id)
    if after is not None:
        statement = statement.where(tuple_(recordings.c.began_at, recordings.c.id) < (after.at, after.row_id))
    # One more than asked for tells whether there is a next page.
    rows = connection.execute(statement.limit(limit + 1)).all()
    cursor = Cursor(rows[limit - 1].began_at, rows[limit - 1].id) if len(rows) > limit else None
    return RecordingPage(tuple(_kept(row) for row in rows[:limit]), cursor)


def _recording(connection: Connection, recording_id: str) -> KeptRecording | None:
    row = connection.execute(_ONE, {"recording_id": recording_id}).one_or_none()
    return _kept(row) if row is not None else None


def _forget(connection: Connection, recording_id: str) -> bool:
    return connection.execute(delete(recordings).where(recordings.c.id == recording_id)).rowcount > 0


def _expired(
    connection: Connection, now: float, keep: Mapping[str, float], otherwise: float, limit: int
) -> Sequence[KeptRecording]:
    found: list[KeptRecording] = []
    for site in connection.scalars(select(recordings.c.site).distinct().order_by(recordings.c.site)).all():
        statement = (
            select(recordings)
            .where(recordings.c.site == site, recordings.c.began_at < now - keep.get(site, otherwise))
            .order_by(recordings.c.began_at, recordings.c.id)
            .limit(limit)
        )
        found += [_kept(row) for row in connection.execute(statement)]
    return sorted(found, key=lambda kept: kept.began_at)[:limit]


def _kept(row: Row[Any]) -> KeptRecording:
    return KeptRecording(
        recording_id=row.id,
        call_id=row.call_id,
        site=row.site,
        leg_id=row.leg_id,
        destination=row.destination,
        path=row.path,
        began_at=row.began_at,
        seconds=row.seconds,
        failed=row.failed,
    )

"""What is read of calls, and the questions as data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, literal_column, select, tuple_

from bridge.causes import Disposition, HangupCause
from bridge.cdr import CallRecord, LegRecord, WrapUp, number_is_verified
from bridge.events import AudioQuality, MediaStats
from store.paging import Cursor
from store.tables import calls, legs
from store.wrap_ups import wrap_ups_of

AnyRow = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class CdrFilter:
    """Which CDRs; None leaves a field open. ``since`` <= requested_at < ``until``, in epoch seconds."""

    site: str | None = None
    disposition: Disposition | None = None
    number: str | None = None
    since: float | None = None
    until: float | None = None
    #: As the store of calls was told of it.
    visitor: str | None = None
    #: Those that came of these chats.
    chats: Collection[str] | None = None
    #: Of these sites alone.
    sites: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class CdrPage:
    """Some CDRs, newest first; ``next`` is None on the last page."""

    records: tuple[CallRecord, ...]
    next: Cursor | None


_CALL = select(
    calls.c.id,
    calls.c.site,
    calls.c.route,
    calls.c.number,
    calls.c.page,
    calls.c.context,
    calls.c.signed,
    calls.c.requested_at,
    calls.c.bridged_at,
    calls.c.ended_at,
    calls.c.disposition,
    calls.c.cause,
    calls.c.reason,
    calls.c.chat_id,
).where(calls.c.ended_at.is_not(None))
_ONE_CALL = _CALL.where(calls.c.id == bindparam("call_id"))
_NEWEST_FIRST = _CALL.order_by(calls.c.requested_at.desc(), calls.c.id.desc())
_LEGS = (
    select(legs)
    .where(legs.c.call_id.in_(bindparam("call_ids", expanding=True)))
    .order_by(legs.c.call_id, legs.c.position)
)


def call(connection: Connection, call_id: str) -> CallRecord | None:
    """The record of one finished call."""
    records = _records(connection, connection.execute(_ONE_CALL, {"call_id": call_id}).all())
    return records[0] if records else None


def calls_of(connection: Connection, call_ids: Sequence[str]) -> tuple[CallRecord, ...]:
    """The records of these finished calls, in any order."""
    return _records(connection, connection.execute(_CALL.where(calls.c.id.in_(call_ids))).all())


def uncounted(connection: Connection, limit: int) -> tuple[CallRecord, ...]:
    """Finished calls that are in no count yet, the oldest first."""
    statement = (
        _CALL.where(calls.c.counted == literal_column("0")).order_by(calls.c.requested_at).limit(limit)
    )
    return _records(connection, connection.execute(statement).all())


def cdrs(connection: Connection, which: CdrFilter, limit: int, after: Cursor | None) -> CdrPage:
    """One page, in three statements whatever its size."""
    statement = _filtered(which)
    if after is not None:
        place = tuple_(calls.c.requested_at, calls.c.id)
        statement = statement.where(place < (after.at, after.row_id))
    # One more than asked for tells whether there is a next page.
    rows = connection.execute(statement.limit(limit + 1)).all()
    records = _records(connection, rows[:limit])
    cursor = Cursor(records[-1].requested_at, records[-1].call_id) if len(rows) > limit else None
    return CdrPage(records, cursor)


def _filtered(which: CdrFilter) -> Select[Any]:
    statement = _NEWEST_FIRST
    if which.site is not None:
        statement = statement.where(calls.c.site == which.site)
    if which.sites is not None:
        statement = statement.where(calls.c.site.in_(which.sites))
    if which.disposition is not None:
        statement = statement.where(calls.c.disposition == which.disposition.value)
    if which.number is not None:
        statement = statement.where(calls.c.number == which.number)
    if which.visitor is not None:
        statement = statement.where(calls.c.visitor == which.visitor)
    if which.chats is not None:
        statement = statement.where(calls.c.chat_id.in_(which.chats))
    if which.since is not None:
        statement = statement.where(calls.c.requested_at >= which.since)
    if which.until is not None:
        statement = statement.where(calls.c.requested_at < which.until)
    return statement


def _records(connection: Connection, rows: Sequence[AnyRow]) -> tuple[CallRecord, ...]:
    if not rows:
        return ()
    call_ids = [row.id for row in rows]
    legs_of, written_of = _legs_of(connection, call_ids), wrap_ups_of(connection, call_ids)
    return tuple(_record(row, legs_of[row.id], written_of[row.id]) for row in rows)


def _legs_of(connection: Connection, call_ids: Iterable[str]) -> Mapping[str, list[LegRecord]]:
    found: defaultdict[str, list[LegRecord]] = defaultdict(list)
    for row in connection.execute(_LEGS, {"call_ids": list(call_ids)}):
        found[row.call_id].append(_leg(row))
    return found


def _record(row: AnyRow, its_legs: Iterable[LegRecord], written: Iterable[WrapUp]) -> CallRecord:
    legs = tuple(its_legs)
    return CallRecord(
        call_id=row.id,
        site=row.site,
        route=row.route,
        number=row.number,
        page=row.page,
        requested_at=row.requested_at,
        bridged_at=row.bridged_at,
        ended_at=row.ended_at,
        disposition=Disposition(row.disposition),
        cause=HangupCause(row.cause) if row.cause is not None else None,
        legs=legs,
        reason=row.reason,
        context=row.context,
        signed=row.signed,
        wrap_ups=tuple(written),
        number_verified=number_is_verified(row.number, row.signed, legs),
        chat_id=row.chat_id,
    )


def _leg(row: AnyRow) -> LegRecord:
    stats = None
    if row.codec is not None:
        stats = MediaStats(
            codec=row.codec,
            received=row.packets_received,
            lost=row.packets_lost,
            sent=row.packets_sent,
            jitter_ms=row.jitter_ms,
        )
    heard = None
    if row.heard_loss is not None:
        heard = AudioQuality(row.heard_loss, row.heard_jitter_ms, row.heard_concealed)
    return LegRecord(
        leg_id=row.leg_id,
        role=row.role,
        destination=row.destination,
        label=row.label,
        uri=row.uri,
        dialed_at=row.dialed_at,
        ringing_at=row.ringing_at,
        answered_at=row.answered_at,
        joined_at=row.joined_at,
        ended_at=row.ended_at,
        cause=HangupCause(row.cause),
        sip_status=row.sip_status,
        sip_call_id=row.sip_call_id,
        stats=stats,
        heard=heard,
    )

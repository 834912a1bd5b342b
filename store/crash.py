"""What a core that dies leaves of its live calls, and how the next one closes them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, text, update

from bridge.causes import Disposition, HangupCause
from bridge.cdr import NotedLeg
from store import lives
from store.leg_columns import leg_columns
from store.tables import calls, heartbeats, legs, live_legs

_ONE = 1
_BEAT = update(heartbeats).where(heartbeats.c.id == _ONE).values(at=bindparam("now"))
_FIRST_BEAT = insert(heartbeats)
_LAST_BEAT = select(heartbeats.c.at).where(heartbeats.c.id == _ONE)
_NAMES = [column.name for column in live_legs.columns]
_NOTE_LEGS = text(
    f"INSERT INTO live_legs ({', '.join(_NAMES)}) SELECT {', '.join(f':{name}' for name in _NAMES)}"  # noqa: S608 - names of ours
    " WHERE EXISTS (SELECT 1 FROM calls WHERE id = :call_id AND ended_at IS NULL)"
    " ON CONFLICT (call_id, position) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _NAMES)
).bindparams(*(bindparam(column.name, type_=column.type) for column in live_legs.columns))
_FORGET_CALL = delete(live_legs).where(live_legs.c.call_id == bindparam("its_call"))
_UNFINISHED = (
    select(
        calls.c.id,
        calls.c.requested_at,
        calls.c.bridged_at,
        calls.c.disposition,
        calls.c.cause,
        calls.c.life,
    )
    .where(calls.c.ended_at.is_(None))
    .order_by(calls.c.id)
)
_ITS_LEGS = (
    select(live_legs).where(live_legs.c.call_id == bindparam("its_call")).order_by(live_legs.c.position)
)
_ADOPT = update(calls).where(calls.c.id == bindparam("its_call")).values(life=bindparam("its_life"))
_CLOSE = update(calls).where(calls.c.id == bindparam("its_call"))
_TIMES = ("dialed_at", "ringing_at", "answered_at", "joined_at", "ended_at")


def note_legs(connection: Connection, noted: Sequence[NotedLeg]) -> None:
    """Put legs of live calls on disk, in place of what was known of them; not those of a finished call."""
    if noted:
        connection.execute(_NOTE_LEGS, [_row(leg) for leg in noted])


def forget_legs(connection: Connection, call_id: str) -> None:
    """A call is finished: its legs are among those of the CDR."""
    connection.execute(_FORGET_CALL, {"its_call": call_id})


def beat(connection: Connection, at: float, life: str | None = None) -> None:
    """The core lives at this moment."""
    if life is not None:
        lives.beat(connection, life, at)
    elif not connection.execute(_BEAT, {"now": at}).rowcount:
        connection.execute(_FIRST_BEAT, {"id": _ONE, "at": at})


def close_unfinished(
    connection: Connection,
    at: float,
    kept: Collection[str] = (),
    life: str | None = None,
    alone: bool = True,
) -> Sequence[str]:
    """Finish every call without an end whose life is over, with the legs that were noted of it.

    Not those that are ``kept``: ``life`` goes on with them. ``alone`` as in :func:`store.lives.is_over`.

    What was settled is kept, the rest becomes ``failed``. A call ended when the core was last known to live:
    at its last heartbeat, or at the last that was noted of the call itself, and not after ``at``.
    """
    last_beat = connection.scalar(_LAST_BEAT)
    found_open = connection.execute(_UNFINISHED).all()
    over = lives.left_over({call.life for call in found_open}, life, alone)
    left = [call for call in found_open if call.life in over]
    unfinished = [call for call in left if call.id not in kept]
    if adopted := [{"its_call": call.id, "its_life": life} for call in left if call.id in kept]:
        connection.execute(_ADOPT, adopted)
    beats = {each: lives.last_seen(connection, each) if each else last_beat for each in over}
    for call in unfinished:
        found = [dict(row._mapping) for row in connection.execute(_ITS_LEGS, {"its_call": call.id})]
        known = [call.requested_at, call.bridged_at, *(row[time] for row in found for time in _TIMES)]
        latest = max(time for time in known if time is not None)
        # A clock that was set back meanwhile must not let a call end before it began.
        seen = beats[call.life]
        end = max(latest, min(at, seen)) if seen is not None else latest
        values = {
            "ended_at": end,
            "disposition": call.disposition or Disposition.FAILED.value,
            "cause": call.cause or HangupCause.CORE_LOST.value,
        }
        connection.execute(_CLOSE.values(**values), {"its_call": call.id})
        if found:
            connection.execute(insert(legs), [_closed(row, end) for row in found])
        forget_legs(connection, call.id)
    if life is not None:
        lives.forget_ended(connection, life)
    return [call.id for call in unfinished]


def _closed(row: dict[str, Any], end: float) -> dict[str, Any]:
    """A leg as the CDR has it; one that had no end yet was lost with the core."""
    if row["ended_at"] is not None:
        return row
    return row | {"ended_at": end, "cause": HangupCause.CORE_LOST.value}


def _row(noted: NotedLeg) -> dict[str, Any]:
    row = leg_columns(noted.call_id, noted.position, noted.leg)
    return row if noted.over else row | {"ended_at": None, "cause": None}

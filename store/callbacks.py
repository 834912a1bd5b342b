"""Callbacks on disk: the scheduler's ``bridge.callback.CallbackStore``, and what metrics ask of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from bridge.callback import Callback, CallbackState
from routing.plan import ClickToCall
from store.database import Database
from store.tables import callbacks


class SqlCallbackStore:
    """Callbacks in an open database. Every method raises StoreError where the disk says no."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_callback(self, callback: Callback) -> None:
        """Put a new callback on disk."""
        await self._database.write(_add_callback, callback)

    async def save_callback(self, callback: Callback) -> None:
        """Put on disk what changed: when it is due, its tries, its state and its last call."""
        await self._database.write(_save_callback, callback)

    async def open_callbacks(self) -> Sequence[Callback]:
        """Those that are booked or being dialled, the next one first."""
        return await self._database.read(_open_callbacks)

    async def callbacks(
        self, *, limit: int = 100, sites: Collection[str] | None = None
    ) -> Sequence[Callback]:
        """All of them, or those of these sites alone, the newest first."""
        return await self._database.read(_callbacks, limit, sites)

    async def callback_of_call(self, call_id: str) -> Callback | None:
        """The callback that was booked for a call."""
        return await self._database.read(_callback_of_call, call_id)

    async def callback_by_secret(self, secret: str) -> Callback | None:
        """The callback whose secret this is."""
        return await self._database.read(_callback_by_secret, secret)

    async def count_callbacks(self) -> Mapping[CallbackState, int]:
        """How many callbacks there are, by state."""
        return await self._database.read(_count_callbacks)


_ADD = insert(callbacks)
_SAVE = (
    update(callbacks)
    .where(callbacks.c.id == bindparam("callback_id"))
    .values(
        due_at=bindparam("due_at"),
        tries=bindparam("tries"),
        state=bindparam("state"),
        last_call_id=bindparam("last_call_id"),
    )
)
_OPEN = (
    select(callbacks)
    .where(callbacks.c.state.in_([CallbackState.BOOKED.value, CallbackState.DIALLING.value]))
    .order_by(callbacks.c.due_at, callbacks.c.id)
)
_NEWEST_FIRST = select(callbacks).order_by(callbacks.c.booked_at.desc(), callbacks.c.id.desc())
_OF_CALL = _NEWEST_FIRST.where(callbacks.c.call_id == bindparam("call_id")).limit(1)
_BY_SECRET = select(callbacks).where(callbacks.c.secret == bindparam("secret"))
_COUNT = select(callbacks.c.state, func.count()).group_by(callbacks.c.state)


def _add_callback(connection: Connection, callback: Callback) -> None:
    click = callback.click
    row = {
        "id": callback.callback_id,
        "secret": callback.secret,
        "call_id": callback.call_id,
        "terms": callback.terms,
        "site": click.site,
        "number": click.number,
        "page": click.page,
        "context": dict(click.context),
        "signed": dict(click.signed),
        "client_ip": click.client_ip,
        "booked_at": callback.booked_at,
        "due_at": callback.due_at,
        "tries": callback.tries,
        "state": callback.state.value,
        "last_call_id": callback.last_call_id,
    }
    connection.execute(_ADD, row)


def _save_callback(connection: Connection, callback: Callback) -> None:
    values = {
        "callback_id": callback.callback_id,
        "due_at": callback.due_at,
        "tries": callback.tries,
        "state": callback.state.value,
        "last_call_id": callback.last_call_id,
    }
    connection.execute(_SAVE, values)


def _open_callbacks(connection: Connection) -> Sequence[Callback]:
    return [_from_row(row) for row in connection.execute(_OPEN)]


def _callbacks(connection: Connection, limit: int, sites: Collection[str] | None) -> Sequence[Callback]:
    statement = _NEWEST_FIRST if sites is None else _NEWEST_FIRST.where(callbacks.c.site.in_(sites))
    return [_from_row(row) for row in connection.execute(statement.limit(limit))]


def _callback_of_call(connection: Connection, call_id: str) -> Callback | None:
    row = connection.execute(_OF_CALL, {"call_id": call_id}).one_or_none()
    return _from_row(row) if row is not None else None


def _callback_by_secret(connection: Connection, secret: str) -> Callback | None:
    row = connection.execute(_BY_SECRET, {"secret": secret}).one_or_none()
    return _from_row(row) if row is not None else None


def _count_callbacks(connection: Connection) -> Mapping[CallbackState, int]:
    return {CallbackState(state): count for state, count in connection.execute(_COUNT)}


def _from_row(row: Row[Any]) -> Callback:
    click = ClickToCall(
        site=row.site,
        number=row.number,
        page=row.page,
        context=row.context,
        client_ip=row.client_ip,
        signed=row.signed,
        reached=False,  # the record of the call that booked it tells
    )
    return Callback(
        callback_id=row.id,
        secret=row.secret,
        call_id=row.call_id,
        terms=row.terms,
        click=click,
        booked_at=row.booked_at,
        due_at=row.due_at,
        tries=row.tries,
        state=CallbackState(row.state),
        last_call_id=row.last_call_id,
    )

"""Messages on disk: the mailboxes' ``notify.mailboxes.MessageStore``, and what the API asks of messages."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, tuple_

from bridge.protocols import VoiceMessage
from notify.delivery import Delivery
from notify.mailboxes import KeptMessage
from store.database import Database
from store.deliveries import insert_deliveries
from store.paging import Cursor, check_limit
from store.tables import messages


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """Which messages; None leaves a field open."""

    site: str | None = None
    mailbox: str | None = None
    #: Of these sites alone.
    sites: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class MessagePage:
    """Some messages, newest first; ``next`` is None on the last page."""

    messages: tuple[KeptMessage, ...]
    next: Cursor | None


class SqlMessageStore:
    """Messages in an open database. Every method raises StoreError where the disk says no."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep_message(
        self, message: VoiceMessage, message_id: str, deliveries: Sequence[Delivery]
    ) -> None:
        """Put a message and its deliveries on disk, all or none. Again with the same id changes nothing."""
        await self._database.write(_keep_message, message, message_id, deliveries)

    async def messages(
        self, which: MessageFilter, *, limit: int = 100, after: Cursor | None = None
    ) -> MessagePage:
        """A page of messages, newest first; ``limit`` from 1 to MAX_PAGE, else ValueError."""
        check_limit(limit)
        return await self._database.read(_messages, which, limit, after)

    async def message(self, message_id: str) -> KeptMessage | None:
        """One message."""
        return await self._database.read(_message, message_id)

    async def forget_message(self, message_id: str) -> bool:
        """Delete a message's row, and its deliveries, sent or not; whether there was one. The file stays."""
        return await self._database.write(_forget_message, message_id)

    async def expired_messages(
        self, now: float, keep: Mapping[str, float], *, otherwise: float, limit: int = 100
    ) -> Sequence[KeptMessage]:
        """Messages older than their mailbox keeps them, the oldest first, at most ``limit``.

        ``keep`` has each mailbox's seconds; ``otherwise`` counts for mailboxes that are no longer known.
        """
        return await self._database.read(_expired_messages, now, keep, otherwise, limit)

    async def path_of_call(self, call_id: str) -> str | None:
        """The file of the message that a call left; None where it left none."""
        return await self._database.read(_path_of_call, call_id)

    async def count_messages(self) -> Mapping[str, int]:
        """How many messages are kept, by mailbox."""
        return await self._database.read(_count_messages)


_PATH_OF_CALL = select(messages.c.path).where(messages.c.call_id == bindparam("call_id")).limit(1)
_ADD = insert(messages)
_ONE = select(messages).where(messages.c.id == bindparam("message_id"))
_NEWEST_FIRST = select(messages).order_by(messages.c.taken_at.desc(), messages.c.id.desc())
_FORGET = delete(messages).where(messages.c.id == bindparam("message_id"))
_MAILBOXES = select(messages.c.mailbox).distinct().order_by(messages.c.mailbox)
_EXPIRED = (
    select(messages)
    .where(messages.c.mailbox == bindparam("mailbox"), messages.c.taken_at < bindparam("before"))
    .order_by(messages.c.taken_at, messages.c.id)
)
_COUNT = select(messages.c.mailbox, func.count()).group_by(messages.c.mailbox)


def _path_of_call(connection: Connection, call_id: str) -> str | None:
    path: str | None = connection.scalar(_PATH_OF_CALL, {"call_id": call_id})
    return path


def _keep_message(
    connection: Connection, message: VoiceMessage, message_id: str, deliveries: Sequence[Delivery]
) -> None:
    row = {
        "id": message_id,
        "call_id": message.call_id,
        "mailbox": message.mailbox,
        "site": message.site,
        "number": message.number,
        "page": message.page,
        "context": dict(message.context),
        "signed": dict(message.signed),
        "path": message.path,
        "seconds": message.seconds,
        "taken_at": message.at,
    }
    if connection.execute(_ONE, {"message_id": message_id}).one_or_none() is not None:
        return
    connection.execute(_ADD, row)
    insert_deliveries(connection, deliveries, message_id)


def _messages(connection: Connection, which: MessageFilter, limit: int, after: Cursor | None) -> MessagePage:
    statement = _NEWEST_FIRST
    if which.site is not None:
        statement = statement.where(messages.c.site == which.site)
    if which.sites is not None:
        statement = statement.where(messages.c.site.in_(which.sites))
    if which.mailbox is not None:
        statement = statement.where(messages.c.mailbox == which.mailbox)
    if after is not None:
        statement = statement.where(tuple_(messages.c.taken_at, messages.c.id) < (after.at, after.row_id))
    # One more than asked for tells whether there is a next page.
    rows = connection.execute(statement.limit(limit + 1)).all()
    cursor = Cursor(rows[limit - 1].taken_at, rows[limit - 1].id) if len(rows) > limit else None
    return MessagePage(tuple(_kept(row) for row in rows[:limit]), cursor)


def _message(connection: Connection, message_id: str) -> KeptMessage | None:
    row = connection.execute(_ONE, {"message_id": message_id}).one_or_none()
    return _kept(row) if row is not None else None


def _forget_message(connection: Connection, message_id: str) -> bool:
    return connection.execute(_FORGET, {"message_id": message_id}).rowcount > 0


def _expired_messages(
    connection: Connection, now: float, keep: Mapping[str, float], otherwise: float, limit: int
) -> Sequence[KeptMessage]:
    found: list[KeptMessage] = []
    for mailbox in connection.scalars(_MAILBOXES).all():
        asked = {"mailbox": mailbox, "before": now - keep.get(mailbox, otherwise)}
        found += [_kept(row) for row in connection.execute(_EXPIRED.limit(limit), asked)]
    return sorted(found, key=lambda kept: kept.message.at)[:limit]


def _count_messages(connection: Connection) -> Mapping[str, int]:
    return dict(connection.execute(_COUNT).all())


def _kept(row: Row[Any]) -> KeptMessage:
    message = VoiceMessage(
        call_id=row.call_id,
        mailbox=row.mailbox,
        site=row.site,
        number=row.number,
        page=row.page,
        context=row.context,
        signed=row.signed,
        path=row.path,
        seconds=row.seconds,
        at=row.taken_at,
    )
    return KeptMessage(row.id, message)

"""The outbox on disk: the outbox's ``notify.delivery.DeliveryStore``, and what metrics ask of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from notify.delivery import Delivery
from store.database import Database
from store.tables import deliveries

#: How far a delivery has come: it is tried again, was delivered, or was given up.
DeliveryState = Literal["waiting", "delivered", "dead"]


class SqlDeliveryStore:
    """Deliveries in an open database. Every method raises StoreError where the disk says no."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_deliveries(self, deliveries: Sequence[Delivery]) -> None:
        """Put new deliveries on disk, all or none."""
        await self._database.write(insert_deliveries, deliveries, None)

    async def save_delivery(self, delivery: Delivery) -> None:
        """Put on disk how far a delivery has come; one that was forgotten meanwhile stays forgotten."""
        await self._database.write(_save_delivery, delivery)

    async def due_deliveries(self, at: float, limit: int) -> Sequence[Delivery]:
        """Deliveries whose ``next_at`` has come, the longest overdue first."""
        return await self._database.read(_due_deliveries, at, limit)

    async def next_delivery_at(self) -> float | None:
        """The earliest ``next_at``; None where nothing waits."""
        return await self._database.read(_next_delivery_at)

    async def deliveries(
        self, *, dead: bool, limit: int = 100, sites: Collection[str] | None = None
    ) -> Sequence[Delivery]:
        """Those given up, or all, the newest first; with ``sites``, what tells of these sites alone."""
        return await self._database.read(_deliveries, dead, limit, sites)

    async def delivery(self, delivery_id: str) -> Delivery | None:
        """One of them."""
        return await self._database.read(_delivery, delivery_id)

    async def forget_deliveries(self, before: float) -> int:
        """Delete what was delivered or given up, and was made before this time; returns how many."""
        forgotten = 0
        while count := await self._database.write(_forget_some, before):
            forgotten += count
        return forgotten

    async def count_deliveries(self) -> Mapping[tuple[str, DeliveryState], int]:
        """How many deliveries there are, by kind and state."""
        return await self._database.read(_count_deliveries)


_WAITING = deliveries.c.next_at.is_not(None)
_DEAD = deliveries.c.next_at.is_(None) & deliveries.c.delivered_at.is_(None)

_ADD = insert(deliveries)
_SAVE = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("delivery_id"))
    .values(
        tries=bindparam("tries"),
        next_at=bindparam("next_at"),
        delivered_at=bindparam("delivered_at"),
        error=bindparam("error"),
    )
)
_DUE = (
    select(deliveries)
    .where(_WAITING, deliveries.c.next_at <= bindparam("at"))
    .order_by(deliveries.c.next_at, deliveries.c.id)
)
_NEXT_AT = select(func.min(deliveries.c.next_at)).where(_WAITING)
_NEWEST_FIRST = select(deliveries).order_by(deliveries.c.created_at.desc(), deliveries.c.id.desc())
_ONE = select(deliveries).where(deliveries.c.id == bindparam("delivery_id"))
# Some at a time: others wait for the writer meanwhile, and calls among them.
_FORGET = delete(deliveries).where(
    deliveries.c.id.in_(
        select(deliveries.c.id)
        .where(deliveries.c.created_at < bindparam("before"), deliveries.c.next_at.is_(None))
        .limit(500)
    )
)
_COUNT = select(
    deliveries.c.kind,
    func.count().label("all"),
    func.count(deliveries.c.next_at).label("waiting"),
    func.count(deliveries.c.delivered_at).label("delivered"),
).group_by(deliveries.c.kind)


def insert_deliveries(connection: Connection, new: Sequence[Delivery], message_id: str | None) -> None:
    """Add deliveries, in the caller's transaction, to be forgotten with the message if there is one."""
    if new:
        connection.execute(_ADD, [_new_row(delivery, message_id) for delivery in new])


def _save_delivery(connection: Connection, delivery: Delivery) -> None:
    values = {
        "delivery_id": delivery.delivery_id,
        "tries": delivery.tries,
        "next_at": delivery.next_at,
        "delivered_at": delivery.delivered_at,
        "error": delivery.error,
    }
    connection.execute(_SAVE, values)


def _due_deliveries(connection: Connection, at: float, limit: int) -> Sequence[Delivery]:
    return [_from_row(row) for row in connection.execute(_DUE.limit(limit), {"at": at})]


def _next_delivery_at(connection: Connection) -> float | None:
    earliest: float | None = connection.scalar(_NEXT_AT)
    return earliest


def _deliveries(
    connection: Connection, dead: bool, limit: int, sites: Collection[str] | None
) -> Sequence[Delivery]:
    statement = _NEWEST_FIRST.where(_DEAD) if dead else _NEWEST_FIRST
    if sites is not None:
        statement = statement.where(deliveries.c.site.in_(sites))
    return [_from_row(row) for row in connection.execute(statement.limit(limit))]


def _delivery(connection: Connection, delivery_id: str) -> Delivery | None:
    row = connection.execute(_ONE, {"delivery_id": delivery_id}).one_or_none()
    return _from_row(row) if row is not None else None


def _forget_some(connection: Connection, before: float) -> int:
    return connection.execute(_FORGET, {"before": before}).rowcount


def _count_deliveries(connection: Connection) -> Mapping[tuple[str, DeliveryState], int]:
    counts: dict[tuple[str, DeliveryState], int] = {}
    for kind, total, waiting, delivered in connection.execute(_COUNT):
        counts[kind, "waiting"], counts[kind, "delivered"] = waiting, delivered
        counts[kind, "dead"] = total - waiting - delivered
    return counts


def _new_row(delivery: Delivery, message_id: str | None) -> dict[str, Any]:
    return {
        "id": delivery.delivery_id,
        "message_id": message_id,
        "kind": delivery.kind,
        "mailbox": delivery.mailbox,
        "target": delivery.target,
        "subject": delivery.subject,
        "body": delivery.body,
        "attachment": delivery.attachment,
        "created_at": delivery.created_at,
        "tries": delivery.tries,
        "next_at": delivery.next_at,
        "delivered_at": delivery.delivered_at,
        "error": delivery.error,
        "site": delivery.site,
        "about": delivery.about,
        "html": delivery.html,
        "headers": dict(delivery.headers),
    }


def _from_row(row: Row[Any]) -> Delivery:
    return Delivery(
        delivery_id=row.id,
        kind=row.kind,
        mailbox=row.mailbox,
        target=row.target,
        subject=row.subject,
        body=row.body,
        attachment=row.attachment,
        created_at=row.created_at,
        tries=row.tries,
        next_at=row.next_at,
        delivered_at=row.delivered_at,
        error=row.error,
        site=row.site,
        about=row.about,
        html=row.html,
        headers=tuple(row.headers.items()),
    )

"""Links to the wallboard for screens on walls: only digests of their secrets are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from store.database import Database
from store.tables import kiosk_links


@dataclass(frozen=True, slots=True)
class KioskLink:
    """A link; times are seconds since the epoch."""

    id: str
    digest: str
    label: str
    made_by: str
    made_at: float
    expires_at: float


class SqlKiosks:
    """Links in an open database. Every method raises StoreError where the disk says no."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, link: KioskLink) -> None:
        """Keep a new link, and forget those that are over."""
        await self._database.write(_add, link)

    async def links(self, now: float) -> Sequence[KioskLink]:
        """Those that are good, the newest first."""
        return await self._database.read(_links, now)

    async def revoke(self, link_id: str) -> bool:
        """End a link; whether there was one."""
        return await self._database.write(_revoke, link_id)


def _add(connection: Connection, link: KioskLink) -> None:
    connection.execute(delete(kiosk_links).where(kiosk_links.c.expires_at < link.made_at))
    connection.execute(
        insert(kiosk_links).values(
            id=link.id, digest=link.digest, label=link.label, made_by=link.made_by,
            made_at=link.made_at, expires_at=link.expires_at,
        )
    )  # fmt: skip


def _links(connection: Connection, now: float) -> list[KioskLink]:
    good = select(kiosk_links).where(kiosk_links.c.expires_at > now)
    return [
        KioskLink(**row._mapping) for row in connection.execute(good.order_by(kiosk_links.c.made_at.desc()))
    ]


def _revoke(connection: Connection, link_id: str) -> bool:
    return bool(connection.execute(delete(kiosk_links).where(kiosk_links.c.id == link_id)).rowcount)

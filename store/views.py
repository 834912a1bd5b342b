"""What was agreed and done in shared views, on disk. Nothing that was seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from store.database import Database
from store.tables import view_steps
from views.audience import Channel, ViewStep

_ADD = insert(view_steps)


class SqlViewStore:
    """Steps of shared views in an open database. Every method raises StoreError where the disk says no."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, steps: Sequence[ViewStep]) -> None:
        """Put steps on disk."""
        await self._database.write(_keep, steps)

    async def steps(self, talk_id: str) -> Sequence[Mapping[str, Any]]:
        """Those of a call or a chat, the oldest first."""
        return await self._database.read(steps_of, [talk_id])


def _keep(connection: Connection, steps: Sequence[ViewStep]) -> None:
    connection.execute(
        _ADD,
        [
            {
                "view_id": each.view, "talk_id": each.talk, "channel": each.channel, "site": each.site,
                "at": each.at, "agent": each.agent, "step": each.step, "scopes": " ".join(each.scopes),
                "version": each.version, "words": each.words, "origin": each.origin, "what": each.what,
                "result": each.result, "reason": each.reason,
            }
            for each in steps
        ],
    )  # fmt: skip


def steps_of(connection: Connection, talk_ids: Sequence[str]) -> list[Mapping[str, Any]]:
    """Those of some calls and chats, the oldest first."""
    wanted = select(view_steps).where(view_steps.c.talk_id.in_(talk_ids))
    rows = connection.execute(wanted.order_by(view_steps.c.at, view_steps.c.id))
    return [dict(row._mapping) for row in rows]


def delete_steps(connection: Connection, channel: Channel, talk_ids: Sequence[str]) -> None:
    """Forget those of calls or chats that are forgotten."""
    connection.execute(
        delete(view_steps).where(view_steps.c.channel == channel, view_steps.c.talk_id.in_(talk_ids))
    )

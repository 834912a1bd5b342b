"""How far shoppers have come in guided chats: kept until a flow is over, then forgotten."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from store.database import Database
from store.tables import chat_flows


class SqlFlowStore:
    """Flows in an open database. Every method raises StoreError where the disk says no."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep_flow(self, chat_id: str, data: dict[str, Any] | None) -> None:
        """Put how far a chat has come in its flow on disk; None: it is over."""
        await self._database.write(_keep, chat_id, data)

    async def flow_of(self, chat_id: str) -> object | None:
        """What was kept last; None for a chat without a flow, or whose flow is over."""
        return await self._database.read(_of, chat_id)


_OF_CHAT = chat_flows.c.chat_id == bindparam("of_chat")
_UPDATE = update(chat_flows).where(_OF_CHAT).values(state=bindparam("new_state"))


def _keep(connection: Connection, chat_id: str, data: dict[str, Any] | None) -> None:
    if data is None:
        connection.execute(delete(chat_flows).where(_OF_CHAT), {"of_chat": chat_id})
    elif not connection.execute(_UPDATE, {"of_chat": chat_id, "new_state": data}).rowcount:
        connection.execute(insert(chat_flows), {"chat_id": chat_id, "state": data})


def _of(connection: Connection, chat_id: str) -> object | None:
    found: object | None = connection.scalar(select(chat_flows.c.state).where(_OF_CHAT), {"of_chat": chat_id})
    return found

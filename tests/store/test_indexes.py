"""Every frequent question is answered from an index, however many rows there are."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Connection, event

from store.callbacks import SqlCallbackStore
from store.database import Database, sqlite_url
from store.deliveries import SqlDeliveryStore
from store.messages import MessageFilter, SqlMessageStore
from store.paging import Cursor
from tests.aio import asyncio_test
from tests.store.records import a_message


@pytest.mark.sqlite
@asyncio_test
async def test_no_question_reads_or_sorts_a_whole_table(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        asked: list[tuple[str, object]] = []

        def listen(connection: Connection) -> None:
            event.listen(connection, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])))

        await database.read(listen)
        messages, deliveries = SqlMessageStore(database), SqlDeliveryStore(database)
        callbacks = SqlCallbackStore(database)
        for which in (MessageFilter(), MessageFilter(site="boston"), MessageFilter(mailbox="sales")):
            await messages.messages(which)
            await messages.messages(which, after=Cursor(1.0, "m"))
        await messages.keep_message(a_message(), "m1", [])
        await messages.expired_messages(1.0, {}, otherwise=1.0)
        await messages.count_messages()
        await deliveries.due_deliveries(1.0, 10)
        await deliveries.next_delivery_at()
        await deliveries.deliveries(dead=True)
        await deliveries.deliveries(dead=False)
        await deliveries.count_deliveries()
        await callbacks.callbacks()
        await callbacks.callback_of_call("c")
        await callbacks.callback_by_secret("s")
        await callbacks.count_callbacks()

        def plans(connection: Connection) -> dict[str, list[str]]:
            questions = [(text, values) for text, values in asked if text.startswith("SELECT")]
            return {
                text: [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)]
                for text, values in questions
            }

        found = await database.read(plans)
        assert len(found) == 18
        for text, plan in found.items():
            for step in plan:
                assert "INDEX" in step, (text, plan)

"""The outbox on disk: what is due, what was given up, what is old."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from notify.delivery import DeliveryStore
from store.database import Database, sqlite_url
from store.deliveries import SqlDeliveryStore
from tests.aio import asyncio_test
from tests.store.records import a_delivery


@asynccontextmanager
async def a_store(tmp_path: Path) -> AsyncIterator[SqlDeliveryStore]:
    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        yield SqlDeliveryStore(database)


@asyncio_test
async def test_a_delivery_goes_its_way(tmp_path: Path) -> None:
    async with a_store(tmp_path) as store:
        outbox: DeliveryStore = store
        new = a_delivery("msg_a", body="{}" * 50_000, next_at=201.0, about="chat:c1", html="<p>" * 9)
        await outbox.add_deliveries([new])
        assert await outbox.delivery("msg_a") == new
        failed = replace(new, tries=1, next_at=260.0, error="421 try again")
        await outbox.save_delivery(failed)
        assert await outbox.delivery("msg_a") == failed
        assert await outbox.due_deliveries(250.0, 10) == []
        assert await outbox.next_delivery_at() == 260.0
        done = replace(failed, tries=2, next_at=None, delivered_at=261.5, error="")
        await outbox.save_delivery(done)
        assert await outbox.delivery("msg_a") == done
        assert await outbox.next_delivery_at() is None
        assert await outbox.deliveries(dead=True) == []


@asyncio_test
async def test_several_are_added_all_or_none(tmp_path: Path) -> None:
    async with a_store(tmp_path) as store:
        await store.add_deliveries([])
        with pytest.raises(IntegrityError):
            await store.add_deliveries([a_delivery("msg_a"), a_delivery("msg_a")])
        assert await store.deliveries(dead=False) == []


@asyncio_test
async def test_the_longest_overdue_come_first(tmp_path: Path) -> None:
    async with a_store(tmp_path) as store:
        times = {"msg_b": 30.0, "msg_a": 30.0, "msg_c": 10.0, "msg_d": 40.0, "msg_e": None}
        await store.add_deliveries([a_delivery(name, next_at=at) for name, at in times.items()])

        async def due(at: float, limit: int = 10) -> list[str]:
            return [each.delivery_id for each in await store.due_deliveries(at, limit)]

        assert await due(9.9) == []
        assert await due(30.0) == ["msg_c", "msg_a", "msg_b"]
        assert await due(99.0, limit=2) == ["msg_c", "msg_a"]
        assert await store.next_delivery_at() == 10.0


@asyncio_test
async def test_the_dead_the_old_and_the_counts(tmp_path: Path) -> None:
    async with a_store(tmp_path) as store:
        await store.add_deliveries(
            [
                a_delivery("msg_waiting", created_at=1.0, next_at=99.0),
                a_delivery("msg_done", created_at=2.0, next_at=None, delivered_at=3.0),
                a_delivery("msg_dead", created_at=3.0, next_at=None, error="550 no such user"),
                a_delivery("msg_hook", created_at=4.0, next_at=None, kind="webhook", error="410"),
                a_delivery("msg_young", created_at=9.0, next_at=None, delivered_at=9.5),
            ]
        )

        async def names(*, dead: bool, limit: int = 10) -> list[str]:
            return [each.delivery_id for each in await store.deliveries(dead=dead, limit=limit)]

        assert await names(dead=True) == ["msg_hook", "msg_dead"]
        assert await names(dead=False, limit=3) == ["msg_young", "msg_hook", "msg_dead"]
        assert all(each.dead for each in await store.deliveries(dead=True))
        assert await store.count_deliveries() == {
            ("email", "waiting"): 1,
            ("email", "delivered"): 2,
            ("email", "dead"): 1,
            ("webhook", "waiting"): 0,
            ("webhook", "delivered"): 0,
            ("webhook", "dead"): 1,
        }
        old = [a_delivery(f"msg_{n}", created_at=0.5, next_at=None) for n in range(1100)]
        await store.add_deliveries(old)
        assert await store.forget_deliveries(9.0) == 1103
        assert await names(dead=False) == ["msg_young", "msg_waiting"]

"""A callback that was promised is still known after a restart."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from bridge.callback import CallbackState, CallbackStore
from store.callbacks import SqlCallbackStore
from store.database import Database, sqlite_url
from tests.aio import asyncio_test
from tests.store.records import a_callback


@asynccontextmanager
async def a_store(tmp_path: Path) -> AsyncIterator[SqlCallbackStore]:
    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        yield SqlCallbackStore(database)


@asyncio_test
async def test_a_callback_goes_its_way(tmp_path: Path) -> None:
    new = a_callback("a")
    async with a_store(tmp_path) as store:
        desk: CallbackStore = store
        await desk.add_callback(new)
    async with a_store(tmp_path) as store:
        assert await store.open_callbacks() == [new]
        assert await store.callback_of_call("call-of-a") == new
        assert await store.callback_by_secret("secret-of-a") == new
        for unknown in ("", "secret-of-", "secret-of-a ", "SECRET-OF-A", "a", "%"):
            assert await store.callback_by_secret(unknown) is None
        assert await store.callback_of_call("a") is None
        dialling = replace(new, state=CallbackState.DIALLING, tries=1, last_call_id="two", due_at=1300.0)
        await store.save_callback(dialling)
        assert await store.open_callbacks() == [dialling]
        done = replace(dialling, state=CallbackState.DONE)
        await store.save_callback(done)
        assert await store.open_callbacks() == []
        assert await store.callback_by_secret("secret-of-a") == done


@asyncio_test
async def test_the_open_ones_by_time_and_all_by_age(tmp_path: Path) -> None:
    async with a_store(tmp_path) as store:
        for name, booked, due, state in (
            ("a", 1.0, 50.0, CallbackState.BOOKED),
            ("b", 2.0, 40.0, CallbackState.DIALLING),
            ("c", 3.0, 30.0, CallbackState.CANCELLED),
            ("d", 4.0, 20.0, CallbackState.GIVEN_UP),
            ("e", 5.0, 45.0, CallbackState.BOOKED),
        ):
            await store.add_callback(a_callback(name, booked_at=booked, due_at=due, state=state))
        assert [each.callback_id for each in await store.open_callbacks()] == ["b", "e", "a"]
        assert [each.callback_id for each in await store.callbacks()] == list("edcba")
        assert [each.callback_id for each in await store.callbacks(limit=2)] == ["e", "d"]
        assert await store.count_callbacks() == {
            CallbackState.BOOKED: 2,
            CallbackState.DIALLING: 1,
            CallbackState.CANCELLED: 1,
            CallbackState.GIVEN_UP: 1,
        }


@asyncio_test
async def test_two_callbacks_never_share_a_secret(tmp_path: Path) -> None:
    async with a_store(tmp_path) as store:
        await store.add_callback(a_callback("a"))
        with pytest.raises(IntegrityError):
            await store.add_callback(a_callback("b", secret="secret-of-a"))
        assert len(await store.callbacks()) == 1

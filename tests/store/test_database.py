"""The threads beside the loop: order, waiting, refusals, what is logged."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import stat
import time
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import IntegrityError

from bridge.causes import Disposition
from store.calls import SqlCallStore
from store.counting import CallCount
from store.database import Database, sqlite_url
from store.errors import StoreError
from store.reads import CdrFilter
from store.tables import calls
from tests.aio import asyncio_test
from tests.store.records import NUMBER, a_click, a_record


def pragma(connection: Connection, name: str) -> object:
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()


def files_in(folder: Path) -> dict[str, int]:
    return {file.name: file.stat().st_mode for file in folder.iterdir()}


@pytest.mark.sqlite
@asyncio_test
async def test_calls_are_on_disk_and_only_the_owner_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "ringback.sqlite3"
    async with Database(sqlite_url(path)) as database:
        assert await database.write(pragma, "journal_mode") == "wal"
        assert await database.write(pragma, "synchronous") == 2  # FULL
        assert await database.write(pragma, "foreign_keys") == 1
        assert await database.write(pragma, "busy_timeout") == 5000
        assert await database.read(pragma, "query_only") == 1
        assert {stat.S_IMODE(mode) for mode in files_in(tmp_path).values()} == {0o600}
    # A closed database is one file, and the claim on it.
    assert set(files_in(tmp_path)) == {path.name, f"{path.name}.lock"}


@asyncio_test
async def test_writes_happen_in_the_order_they_are_asked_for(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        store = SqlCallStore(database)
        await asyncio.gather(
            *(
                step
                for number in range(50)
                for step in (
                    store.open_call(f"{number:02}", a_click(), "sales", 100.1),
                    store.settle(f"{number:02}", Disposition.BRIDGED, None, 104.2),
                    store.write_cdr(a_record(f"{number:02}")),
                    store.count([CallCount(0.0, number=NUMBER)]),
                )
            )
        )
        page = await store.cdrs(CdrFilter(), limit=500)
        assert page.records == tuple(a_record(f"{number:02}") for number in reversed(range(50)))


@pytest.mark.sqlite
@asyncio_test
async def test_a_foreign_writer_makes_ours_wait_and_the_loop_go_on(tmp_path: Path) -> None:
    path = tmp_path / "ringback.sqlite3"
    async with Database(sqlite_url(path)) as database:
        store = SqlCallStore(database)
        await store.open_call("before", a_click(), "sales", 100.1)
        shell = sqlite3.connect(path, isolation_level=None)
        shell.execute("BEGIN IMMEDIATE")
        opening = asyncio.ensure_future(store.open_call("after", a_click(), "sales", 101.0))
        longest = 0.0
        for _ in range(30):
            began = time.perf_counter()
            await asyncio.sleep(0.01)
            longest = max(longest, time.perf_counter() - began)
        assert not opening.done()
        assert await store.count([CallCount(0.0)]) == (1,)  # readers do not wait for writers
        shell.execute("ROLLBACK")
        await opening
        assert await store.count([CallCount(0.0)]) == (2,)
        assert longest < 0.2
        shell.close()


@pytest.mark.sqlite
@asyncio_test
async def test_a_write_that_cannot_be_names_no_number(tmp_path: Path) -> None:
    path = tmp_path / "ringback.sqlite3"
    url = sqlite_url(path).set(query={"timeout": "0.05"})
    async with Database(url) as database:
        store = SqlCallStore(database)
        shell = sqlite3.connect(path, isolation_level=None)
        shell.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="open_call: database is locked"):
            await store.open_call("one", a_click(), "sales", 100.1)
        shell.execute("ROLLBACK")
        shell.close()
        await store.open_call("one", a_click(), "sales", 100.1)
        with pytest.raises(IntegrityError) as caught:
            await store.open_call("one", a_click(), "sales", 100.1)
        assert NUMBER not in str(caught.value)
        assert await store.count([CallCount(0.0)]) == (1,)


@asyncio_test
async def test_transactions_that_failed_are_counted(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        await database.read(lambda connection: connection.exec_driver_sql("SELECT 1"))
        with pytest.raises(StoreError):
            await database.write(lambda connection: connection.exec_driver_sql("SELECT nothing"))
        assert database.errors() == {"write": 1, "read": 0}


@asyncio_test
async def test_a_failing_transaction_leaves_nothing_behind(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        store = SqlCallStore(database)
        await store.open_call("one", a_click(), "sales", 100.1)
        nameless = replace(a_record("one").legs[2], label=None)  # type: ignore[arg-type]
        with pytest.raises(IntegrityError):
            await store.write_cdr(a_record("one", legs=(*a_record("one").legs[:2], nameless)))
        assert await store.call("one") is None
        await store.write_cdr(a_record("one"))
        assert await store.call("one") == a_record("one")


@asyncio_test
async def test_slow_transactions_are_logged_without_what_is_in_them(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def dawdle(connection: Connection, number: str) -> None:
        connection.execute(select(calls).where(calls.c.number == number)).all()
        time.sleep(0.15)

    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        with caplog.at_level(logging.DEBUG):
            await asyncio.gather(database.write(dawdle, NUMBER), database.write(dawdle, NUMBER))
    slow = [record.getMessage() for record in caplog.records if record.name == "store.database"]
    assert len(slow) == 2
    assert all("dawdle" in line for line in slow)
    assert NUMBER not in caplog.text


@asyncio_test
async def test_a_closed_database_has_finished_what_was_asked_and_takes_no_more(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "ringback.sqlite3")
    database = Database(url)
    await database.open()
    store = SqlCallStore(database)
    opening = [
        asyncio.ensure_future(store.open_call(str(number), a_click(), "sales", 100.1)) for number in range(20)
    ]
    await asyncio.sleep(0)
    await database.close()
    await asyncio.gather(*opening)
    with pytest.raises(StoreError, match="not open"):
        await store.open_call("late", a_click(), "sales", 100.1)
    async with Database(url) as again:
        assert len(await SqlCallStore(again).close_unfinished(200.0)) == 20


@asyncio_test
async def test_the_reader_cannot_write(tmp_path: Path) -> None:
    def erase(connection: Connection) -> None:
        connection.execute(text("DELETE FROM calls"))

    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        with pytest.raises(StoreError, match=r"read-?only"):
            await database.read(erase)

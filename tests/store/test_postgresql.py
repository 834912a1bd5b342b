"""What only PostgreSQL does: broken connections, writers beside each other, refusals, what it cannot keep."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import URL, Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from reports.periods import DAY, Piece
from reports.tally import CountTally
from server.surroundings import surroundings_of
from store.calls import SqlCallStore
from store.database import PATIENCE, Database
from store.errors import DatabaseUnusableError, StoreError
from store.migrate import upgrade
from store.parts import PartQuestion
from store.postgresql import NO_NUL
from store.reports import SqlReports
from store.tables import calls, queues
from store.visits import SqlVisits
from tests.aio import asyncio_test
from tests.api.shop import settings
from tests.plumbing import databases, postgresql
from tests.store.records import NUMBER, a_click, a_record
from visits.records import CountKey, VisitBatch

pytestmark = [pytest.mark.sqlite, *databases.kinds()[1].marks]


@pytest.fixture
def url() -> Iterator[URL]:
    made = postgresql.new_database()
    yield made
    postgresql.drop(made)


@asyncio_test
async def test_a_connection_that_broke_costs_no_transaction(url: URL) -> None:
    async with Database(url) as database:
        store = SqlCallStore(database)
        await store.open_call("one", a_click(), "sales", 100.1)
        for name in ("two", "three"):
            await asyncio.to_thread(postgresql.cut_off, url)
            await store.open_call(name, a_click(), "sales", 100.1)
        await asyncio.to_thread(postgresql.cut_off, url)
        assert [await store.call(name) for name in ("one", "two")] == [None, None]
        assert len(await store.close_unfinished(200.0)) == 3
        assert database.errors() == {"write": 0, "read": 0}


@asyncio_test
async def test_one_that_breaks_within_a_transaction_has_it_carried_out_again(url: URL) -> None:
    tries = []

    def interrupted(connection: Connection) -> None:
        connection.execute(insert(queues).values(name="q", intervals={}, gave_up=0, waited=0, learnt_at=1))
        tries.append(1)
        if len(tries) == 1:
            postgresql.cut_off(url)
        connection.execute(update(queues).values(waited=queues.c.waited + 1))

    async with Database(url) as database:
        await database.write(interrupted)
        assert await database.read(lambda it: it.execute(select(queues.c.waited)).scalars().all()) == [1.0]
    assert len(tries) == 2


@asyncio_test
async def test_a_commit_of_which_nobody_knows_is_an_error(url: URL) -> None:
    def lost(connection: Connection) -> None:
        connection.execute(insert(queues).values(name="q", intervals={}, gave_up=0, waited=0, learnt_at=1))
        postgresql.cut_off(url)

    async with Database(url) as database:
        with pytest.raises(StoreError, match="lost"):
            await database.write(lost)
        await database.write(lambda it: it.execute(select(queues)))  # and the next one goes well


@asyncio_test
async def test_nodes_that_change_one_row_lose_nothing(url: URL) -> None:
    def add(connection: Connection) -> None:
        waited = connection.execute(select(queues.c.waited)).scalar_one()
        connection.execute(update(queues).values(waited=waited + 1))

    async with Database(url) as one, Database(url) as other:
        row = {"name": "q", "intervals": {}, "gave_up": 0, "waited": 0, "learnt_at": 1}
        await one.write(lambda it: it.execute(insert(queues).values(row)))
        await asyncio.gather(*(node.write(add) for _ in range(25) for node in (one, other)))
        assert await one.read(lambda it: it.execute(select(queues.c.waited)).scalar_one()) == 50


@asyncio_test
async def test_a_database_that_is_gone_is_an_error_at_once(url: URL) -> None:
    async with Database(url) as database:
        store = SqlCallStore(database)
        await asyncio.to_thread(postgresql.drop, url)
        for _ in range(3):
            with pytest.raises(StoreError, match="does not exist"):
                await store.open_call("one", a_click(), "sales", 100.1)
        assert database.errors()["write"] == 3


@asyncio_test
async def test_a_server_that_hangs_holds_nobody_up_for_ever(
    url: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    def backend(connection: Connection) -> int:
        return int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())

    monkeypatch.setitem(PATIENCE, "write", 0.5)
    async with Database(url) as database:
        store = SqlCallStore(database)
        hung = await database.write(backend)
        os.kill(hung, signal.SIGSTOP)
        try:
            await store.open_call("one", a_click(), "sales", 100.1)
        finally:
            os.kill(hung, signal.SIGCONT)
        assert await database.write(backend) != hung
        assert await store.close_unfinished(200.0) == ["one"]


@asyncio_test
async def test_a_row_that_somebody_keeps_is_an_error_in_the_end(
    url: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.postgresql.LOCK_TIMEOUT", 0.2)
    touch = update(queues).values(waited=1.0)
    async with Database(url) as database, Database(url) as other:
        row = {"name": "q", "intervals": {}, "gave_up": 0, "waited": 0, "learnt_at": 1}
        await database.write(lambda it: it.execute(insert(queues).values(row)))
        keeps = other.write(lambda it: it.execute(touch) and time.sleep(1.0))
        keeping = asyncio.ensure_future(keeps)
        await asyncio.sleep(0.2)
        with pytest.raises(StoreError, match="lock timeout"):
            await database.write(lambda it: it.execute(touch))
        await keeping
        await database.write(lambda it: it.execute(touch))


@asyncio_test
async def test_what_fails_quotes_no_row(url: URL, caplog: pytest.LogCaptureFixture) -> None:
    async with Database(url) as database:
        store = SqlCallStore(database)
        await store.open_call("one", a_click(), "sales", 100.1)
        nameless = replace(a_record("one").legs[0], label=None, uri=NUMBER)  # type: ignore[arg-type]
        with pytest.raises(IntegrityError) as caught, caplog.at_level(logging.DEBUG):
            await store.write_cdr(a_record("one", legs=(nameless,)))
        error: BaseException | None = caught.value
        while error is not None:
            assert NUMBER not in str(error)
            error = error.__cause__ or error.__context__
        assert NUMBER not in caplog.text
        await store.write_cdr(a_record("one"))
        assert await store.call("one") == a_record("one")


@asyncio_test
async def test_a_text_with_a_nul_is_kept_with_a_sign_in_its_place(url: URL) -> None:
    async with Database(url) as database:
        store = SqlCallStore(database)
        click = replace(a_click(), page="https://shop.example/\0x", context={"cart": "a\0b"})
        await store.open_call("one", click, "sales", 100.1)
        row = await database.read(lambda it: it.execute(select(calls.c.page, calls.c.context)).one())
        assert row == (f"https://shop.example/{NO_NUL}x", {"cart": "a\0b"})


@asyncio_test
async def test_sums_and_averages_are_plain_numbers(url: URL) -> None:
    def numbers(connection: Connection) -> list[object]:
        rows = "(VALUES (5000000000::bigint), (2)) it (x)"
        words = f"SELECT sum(x), avg(x), sum(-x), -0.0, 'NaN'::numeric FROM {rows}"
        return list(connection.exec_driver_sql(words).one())

    async with Database(url) as database:
        found = await database.read(numbers)
    assert repr(found) == "[5000000002, 2500000001.0, -5000000002, 0.0, nan]"


def test_nodes_that_start_at_once_migrate_once() -> None:
    with postgresql.empty_database() as empty, ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(upgrade, empty) for _ in range(3)]:
            done.result()


def test_a_start_without_a_database_says_what_to_do(url: URL) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nowhere = URL.create("postgresql", "u", "hush", "127.0.0.1", closed.getsockname()[1], "ringback")
        with pytest.raises(DatabaseUnusableError, match=r"u@127.*refused.*is PostgreSQL running") as caught:
            upgrade(nowhere)
        assert "hush" not in str(caught.value)
    for wrong, words in (
        (url.set(database="nothing"), "create the user and the database first"),
        (url.set(username="nobody_here"), "create the user and the database first"),
        (url.set(query={"host": "/nowhere"}), "is its socket in that folder"),
    ):
        with pytest.raises(DatabaseUnusableError, match=words):
            upgrade(wrong)


@pytest.mark.parametrize("how", ["LOCALE_PROVIDER icu ICU_LOCALE 'en'", "ENCODING 'SQL_ASCII' LOCALE 'C'"])
def test_a_database_that_sorts_or_writes_otherwise_is_refused(how: str) -> None:
    with (
        postgresql.empty_database(how) as other,
        pytest.raises(DatabaseUnusableError, match=r"by their bytes.*CREATE DATABASE test_"),
    ):
        upgrade(other)


@asyncio_test
async def test_nodes_that_count_at_the_same_time_lose_nothing_and_count_nothing_twice(url: URL) -> None:
    around = surroundings_of(settings())
    async with Database(url) as one, Database(url) as other:
        store = SqlCallStore(one)
        for number in range(60):
            await store.open_call(f"{number}", a_click(), "sales", 100.1)
            await store.write_cdr(a_record(f"{number}"))

        async def count(node: Database) -> int:
            total = 0
            while counted := await SqlReports(node).count_some(4, around):
                total += counted
            return total

        assert sum(await asyncio.gather(count(one), count(other))) == 60
        reports = SqlReports(one)
        assert sum(each.calls for each in (await reports.between(0, 1e6)).values()) == 60
        rows = await reports.parts(PartQuestion("calls", "all"), [Piece(DAY, 0, DAY)])
        assert sum(CountTally(*row[3:])["offered"] for row in rows) == 60
        # Every row is one that the other adds to as well.
        key = CountKey("boston", 0, "r", "", "shown", "seen", "", "phone")
        batch = VisitBatch(counts={key: 1})
        nodes = [node for _ in range(20) for node in (one, other)]
        await asyncio.gather(*(SqlVisits(node).write(batch) for node in nodes))
        assert sum((await SqlVisits(one).counts(0, 1e6)).values()) == 40
        assert [node.errors()["write"] for node in (one, other)] == [0, 0]

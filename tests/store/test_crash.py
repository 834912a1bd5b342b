"""What a killed core had put on disk is there, and the next core finishes it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL, select

from bridge.causes import Disposition, HangupCause
from store.calls import SqlCallStore
from store.database import Database, sqlite_url
from store.errors import DatabaseUnusableError
from store.lives import is_over, new_life
from store.reads import CdrFilter
from store.tables import nodes
from tests.aio import asyncio_test
from tests.plumbing import databases, postgresql
from tests.store.records import a_click, a_record

ROOT = Path(__file__).parents[2]


@contextmanager
def a_core(url: URL, node: str = "a") -> Iterator[subprocess.Popen[str]]:
    core = subprocess.Popen(
        [sys.executable, "-m", "tests.store.dying_core", url.render_as_string(), node],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield core
    finally:
        core.kill()
        core.communicate(timeout=10)


@pytest.fixture(params=databases.kinds())
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[URL]:
    """A new database of each kind, for several processes."""
    if request.param == databases.SQLITE:
        yield sqlite_url(tmp_path / "ringback.sqlite3")
        return
    made = postgresql.new_database()
    yield made
    postgresql.drop(made)


@pytest.mark.sqlite
@asyncio_test
async def test_every_call_said_to_be_on_disk_is_found_after_kill_9(url: URL) -> None:
    with a_core(url) as core:
        assert core.stdout is not None
        said = [core.stdout.readline().split() for _ in range(200)]
        core.kill()
        said += [line.split() for line in core.stdout if line.endswith("\n")]
        core.wait(10)
    told = {
        word: {call_id for each, call_id in said if each == word} for word in ("opened", "settled", "written")
    }

    async with Database(url, "a") as database:
        store = SqlCallStore(database)
        closed = await store.close_unfinished(900.0)
        page = await store.cdrs(CdrFilter(), limit=500)
        found = {record.call_id: record for record in page.records}
        while page.next:
            page = await store.cdrs(CdrFilter(), limit=500, after=page.next)
            found |= {record.call_id: record for record in page.records}

    assert told["opened"] <= found.keys()
    # The last word of each kind may be on disk and not yet said.
    assert len(found) <= len(told["opened"]) + 1
    assert not told["written"] & set(closed)
    for call_id, record in found.items():
        if call_id in told["written"]:
            assert record == a_record(call_id)
        elif call_id in told["settled"]:
            assert (record.disposition, record.cause) == (Disposition.BRIDGED, HangupCause.CORE_LOST)
        elif call_id in told["opened"] and call_id in closed and record.bridged_at is None:
            assert (record.disposition, record.cause) == (Disposition.FAILED, HangupCause.CORE_LOST)


@pytest.mark.sqlite
@asyncio_test
async def test_a_second_server_does_not_touch_the_calls_of_the_first(url: URL) -> None:
    with a_core(url) as core:
        assert core.stdout is not None
        core.stdout.readline()
        whose = f"process {core.pid}" if url.get_backend_name() == databases.SQLITE else "node a"
        with pytest.raises(DatabaseUnusableError, match=rf"another Ringback server.*{whose}"):
            await Database(url, "a").open()
        core.kill()
        core.communicate(timeout=10)
        async with Database(url, "a") as database:
            assert await SqlCallStore(database).close_unfinished(900.0)


@pytest.mark.sqlite
@pytest.mark.parametrize("url", databases.kinds()[1:], indirect=True)
@asyncio_test
async def test_a_node_that_starts_leaves_the_calls_of_others_alone(url: URL) -> None:
    with a_core(url, "b") as other, a_core(url, "a") as core:
        for process in (other, core):
            assert process.stdout is not None
            process.stdout.readline()
        core.kill()
        core.communicate(timeout=10)
        async with Database(url, "a") as database:
            store = SqlCallStore(database)
            await store.open_call("mine", a_click(), "sales", 800.0)
            closed = await store.close_unfinished(900.0)
            assert closed
            assert all(call_id.startswith("a0") for call_id in closed)
            assert await store.close_unfinished(900.0) == []
        async with Database(url, "c") as stranger:
            assert await SqlCallStore(stranger).close_unfinished(900.0) == []
        other.kill()
        other.communicate(timeout=10)
        async with Database(url, "b") as database:
            store = SqlCallStore(database)
            last = await store.close_unfinished(950.0)
            assert last
            assert all(call_id.startswith("b0") for call_id in last)


@asyncio_test
async def test_each_life_has_its_own_last_heartbeat_and_goes_on_with_what_is_kept(tmp_path: Path) -> None:
    where = sqlite_url(tmp_path / "ringback.sqlite3")
    async with Database(where, "a") as first:
        store = SqlCallStore(first)
        for name in ("one", "two"):
            await store.open_call(name, a_click(), "sales", 100.0)
        await store.beat(130.0)
    async with Database(where, "a") as second:
        store = SqlCallStore(second)
        await store.beat(500.0)
        assert await store.close_unfinished(600.0, ["two"]) == ["one"]
        record = await store.call("one")
        assert record is not None
        assert record.ended_at == 130.0
        assert await store.close_unfinished(600.0) == []
        await store.beat(700.0)
    async with Database(where, "a") as third:
        assert await SqlCallStore(third).close_unfinished(900.0) == ["two"]
        record = await SqlCallStore(third).call("two")
        assert record is not None
        assert record.ended_at == 700.0
        assert await third.read(lambda it: it.execute(select(nodes.c.life)).scalars().all()) == [third.life]


def test_what_is_over_and_what_is_not() -> None:
    mine, before, other = new_life("a"), new_life("a"), new_life("ab")
    assert mine != before
    for alone in (True, False):
        assert is_over(None, mine, alone)
        assert is_over(before, mine, alone)
        assert not is_over(mine, mine, alone)
        assert is_over(other, mine, alone) is alone
        assert is_over(other, None, alone) is alone

"""What a killed core had put on disk is there, and the next core finishes it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bridge.causes import Disposition, HangupCause
from store.calls import SqlCallStore
from store.database import Database, sqlite_url
from store.errors import DatabaseUnusableError
from store.reads import CdrFilter
from tests.aio import asyncio_test
from tests.store.records import a_record

ROOT = Path(__file__).parents[2]


@contextmanager
def a_core(path: Path) -> Iterator[subprocess.Popen[str]]:
    core = subprocess.Popen(
        [sys.executable, "-m", "tests.store.dying_core", str(path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield core
    finally:
        core.kill()
        core.communicate(timeout=10)


@pytest.mark.sqlite
@asyncio_test
async def test_every_call_said_to_be_on_disk_is_found_after_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "ringback.sqlite3"
    with a_core(path) as core:
        assert core.stdout is not None
        said = [core.stdout.readline().split() for _ in range(200)]
        core.kill()
        said += [line.split() for line in core.stdout if line.endswith("\n")]
        core.wait(10)
    told = {
        word: {call_id for each, call_id in said if each == word} for word in ("opened", "settled", "written")
    }

    async with Database(sqlite_url(path)) as database:
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
async def test_a_second_server_does_not_touch_the_calls_of_the_first(tmp_path: Path) -> None:
    path = tmp_path / "ringback.sqlite3"
    with a_core(path) as core:
        assert core.stdout is not None
        core.stdout.readline()
        with pytest.raises(DatabaseUnusableError, match=f"another Ringback server .process {core.pid}"):
            await Database(sqlite_url(path)).open()
        core.kill()
        core.communicate(timeout=10)
        async with Database(sqlite_url(path)) as database:
            assert await SqlCallStore(database).close_unfinished(900.0)

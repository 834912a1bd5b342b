"""What agents write about a call stands in its CDR, whenever they wrote it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from bridge.cdr import WrapUp
from store.calls import SqlCallStore
from store.database import Database, sqlite_url
from store.reads import CdrFilter
from store.wrap_ups import SqlWrapUpStore
from tests.aio import asyncio_test
from tests.store.records import a_click, a_record


@asyncio_test
async def test_notes_and_codes(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        calls, wrap_ups = SqlCallStore(database), SqlWrapUpStore(database)
        for call_id in ("one", "two"):
            await calls.open_call(call_id, a_click(), "sales", 100.1)
        await wrap_ups.keep("one", "alice", "while it lives", None, 120.0)
        for call_id in ("one", "two"):
            await calls.write_cdr(a_record(call_id))
        await wrap_ups.keep("one", "alice", "Wants a tandem\nin red", "sale", 130.0)
        await wrap_ups.keep("one", "ben", None, "no_sale", 125.0)
        await wrap_ups.keep("two", "ben", None, None, 140.0)
        written = (
            WrapUp("ben", "no_sale", None, 125.0),
            WrapUp("alice", "sale", "Wants a tandem\nin red", 130.0),
        )
        assert await calls.call("one") == replace(a_record("one"), wrap_ups=written)
        found = (await calls.cdrs(CdrFilter())).records
        assert {record.call_id: len(record.wrap_ups) for record in found} == {"one": 2, "two": 1}
        with pytest.raises(IntegrityError):
            await wrap_ups.keep("never", "alice", None, "sale", 150.0)

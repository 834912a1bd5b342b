"""All questions of one request, answered in one transaction."""

from __future__ import annotations

from pathlib import Path

from store.calls import SqlCallStore
from store.counting import CallCount, NumberCount
from store.database import Database, sqlite_url
from tests.aio import asyncio_test
from tests.store.records import NUMBER, a_click

IP = "203.0.113.9"
OTHER = "+16175550101"


@asyncio_test
async def test_counts(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "calls.sqlite3")) as database:
        store = SqlCallStore(database)
        await store.open_call("a", a_click(), "sales", 100.0)
        await store.open_call("b", a_click(OTHER), "sales", 101.0)
        await store.open_call("c", a_click(client_ip="192.0.2.1"), "sales", 102.0)
        await store.open_call("d", a_click(site="salem"), "sales", 103.0)
        await store.write_refused("e", a_click(), "sales", 104.0, "limit_ip")
        asked = {
            CallCount(100.0): 4,
            CallCount(100.5): 3,
            CallCount(0.0, number=NUMBER): 3,
            CallCount(100.5, number=NUMBER): 2,
            CallCount(0.0, client_ip=IP): 3,
            CallCount(0.0, site="salem"): 1,
            CallCount(0.0, number=OTHER, client_ip="192.0.2.1"): 0,
            NumberCount(0.0, IP, but=NUMBER): 1,
            NumberCount(0.0, IP, but="+16175550102"): 2,
            NumberCount(101.5, IP, but=OTHER): 1,
            NumberCount(0.0, "192.0.2.2", but=NUMBER): 0,
        }
        assert await store.count(list(asked)) == tuple(asked.values())
        for question, answer in asked.items():
            assert await store.count([question]) == (answer,)
        assert await store.count([]) == ()

"""What is put into the store comes out of it, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, func, select

from bridge.causes import Disposition, HangupCause
from bridge.cdr import LegRecord, NotedLeg
from store.calls import SqlCallStore
from store.counting import CallCount, NumberCount
from store.database import Database, sqlite_url
from store.errors import UnknownCallError
from store.reads import CdrFilter
from store.tables import calls, legs
from tests.aio import asyncio_test
from tests.store.records import NUMBER, a_click, a_leg, a_record

IP = "203.0.113.9"


@asynccontextmanager
async def a_store(tmp_path: Path) -> AsyncIterator[SqlCallStore]:
    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        yield SqlCallStore(database)


def count_legs(connection: Connection) -> int:
    return connection.scalars(select(func.count()).select_from(legs)).one()


@asyncio_test
async def test_a_call_comes_back_as_it_was_recorded(tmp_path: Path) -> None:
    async with a_store(tmp_path) as store:
        await store.open_call("one", a_click(), "sales", 100.1)
        assert await store.call("one") is None
        await store.settle("one", Disposition.BRIDGED, None, 104.2)
        assert await store.call("one") is None
        await store.write_cdr(a_record("one"))
        assert await store.call("one") == a_record("one")
        assert await store.call("two") is None


@asyncio_test
async def test_context_and_address_are_kept(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        await SqlCallStore(database).open_call("one", a_click(), "sales", 100.1)

        def row(connection: Connection) -> tuple[object, ...]:
            return tuple(connection.execute(select(calls.c.context, calls.c.client_ip)).one())

        assert await database.read(row) == (dict(a_click().context), "203.0.113.9")


@asyncio_test
async def test_a_cdr_written_twice_is_one_cdr_and_the_first(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        store = SqlCallStore(database)
        await store.open_call("one", a_click(), "sales", 100.1)
        await asyncio.gather(*(store.write_cdr(a_record("one")) for _ in range(5)))
        await store.write_cdr(a_record("one", disposition=Disposition.FAILED, legs=()))
        assert (await store.cdrs(CdrFilter())).records == (a_record("one"),)
        assert await database.read(count_legs) == 3


@asyncio_test
async def test_a_cdr_without_legs(tmp_path: Path) -> None:
    async with a_store(tmp_path) as store:
        record = a_record("one", legs=(), bridged_at=None, cause=None, disposition=Disposition.CANCELLED)
        await store.open_call("one", a_click(), "sales", 100.1)
        await store.write_cdr(record)
        assert await store.call("one") == record


@asyncio_test
async def test_a_settled_disposition_stays_until_the_cdr(tmp_path: Path) -> None:
    async with a_store(tmp_path) as store:
        await store.open_call("one", a_click(), "sales", 100.0)
        await store.settle("one", Disposition.BRIDGED, None, 104.2)
        await store.settle("one", Disposition.FAILED, HangupCause.FAILED, None)
        assert await store.close_unfinished(200.0) == ["one"]
        record = await store.call("one")
        assert record is not None
        assert (record.disposition, record.bridged_at) == (Disposition.BRIDGED, 104.2)
        # The call is over: what comes late changes nothing.
        await store.settle("one", Disposition.FAILED, HangupCause.FAILED, None)
        await store.write_cdr(a_record("one"))
        assert await store.call("one") == record


@asyncio_test
async def test_a_call_never_opened_cannot_be_finished(tmp_path: Path) -> None:
    async with a_store(tmp_path) as store:
        with pytest.raises(UnknownCallError, match="ghost"):
            await store.settle("ghost", Disposition.FAILED, None, None)
        with pytest.raises(UnknownCallError, match="ghost"):
            await store.write_cdr(a_record("ghost"))
        assert (await store.cdrs(CdrFilter())).records == ()


@asyncio_test
async def test_close_unfinished_keeps_what_was_settled_and_what_is_finished(tmp_path: Path) -> None:
    async with a_store(tmp_path) as store:
        for call_id in ("bridged", "busy", "done", "young"):
            await store.open_call(call_id, a_click(), "sales", 100.1)
        await store.settle("bridged", Disposition.BRIDGED, None, 104.0)
        await store.settle("busy", Disposition.UNANSWERED, HangupCause.BUSY, None)
        await store.write_cdr(a_record("done"))
        assert await store.close_unfinished(500.0) == ["bridged", "busy", "young"]
        assert await store.close_unfinished(600.0) == []
        found = {record.call_id: record for record in (await store.cdrs(CdrFilter())).records}
        assert found.pop("done") == a_record("done")
        assert {name: (record.disposition, record.cause) for name, record in found.items()} == {
            "bridged": (Disposition.BRIDGED, HangupCause.CORE_LOST),
            "busy": (Disposition.UNANSWERED, HangupCause.BUSY),
            "young": (Disposition.FAILED, HangupCause.CORE_LOST),
        }
        # Nobody saw the ends, and no heartbeat tells how long the calls lived: the outage is no talk time.
        assert {name: record.ended_at for name, record in found.items()} == {
            "bridged": 104.0,
            "busy": 100.1,
            "young": 100.1,
        }
        assert found["bridged"].talk_seconds == 0.0


@asyncio_test
async def test_a_refused_request_leaves_a_record(tmp_path: Path) -> None:
    async with a_store(tmp_path) as store:
        await store.write_refused("no", a_click(), "sales", 100.1, "too-many-calls")
        assert await store.call("no") == a_record(
            "no",
            bridged_at=None,
            ended_at=100.1,
            disposition=Disposition.REFUSED,
            cause=None,
            legs=(),
            reason="too-many-calls",
        )
        assert await store.close_unfinished(200.0) == []


@asyncio_test
async def test_limits_count_what_lives_and_what_ended_but_not_what_was_refused(tmp_path: Path) -> None:
    async with a_store(tmp_path) as store:
        other = "+442079460000"
        await store.open_call("old", a_click(), "sales", 99.9)
        await store.open_call("one", a_click(), "sales", 100.1)
        await store.write_cdr(a_record("one"))
        await store.open_call("two", a_click(site="paris"), "sales", 101.0)
        await store.open_call("three", a_click(other), "sales", 102.0)
        await store.open_call("four", a_click(other, client_ip="2001:db8::1"), "sales", 103.0)
        await store.write_refused("five", a_click("+33140000000"), "sales", 104.0, "limit")
        asked = {
            CallCount(100.0): 4,
            CallCount(100.1, number=NUMBER): 2,
            CallCount(100.2, number=NUMBER): 1,
            CallCount(0.0, client_ip=IP): 4,
            CallCount(0.0, number=other, client_ip=IP): 1,
            CallCount(100.0, site="paris"): 1,
            NumberCount(100.0, IP, but=""): 2,
            NumberCount(102.5, IP, but=""): 0,
        }
        assert await store.count(list(asked)) == tuple(asked.values())


@asyncio_test
async def test_a_page_takes_three_statements_whatever_its_size(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        store = SqlCallStore(database)
        for number in range(40):
            await store.open_call(f"{number:02}", a_click(), "sales", 100.1)
            await store.write_cdr(a_record(f"{number:02}"))
        statements: list[str] = []

        def listen(connection: Connection) -> None:
            event.listen(connection, "before_cursor_execute", lambda *told: statements.append(told[2]))

        await database.read(listen)
        page = await store.cdrs(CdrFilter(), limit=40)
        assert page.records == tuple(a_record(f"{number:02}") for number in reversed(range(40)))
        assert page.next is None
        assert [text.split()[0] for text in statements if text != "BEGIN"] == ["SELECT"] * 3


def live(call_id: str, *legs: LegRecord, over: bool = False) -> list[NotedLeg]:
    return [NotedLeg(call_id, position, leg, over) for position, leg in enumerate(legs)]


@asyncio_test
async def test_a_dead_core_leaves_the_legs_of_its_calls_and_the_last_heartbeat_ends_them(
    tmp_path: Path,
) -> None:
    async with a_store(tmp_path) as store:
        for call_id in ("talks", "rings", "done"):
            await store.open_call(call_id, a_click(), "sales", 100.1)
        shopper = a_leg("talks-s1", role="shopper", answered_at=103.0, joined_at=None)
        await store.note_legs(live("talks", shopper))
        await store.note_legs(live("rings", a_leg("rings-s1", role="shopper")))
        await store.settle("talks", Disposition.BRIDGED, None, 104.0)
        joined = replace(shopper, joined_at=104.0)
        busy = a_leg("talks-b1", cause=HangupCause.BUSY, ended_at=103.5)
        await store.note_legs([*live("talks", joined), NotedLeg("talks", 1, busy, over=True)])
        await store.note_legs(live("done", a_leg("done-s1")))
        await store.write_cdr(a_record("done"))
        await store.note_legs(live("done", a_leg("done-s1")))  # too late
        await store.beat(120.0)
        await store.beat(130.0)
        assert await store.close_unfinished(5000.0) == ["rings", "talks"]
        talks, rings = await store.call("talks"), await store.call("rings")
        assert talks is not None
        assert rings is not None
        assert (talks.ended_at, talks.talk_seconds, rings.ended_at) == (130.0, 26.0, 130.0)
        assert [(leg.leg_id, leg.cause, leg.ended_at, leg.joined_at) for leg in talks.legs] == [
            ("talks-s1", HangupCause.CORE_LOST, 130.0, 104.0),
            ("talks-b1", HangupCause.BUSY, 103.5, None),
        ]
        assert [leg.cause for leg in rings.legs] == [HangupCause.CORE_LOST]
        assert await store.call("done") == a_record("done")
        assert await store.close_unfinished(6000.0) == []


@asyncio_test
async def test_a_clock_that_was_set_back_ends_no_call_before_it_began(tmp_path: Path) -> None:
    async with a_store(tmp_path) as store:
        await store.open_call("one", a_click(), "sales", 1000.0)
        await store.settle("one", Disposition.BRIDGED, None, 1010.0)
        await store.beat(400.0)
        await store.close_unfinished(500.0)
        record = await store.call("one")
        assert record is not None
        assert (record.ended_at, record.talk_seconds) == (1010.0, 0.0)

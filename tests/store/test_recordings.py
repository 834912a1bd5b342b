"""Recordings on disk: begun, complete, listed, left open by a crash, too old."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from store.database import Database, sqlite_url
from store.people import Person
from store.recordings import KeptRecording, RecordingFilter, SqlRecordings
from store.stores import Stores
from tests.aio import asyncio_test
from tests.store.records import a_click, a_record

ONE = KeptRecording("c.t1", "c", "shop", "c-b1", "boston", "/recordings/c.t1.wav", 1000.0)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[tuple[SqlRecordings, Stores]]:
    async with Database(sqlite_url(folder / "ringback.sqlite3")) as database:
        yield SqlRecordings(database), Stores.over(database)


@asyncio_test
async def test_one_is_listed_once_it_is_complete(tmp_path: Path) -> None:
    async with opened(tmp_path) as (store, _):
        await store.begin(ONE)
        assert (await store.recordings(RecordingFilter())).recordings == ()
        assert await store.recording("c.t1") == ONE
        await store.complete("c.t1", 12.5, failed=True)
        complete = replace(ONE, seconds=12.5, failed=True)
        assert (await store.recordings(RecordingFilter(site="shop", call_id="c"))).recordings == (complete,)
        assert (await store.recordings(RecordingFilter(sites=("other",)))).recordings == ()
        assert await store.forget("c.t1")
        assert not await store.forget("c.t1")


@asyncio_test
async def test_pages_follow_one_another(tmp_path: Path) -> None:
    async with opened(tmp_path) as (store, _):
        for number in range(5):
            await store.begin(replace(ONE, recording_id=f"c.t{number}", began_at=1000.0 + number))
            await store.complete(f"c.t{number}", 1.0, failed=False)
        found, after = [], None
        for _ in range(3):
            page = await store.recordings(RecordingFilter(), limit=2, after=after)
            found += [each.recording_id for each in page.recordings]
            after = page.next
        assert found == ["c.t4", "c.t3", "c.t2", "c.t1", "c.t0"]
        assert after is None


@asyncio_test
async def test_what_a_crash_left_open_is_found_once_its_call_is_over(tmp_path: Path) -> None:
    async with opened(tmp_path) as (store, stores):
        record = a_record("c")
        await stores.calls.open_call("c", a_click(), record.route, record.requested_at)
        await stores.calls.write_cdr(record)
        await store.begin(replace(ONE, call_id=record.call_id))
        assert await store.left_open(record.ended_at - 1) == []
        (left,) = await store.left_open(record.ended_at + 1)
        assert left.recording_id == "c.t1"
        await store.complete("c.t1", 1.0, failed=False)
        assert await store.left_open(record.ended_at + 1) == []


@asyncio_test
async def test_each_site_keeps_them_for_its_time(tmp_path: Path) -> None:
    async with opened(tmp_path) as (store, stores):
        for site, at in (("shop", 1000.0), ("other", 1000.0), ("gone", 1000.0), ("shop", 5000.0)):
            await store.begin(replace(ONE, recording_id=f"{site}{at}", site=site, began_at=at))
        old = await store.expired(6000.0, {"shop": 2000.0, "other": 6000.0}, otherwise=4000.0)
        assert sorted(each.recording_id for each in old) == ["gone1000.0", "shop1000.0"]
        assert "/recordings/c.t1.wav" in await stores.retention.paths()


@asyncio_test
async def test_a_person_takes_their_recordings_along(tmp_path: Path) -> None:
    async with opened(tmp_path) as (store, stores):
        record = a_record("c")
        await stores.calls.open_call("c", a_click(), record.route, record.requested_at)
        await stores.calls.write_cdr(record)
        await store.begin(replace(ONE, call_id=record.call_id, site=record.site))
        await store.begin(replace(ONE, recording_id="d.t1", call_id="d", site=record.site))
        person = Person(number=record.number)
        kept = await stores.people.find(person)
        assert [row["id"] for row in kept.recordings] == ["c.t1"]
        assert "path" not in kept.shown()["recordings"][0]
        await stores.people.erase(person, kept)
        assert await store.recording("c.t1") is None
        assert await store.recording("d.t1") is not None

"""Counts on disk: each call once, whatever dies, and the same again when they are made again."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

from bridge.bulletin import Bulletin
from bridge.causes import Disposition
from bridge.cdr import CallRecord
from bridge.facts import CallEnded
from reports.counts import BUCKET, Counts, Key, reduce
from server.reporting import CallCounter
from store.calls import SqlCallStore
from store.database import Database, sqlite_url
from store.reports import SqlReports
from store.retention import Rule, SqlRetention
from tests.aio import asyncio_test
from tests.api.pages import soon
from tests.api.shop import settings
from tests.store.records import a_click, a_record


async def keep(store: SqlCallStore, *records: CallRecord) -> None:
    for record in records:
        click = a_click(site=record.site)
        await store.open_call(record.call_id, click, record.route, record.requested_at)
        await store.write_cdr(record)


def some_calls(count: int, seed: int = 1) -> list[CallRecord]:
    chance = random.Random(seed)
    made = []
    for number in range(count):
        at, disposition = chance.uniform(0, 20 * BUCKET), chance.choice(list(Disposition))
        bridged = at + 8.0 if disposition is Disposition.BRIDGED else None
        made.append(
            a_record(
                f"call{seed}-{number}", site=chance.choice(["shop", "other"]), disposition=disposition,
                requested_at=at, bridged_at=bridged, ended_at=at + 60.0,
            )
        )  # fmt: skip
    return made


async def counted(reports: SqlReports) -> dict[Key, Counts]:
    return dict(await reports.between(0.0, 1e9))


def same(one: dict[Key, Counts], other: dict[Key, Counts]) -> bool:
    def rough(counts: Counts) -> tuple[object, ...]:
        return (
            counts.calls,
            counts.cancelled_early,
            round(counts.wait, 6),
            round(counts.talk, 6),
            counts.waits,
        )

    return {key: rough(value) for key, value in one.items()} == {
        key: rough(value) for key, value in other.items()
    }


@asyncio_test
async def test_each_call_is_counted_once_and_again_when_wanted(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "r.sqlite3")) as database:
        store, reports = SqlCallStore(database), SqlReports(database)
        records = some_calls(120)
        await keep(store, *records)
        await store.open_call("lives", a_click(), "sales", 5.0)
        await store.write_refused("refused", a_click(), "sales", 6.0, "too_many")
        counter = CallCounter(reports, settings)
        assert await counter.count() == 121
        assert await counter.count() == 0
        plain = reduce([*records, await _record(store, "refused")])
        assert same(await counted(reports), plain)
        more = some_calls(30, seed=2)
        await keep(store, *more)
        assert await counter.count() == 30
        plain = reduce([*records, *more, await _record(store, "refused")])
        assert same(await counted(reports), plain)
        assert await counter.rebuild() == 151
        assert same(await counted(reports), plain)
        sites = await reports.between(0.0, 1e9, ["shop"])
        assert {key.site for key in sites} == {"shop"}
        assert await reports.between(0.0, 1e9, []) == {}
        bucket = next(iter(plain)).bucket
        assert {key.bucket for key in await reports.between(bucket, bucket + BUCKET)} == {bucket}


async def _record(store: SqlCallStore, call_id: str) -> CallRecord:
    record = await store.call(call_id)
    assert record is not None
    return record


@asyncio_test
async def test_counts_outlive_the_calls_that_retention_deletes(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "r.sqlite3")) as database:
        store, reports, retention = SqlCallStore(database), SqlReports(database), SqlRetention(database)
        await keep(store, *some_calls(80))
        counter = CallCounter(reports, settings)
        await counter.count()
        before = await counted(reports)
        for site in ("shop", "other"):
            _, gone = await retention.sweep(Rule("calls", site, 10.5 * BUCKET), (0.0, ""), 1000)
            assert gone > 5
        left = await counter.rebuild()
        assert 0 < left < 80
        assert same(await counted(reports), before), "what cannot be counted again stays, in part buckets too"


@asyncio_test
async def test_a_wrong_count_is_put_right(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "r.sqlite3")) as database:
        store, reports = SqlCallStore(database), SqlReports(database)
        records = some_calls(10)
        await keep(store, *records)
        counter = CallCounter(reports, settings)
        await counter.count()
        await database.write(
            lambda connection: connection.exec_driver_sql("UPDATE call_counts SET talk = 1e6")
        )
        assert not same(await counted(reports), reduce(records))
        await counter.rebuild()
        assert same(await counted(reports), reduce(records))


@asyncio_test
async def test_the_end_of_a_call_has_it_counted(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "r.sqlite3")) as database:
        store, reports = SqlCallStore(database), SqlReports(database)
        first, second, last = some_calls(3)
        await keep(store, first)
        counter = CallCounter(reports, settings)
        bulletin = Bulletin(counter)
        await counter.start()
        found = 0

        async def calls() -> int:
            return sum(counts.calls for counts in (await counted(reports)).values())

        for _ in range(200):
            found = await calls()
            if found:
                break
            await asyncio.sleep(0.005)
        assert found == 1, "what ended before the start"
        await keep(store, second)
        bulletin.tell([CallEnded(call_id=second.call_id, at=1.0, record=second)])
        await soon(lambda: not counter._ended.is_set())
        await keep(store, last)
        await counter.stop()
        assert await calls() == 3, "what ended just before the stop"

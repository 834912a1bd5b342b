"""Tallies by part on disk: what the pure functions say, for each call and chat once, also when rebuilt."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert

from bridge.cdr import CallRecord
from reports.counts import BUCKET
from reports.parts import MOST_PAGES, OTHER_PAGES, PARTS, CountedUnder, PartKey, parts_of_call, parts_of_chat
from reports.periods import DAY, Piece, period, pieces
from reports.results import summed
from reports.tally import NOTHING, CountTally
from server.reporting import CallCounter
from server.surroundings import surroundings_of
from store.calls import SqlCallStore
from store.database import Database, sqlite_url
from store.parts import PartQuestion, add_parts
from store.reports import SqlReports
from store.tables import chats
from tests.aio import asyncio_test
from tests.api.shop import settings
from tests.reports.month import DAYS, OCTOBER, some_calls, some_chats
from tests.store.records import a_click
from tests.store.test_reports import keep

WHOLE = [Piece(BUCKET, 0, 2**31)]
BY_DAYS = [Piece(DAY, 0, 2**31)]


async def on_disk(
    reports: SqlReports, wanted: list[Piece]
) -> dict[tuple[str, str, int, str, str], CountTally]:
    return {
        (channel, part, *row[:3]): CountTally(*row[3:])
        for channel in ("calls", "chats")
        for part in PARTS
        for row in await reports.parts(PartQuestion(channel, part), wanted)  # type: ignore[arg-type]
    }


def expected(records: list[CallRecord], around: CountedUnder, span: int) -> dict[PartKey, CountTally]:
    found: defaultdict[PartKey, CountTally] = defaultdict(lambda: NOTHING)
    for record in records:
        for key, tally in parts_of_call(record, "", around, 0.0).items():
            key = key._replace(bucket=key.bucket // span * span)
            found[key] = found[key] + tally
    for chat, _ in some_chats(40):
        for key, tally in parts_of_chat(chat, "", around).items():
            key = key._replace(bucket=key.bucket // span * span)
            found[key] = found[key] + tally
    return found


async def keep_chats(database: Database) -> None:
    plain = {"visitor": "", "context": {}, "signed": {}, "client_ip": "", "origin": "", "state": "over",
             "first": 0, "call": "none", "escalated": 0}  # fmt: skip
    rows = [
        {
            **plain,
            "id": chat.chat_id,
            "token_digest": chat.chat_id,
            "key_digest": chat.chat_id,
            "last_agent": chat.agent,
            **{name: getattr(chat, name) for name in CHAT_FIELDS},
        }
        for chat, _ in some_chats(40)
    ]
    await database.write(lambda connection: connection.execute(insert(chats), rows) and None)


CHAT_FIELDS = (
    "site", "route", "queue", "page", "outcome", "asked_at", "waited", "accepted_at", "first_answer_at",
    "ended_at", "handled", "replies", "reply_seconds",
)  # fmt: skip


@asyncio_test
async def test_each_call_and_chat_is_in_each_part_once_and_again_when_rebuilt(tmp_path: Path) -> None:
    records = [
        replace(record, reason=None, legs=tuple(replace(leg, leg_id=f"{record.call_id}-{at}") for at, leg in
                enumerate(record.legs)))
        for record, _, _ in some_calls(150)
    ]  # fmt: skip
    config, around = settings(), surroundings_of(settings())
    async with Database(sqlite_url(tmp_path / "r.sqlite3")) as database:
        reports = SqlReports(database)
        counter = CallCounter(reports, lambda: config)
        await keep(SqlCallStore(database), *records)
        records = [replace(each, page=a_click().page) for each in records]  # as that helper keeps them
        await keep_chats(database)
        for _ in range(2):
            await counter.count()
            assert await on_disk(reports, WHOLE) == expected(records, around, BUCKET)
            assert await on_disk(reports, BY_DAYS) == expected(records, around, DAY)
        await counter.rebuild()
        assert await on_disk(reports, WHOLE) == expected(records, around, BUCKET)
        assert await on_disk(reports, BY_DAYS) == expected(records, around, DAY)

        # A wrap-up that ends later is added to its call, and is there after a rebuild, too.
        one = next(each for each in records if each.bridged_at is not None)
        await reports.wrapped_up(one.call_id, 12.5, around)
        for again in (False, True):
            if again:
                await counter.rebuild()
            whole = summed(await reports.parts(PartQuestion("calls", "all"), WHOLE))
            assert whole.seconds("wrap") == 12.5


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"])
@asyncio_test
async def test_days_and_their_edges_tell_the_same_as_quarters_of_hours(tmp_path: Path, zone: str) -> None:
    around = surroundings_of(settings())
    parts: defaultdict[PartKey, CountTally] = defaultdict(lambda: NOTHING)
    for record, rule, wrap_up in some_calls(400):
        for key, tally in parts_of_call(record, rule, around, wrap_up).items():
            parts[key] = parts[key] + tally
    async with Database(sqlite_url(tmp_path / "r.sqlite3")) as database:
        await database.write(add_parts, parts)
        reports, here = SqlReports(database), ZoneInfo(zone)
        for first, last in ((date(2026, 10, 1), date(2026, 10, 31)), (date(2026, 10, 3), date(2026, 10, 4))):
            begins, ends = period(first, last, here)
            few = await reports.parts(PartQuestion("calls", "all"), pieces([begins, ends]))
            all_rows = await reports.parts(PartQuestion("calls", "all"), [Piece(BUCKET, begins, ends)])
            assert summed(few) == summed(all_rows) != NOTHING
            assert len(few) <= len(all_rows)


@asyncio_test
async def test_a_site_with_very_many_pages_tells_the_first_ones_apart(tmp_path: Path) -> None:
    key = PartKey("calls", "page", int(OCTOBER), "acme", "")
    tally = CountTally.of({"offered": 1})
    async with Database(sqlite_url(tmp_path / "r.sqlite3")) as database:
        for begin in range(0, MOST_PAGES + 40, 60):
            pages = {key._replace(value=f"/p{number}"): tally for number in range(begin, begin + 60)}
            await database.write(add_parts, pages)
        rows = await SqlReports(database).parts(PartQuestion("calls", "page"), WHOLE)
        assert len(rows) == MOST_PAGES + 1
        assert {row[2]: CountTally(*row[3:])["offered"] for row in rows}[OTHER_PAGES] == 40
        assert DAYS == 31

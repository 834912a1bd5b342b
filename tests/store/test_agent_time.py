"""Agents' time on disk: in each bucket once, closed after a crash, aged out, and gone with the agent."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from reports.agent_time import DOINGS, SILENT, AgentSpan, pieces_of
from reports.counts import BUCKET
from reports.periods import DAY, Piece, period, pieces
from store.agent_time import SpanQuestion, SqlAgentTime
from store.database import Database, sqlite_url
from store.people import Person, SqlPeople
from store.retention import Rule, SqlRetention
from tests.aio import asyncio_test

AUTUMN = 1_793_500_000.0
WHOLE = [Piece(BUCKET, int(AUTUMN) - DAY, int(AUTUMN) + 9 * DAY)]


def some_spans(count: int = 300) -> list[AgentSpan]:
    chance, found = random.Random(3), []
    for agent in ("ann", "ben"):
        at = AUTUMN
        for _ in range(count):
            ends = at + chance.choice((1.5, 40.0, 900.0, 5000.25))
            found.append(AgentSpan(agent, chance.choice(DOINGS), at, ends))
            at = ends + chance.choice((0.0, 0.0, 3600.0))
    return found


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"])
@asyncio_test
async def test_lengths_are_those_of_the_spans_in_any_zone(tmp_path: Path, zone: str) -> None:
    spans = some_spans()
    async with Database(sqlite_url(tmp_path / "a.sqlite3")) as database:
        store = SqlAgentTime(database)
        for begin in range(0, len(spans), 70):
            await store.note(
                [span._replace(open=True, ends=span.begins) for span in spans[begin : begin + 70]]
            )
            await store.note(spans[begin : begin + 70])
            await store.note(spans[begin : begin + 70])  # what has ended is counted once
        bounds = period(date(2026, 10, 31), date(2026, 11, 2), ZoneInfo(zone))
        plain: Counter[tuple[str, str]] = Counter()
        for span in spans:
            for bucket, ms in pieces_of(span.begins, span.ends):
                if bounds[0] <= bucket < bounds[1]:
                    plain[span.agent, span.state] += ms
        told = Counter({row[1:3]: row[3] for row in await store.times([Piece(BUCKET, *bounds)], by="agent")})
        assert told == plain
        few: Counter[tuple[str, str]] = Counter()
        for _, agent, state, ms in await store.times(pieces(list(bounds)), by="agent"):
            few[agent, state] += ms
        assert few == plain
        of_ann = await store.times(pieces(list(bounds)), {"ann"}, "bucket")
        assert sum(row[3] for row in of_ann) == sum(ms for (agent, _), ms in plain.items() if agent == "ann")
        assert await store.times(pieces(list(bounds)), set()) == []


@asyncio_test
async def test_spans_are_listed_page_by_page_the_newest_first(tmp_path: Path) -> None:
    spans = some_spans(60)
    async with Database(sqlite_url(tmp_path / "a.sqlite3")) as database:
        store = SqlAgentTime(database)
        await store.note(spans)
        since, until = AUTUMN + 7000, AUTUMN + 90_000
        question, after, found = SpanQuestion(since, until, None, ("on_call", "away")), None, []
        while page := await store.spans(question, 7, after):
            found += page
            after = (page[-1].begins, page[-1].agent)
        wanted = [
            span for span in spans
            if span.begins < until and span.ends > since and span.state in ("on_call", "away")
        ]  # fmt: skip
        assert found == sorted(wanted, key=lambda each: (each.begins, each.agent), reverse=True)


@asyncio_test
async def test_what_a_dead_core_left_ended_when_it_was_last_known_to_go_on(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "a.sqlite3")) as database:
        store = SqlAgentTime(database)
        begun = AgentSpan("ann", "on_call", AUTUMN, AUTUMN + 5, open=True)
        await store.note([begun])
        await store.note([begun._replace(ends=AUTUMN + 60)])
        assert await store.times(WHOLE) == []
        assert await store.going() == [begun._replace(ends=AUTUMN + 60)]
        assert await store.close_left(AUTUMN + 60 + SILENT) == 0, "another server may have it"
        assert await store.close_left(AUTUMN + 61 + SILENT) == 1
        assert await store.close_left(AUTUMN, starts=True) == 0
        assert sum(row[3] for row in await store.times(WHOLE)) == 60_000
        assert await store.going({"ann"}) == []
        await store.note([begun._replace(ends=AUTUMN + 70, open=False)])
        assert sum(row[3] for row in await store.times(WHOLE)) == 60_000
        await store.note([begun._replace(agent="ben")])
        left = await store.close_left(AUTUMN, starts=True)
        assert left == int(database.is_alone), "who starts alone has none yet"


@asyncio_test
async def test_what_is_old_goes_in_pieces_and_what_was_counted_of_it_with_the_last(tmp_path: Path) -> None:
    spans = some_spans(40)
    async with Database(sqlite_url(tmp_path / "a.sqlite3")) as database:
        store, retention = SqlAgentTime(database), SqlRetention(database)
        await store.note([*spans, AgentSpan("cat", "away", AUTUMN - 50, AUTUMN - 20, open=True)])
        before = AUTUMN + 20 * BUCKET
        rule = Rule("agent_time", "", before)
        old = sum(span.ends < before for span in spans)
        assert await retention.count(rule) == old > 10
        after, gone = (0.0, ""), 0
        while after is not None:
            after, count = await retention.sweep(rule, after, 10)
            gone += count
        assert (gone, await retention.count(rule)) == (old, 0)
        left = await store.times(WHOLE)
        assert left
        assert all(bucket + BUCKET > before for bucket, *_ in left)
        assert [span.agent for span in await store.going()] == ["cat"]


@asyncio_test
async def test_an_agents_time_is_handed_out_and_erased(tmp_path: Path) -> None:
    async with Database(sqlite_url(tmp_path / "a.sqlite3")) as database:
        store, people = SqlAgentTime(database), SqlPeople(database)
        await store.note(some_spans(20))
        ann = Person(agent="ann")
        kept = await people.find(ann)
        assert kept.counts["agent_spans"] == 20
        assert (await people.find(ann, sites=("shop",))).counts["agent_spans"] == 0
        await people.erase(ann, kept)
        assert (await people.find(ann)).counts["agent_spans"] == 0
        assert {row[1] for row in await store.times(WHOLE, by="agent")} == {"ben"}

"""Reports of two parts at once tell what a plain count of the kept calls tells: JSON, CSV and list."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from reports.counts import BUCKET
from reports.parts import PARTS, Part, counted_call, tally_of, values_of
from reports.results import figures
from reports.tally import NOTHING, CountTally
from server.surroundings import surroundings_of
from store import kept_talks
from store.talks import TalkQuestion
from tests.aio import asyncio_test
from tests.api.portal.house import log_in, staffed
from tests.api.portal.test_reports import MONTH, asked, counted
from tests.api.serving import Server, serving
from tests.reports.month import some_calls
from tests.store.records import a_click

SINGLE = [part for part in PARTS if part != "all"]


def plain(server: Server, pair: tuple[Part, Part]) -> dict[tuple[str, str], CountTally]:
    """Each call looked at, one after the other."""
    around = surroundings_of(server.world.config)
    found = defaultdict[tuple[str, str], CountTally](lambda: NOTHING)
    for number, (record, _, _) in enumerate(some_calls(120)):
        call = replace(counted_call(record, 0.0), page=a_click().page)  # as the calls are kept
        values = values_of(call, "rescue" if number == 0 else "", around)
        found[values[pair[0]], values[pair[1]]] += tally_of(call, around)
    return found


@asyncio_test
async def test_two_parts_tell_what_a_plain_count_of_the_calls_tells(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        await counted(server)
        await log_in(server)
        for one, other in combinations(SINGLE, 2):
            table = plain(server, (one, other))
            for (value, also_value), tally in list(table.items())[:6]:
                narrowed = {"part": one, "value": value, "also": other, "also_value": also_value}
                report = await asked(
                    server, "reports/calls", **MONTH, **narrowed, every="week", compare="none"
                )
                assert report["total"] == figures(tally, "calls"), narrowed
                assert sum(step["metrics"]["offered"] for step in report["steps"]) == tally["offered"]
                assert sum(cell["metrics"]["offered"] for cell in report["heat"]) == tally["offered"]
                times = {"since": report["period"]["begins"], "until": report["period"]["ends"], "limit": 200}
                listed = await asked(server, "talks/calls", **times, **narrowed, metric="answered")
                assert len(listed["talks"]) == tally["answered"]
            # Narrowed by one part, told apart by another.
            value = next(iter(table))[0]
            report = await asked(server, "reports/calls", **MONTH, part=one, value=value, by=other)
            assert {each["value"]: each["metrics"] for each in report["groups"]} == {
                also: figures(tally, "calls") for (own, also), tally in table.items() if own == value
            }
            # Offers, which tell the rule, are kept for 90 days if nothing is said.
            since = server.clock.time() - 90 * 86400 if "rule" in (one, other) else None
            assert report["kept"] == {"since": since, "most": kept_talks.MOST_COUNTED}


@asyncio_test
async def test_one_part_is_told_alike_by_counts_and_by_calls(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        await counted(server)
        await log_in(server)
        counts = await asked(server, "reports/calls", **MONTH, part="route", value="sales", by="site")
        also = await asked(server, "reports/calls", **MONTH, also="route", also_value="sales", by="site")
        assert also == counts
        assert counts["kept"] is None
        kept = await asked(server, "reports/calls", **MONTH, part="route", value="sales", by="agent")
        assert kept["kept"] is not None
        for name in ("total", "steps", "heat", "before", "steps_before"):
            assert kept[name] == counts[name]
        answer = await server.http.get(
            "/v1/portal/reports/calls/csv",
            params={**MONTH, "part": "route", "value": "sales", "by": "agent", "table": "groups"},
        )
        rows = list(csv.reader(io.StringIO(answer.text)))[1:]
        assert [[float(cell) if cell else None for cell in row[1:]] for row in rows] == [
            list(each["metrics"].values()) for each in kept["groups"]
        ]


@pytest.mark.parametrize(
    ("narrowed", "keep"),
    [
        ({"part": "route", "by": "outcome"}, 30),
        ({"part": "page", "by": "outcome"}, 10),
        ({"part": "rule", "by": "outcome"}, 20),
    ],
)
@asyncio_test
async def test_it_is_said_since_when_calls_are_kept(
    tmp_path: Path, narrowed: dict[str, Any], keep: int
) -> None:
    retention = {"calls": "30d", "visitors": "10d", "pages": "20d"}
    async with serving(tmp_path, staffed(retention=retention)) as server:
        await log_in(server)
        report = await asked(server, "reports/calls", **narrowed, value="x", compare="before")
        assert report["kept"]["since"] == server.clock.time() - keep * 86400
        assert report["before"] is None, "what is not kept any more is no fall"
        assert report["steps_before"] == []


@asyncio_test
async def test_what_is_too_much_or_twice_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_talks, "MOST_COUNTED", 20)
    async with serving(tmp_path, staffed()) as server:
        await counted(server)
        await log_in(server)
        asks = {
            "first": {"part": "route", "value": "sales", "by": "outcome"},
            "also": {"part": "route", "value": "sales", "also": "route", "also_value": "support"},
        }
        for parameter, params in asks.items():
            answer = await server.http.get("/v1/portal/reports/calls", params={**MONTH, **params})
            assert answer.json()["errors"][0]["path"] == f"query.{parameter}"
        await log_in(server, "reports")
        for path in ("reports/calls", "talks/calls"):
            params = {**MONTH, "also": "agent", "also_value": "alice", "since": 0, "until": 1}
            answer = await server.http.get(f"/v1/portal/{path}", params=params)
            assert answer.json()["id"] == "right_missing"


@given(some.floats(0, 1e9), some.floats(1, 1e8))
def test_a_period_is_read_in_a_few_pieces_that_share_no_bucket(since: float, length: float) -> None:
    whole = TalkQuestion("calls", since, since + length)
    pieces = list(kept_talks.pieces_of_period(whole))
    assert 1 <= len(pieces) <= kept_talks.PIECES + 1
    assert (pieces[0].since, pieces[-1].until) == (whole.since, whole.until)
    for one, other in pairwise(pieces):
        assert one.until == other.since
        assert one.until % BUCKET == 0

"""A report over 90 days and a million calls, as the portal asks for it; part of ``bench.portal``."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from api.portal.reports import PortalReports, ReportQuery
from config.models import Config
from reports.counts import BUCKET
from reports.parts import Part, PartKey
from reports.periods import DAY
from reports.tally import NOTHING, Count, CountTally
from server.surroundings import surroundings_of
from store.database import Database, sqlite_url
from store.reports import SqlReports
from store.tables import part_counts

#: Settings that name nothing: values are shown as they are.
BARE = Config.model_validate({"trunks": {}, "sites": {}, "routes": {}}, strict=False)
DAYS = 90
#: 1 September 2026, UTC.
BEGINS = 1_788_220_800
#: What calls are told apart by: three sites, and so many values of each part.
SITES = ("acme", "outdoor", "coolway")
VALUES: dict[Part, int] = {
    "all": 1, "route": 12, "queue": 4, "agent": 40, "page": 60, "rule": 8, "outcome": 8,
}  # fmt: skip


def counted(calls: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """The rows of so many calls, most of them by day, as a shop's are."""
    chance = random.Random(seed)
    hours = [1, 1, 1, 1, 1, 2, 4, 8, 14, 20, 24, 25, 24, 22, 22, 22, 20, 18, 14, 10, 8, 6, 3, 2]
    by_day: defaultdict[PartKey, CountTally] = defaultdict(lambda: NOTHING)
    # In the order of the table's key: so that they are written at once, page after page.
    for part, number in sorted(VALUES.items()):
        for bucket in range(BEGINS, BEGINS + DAYS * DAY, BUCKET):
            mean = calls * hours[bucket // 3600 % 24] / sum(hours) / DAYS / 4 / len(SITES)
            for site in sorted(SITES):
                for value in sorted(f"{part}{each}" if number > 1 else "" for each in range(number)):
                    share = mean / number
                    count = int(share) + (chance.random() < share % 1)
                    if count:
                        tally = _some(count, chance)
                        key = PartKey("calls", part, bucket, site, value)
                        by_day[key._replace(bucket=bucket // DAY * DAY)] += tally
                        yield {"span": BUCKET, **key._asdict(), **tally.packed()}
    for key, tally in by_day.items():
        yield {"span": DAY, **key._asdict(), **tally.packed()}


def _some(count: int, chance: random.Random) -> CountTally:
    answered = round(count * 0.8)
    waits = [chance.lognormvariate(2.5, 0.8) for _ in range(min(answered, 1))]
    counts: dict[Count, float] = {
        "offered": count,
        "answered": answered,
        "in_time": answered // 2,
        "dialled": count,
        "reached": count,
        "wait": sum(waits),
        "talk": 180.0 * answered,
        "bridged": answered,
        "cancelled": count - answered,
    }
    return CountTally.of(counts, wait=waits[0] if waits else None)


async def _measure(calls: int, rounds: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="portal-") as folder:
        async with Database(sqlite_url(Path(folder) / "r.sqlite3")) as database:
            rows = list(counted(calls))

            def keep(connection: Connection, begin: int) -> None:
                connection.execute(insert(part_counts), rows[begin : begin + 20_000])

            for begin in range(0, len(rows), 20_000):
                await database.write(keep, begin)
            reports = PortalReports(lambda: BARE, SqlReports(database), surroundings_of, time.time)
            first, last = date(2026, 9, 1), date(2026, 11, 29)
            wall: dict[str, float] = {}
            cpu: dict[str, float] = {}
            for by in (None, "route", "agent", "page"):
                for zone in ("UTC", "America/New_York"):
                    taken = []
                    for _ in range(rounds):
                        began, spent = time.perf_counter(), time.process_time()
                        await reports.report(ReportQuery("calls", first, last, zone, by=by))
                        taken.append((time.perf_counter() - began, time.process_time() - spent))
                    name = f"{by or 'whole'} {zone}"
                    wall[name] = round(min(each for each, _ in taken) * 1000, 1)
                    cpu[name] = round(min(each for _, each in taken) * 1000, 1)
            return {"calls": calls, "days": DAYS, "rows": len(rows), "wall_ms": wall, "cpu_ms": cpu}


def measure(calls: int = 1_000_000, rounds: int = 3) -> dict[str, Any]:
    """Milliseconds of each report, its JSON not included; the best of some rounds."""
    return asyncio.run(_measure(calls, rounds))

"""A report of agents' time over 90 days, as the portal asks for it; part of ``bench.portal``."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from api.portal.agent_reports import AgentReports, TimeBy, TimeQuery
from bench.portal_reports import BARE, BEGINS, DAYS
from reports.counts import BUCKET
from reports.periods import DAY, Every
from server.surroundings import surroundings_of
from store.agent_time import SqlAgentTime
from store.database import Database, sqlite_url
from store.tables import agent_time

AGENTS = 40
#: Hours of a day in which they work, and what each of them does in each quarter of an hour.
HOURS = range(8, 18)
STATES = ("available", "away", "on_call", "ringing", "wrap_up")


def _rows() -> Iterator[dict[str, Any]]:
    chance = random.Random(1)
    for span in (BUCKET, DAY):
        for bucket in range(BEGINS, BEGINS + DAYS * DAY, span):
            if span == DAY or bucket // 3600 % 24 in HOURS:
                for agent in range(AGENTS):
                    for state in STATES:
                        key = {"span": span, "bucket": bucket, "agent": f"agent{agent:02}", "state": state}
                        yield key | {"ms": chance.randrange(1, span * 200)}


async def _measure(rounds: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="agents-") as folder:
        async with Database(sqlite_url(Path(folder) / "a.sqlite3")) as database:
            rows = list(_rows())

            def keep(connection: Connection, begin: int) -> None:
                connection.execute(insert(agent_time), rows[begin : begin + 20_000])

            for begin in range(0, len(rows), 20_000):
                await database.write(keep, begin)
            reports = AgentReports(lambda: BARE, surroundings_of, SqlAgentTime(database), time.time)
            told: dict[str, dict[str, float]] = {}
            asked: tuple[tuple[TimeBy | None, Every], ...] = (
                (None, "day"),
                ("agent", "day"),
                ("agent", "hour"),
            )
            for by, every in asked:
                taken = []
                for _ in range(rounds):
                    began, spent = time.perf_counter(), time.process_time()
                    await reports.report(
                        TimeQuery(
                            date(2026, 9, 1), date(2026, 11, 29), "America/New_York", by=by, every=every
                        )
                    )
                    taken.append((time.perf_counter() - began, time.process_time() - spent))
                wall, cpu = (round(min(each) * 1000, 1) for each in zip(*taken, strict=True))
                told[f"{by or 'whole'} {every}"] = {"wall_ms": wall, "cpu_ms": cpu}
            return {"agents": AGENTS, "days": DAYS, "rows": len(rows), "reports": told}


def measure(rounds: int = 3) -> dict[str, Any]:
    """Milliseconds of each report, its JSON not included; the best of some rounds."""
    return asyncio.run(_measure(rounds))

"""Reports of two parts over 90 days and a million kept calls; part of ``bench.portal``."""

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

from api.portal.period_params import wrong_parameter
from api.portal.reports import PortalReports, ReportQuery
from api.problems import RequestError
from bench.portal_reports import BARE, BEGINS, DAYS, SITES
from bridge.causes import Disposition
from reports.parts import Part
from reports.periods import DAY
from reports.results import By
from server.surroundings import surroundings_of
from store.database import Database, sqlite_url
from store.reports import SqlReports
from store.tables import calls, legs

ROUTES, AGENTS, PAGES = 12, 40, 60
OUTCOMES = [each.value for each in Disposition]
#: What is asked for: how it is narrowed, and what it is told apart by.
ASKED: tuple[tuple[dict[Part, str], By | None], ...] = (
    ({"route": "route3", "agent": "agent7"}, None),
    ({"agent": "agent7", "outcome": "bridged"}, None),
    ({"route": "route3", "outcome": "unanswered"}, None),
    ({"agent": "agent7"}, "route"),
    ({"route": "route3"}, "agent"),
    ({"page": "/page5", "agent": "agent7"}, None),
    ({"page": "/page5"}, "route"),
    ({"outcome": "bridged"}, "route"),
)
PIECE = 20_000


def _rows(count: int) -> Iterator[tuple[list[dict[str, Any]], list[dict[str, Any]]]]:
    """Calls with their legs, in the order of time: half of them are bridged."""
    chance = random.Random(5)
    for begin in range(0, count, PIECE):
        some: list[dict[str, Any]] = []
        its_legs: list[dict[str, Any]] = []
        for number in range(begin, min(count, begin + PIECE)):
            at = BEGINS + DAYS * DAY * number / count
            outcome = "bridged" if number % 2 else chance.choice(OUTCOMES)
            bridged = at + chance.lognormvariate(2.5, 0.8) if outcome == "bridged" else None
            call = f"c{number:07}"
            some.append({
                "id": call, "site": chance.choice(SITES), "route": f"route{chance.randrange(ROUTES)}",
                "number": "", "page": f"https://shop.example/page{chance.randrange(PAGES)}", "context": {},
                "client_ip": "", "requested_at": at, "bridged_at": bridged, "ended_at": at + 200,
                "disposition": outcome, "counted": 1,
            })  # fmt: skip
            leg = {
                "call_id": call,
                "label": "",
                "uri": "",
                "dialed_at": at,
                "ended_at": at + 200,
                "cause": "normal",
            }
            its_legs.append({
                **leg, "position": 0, "leg_id": f"{call}-s", "role": "shopper", "destination": "shopper",
                "answered_at": at + 3, "joined_at": bridged,
            })  # fmt: skip
            if bridged:
                its_legs.append({
                    **leg, "position": 1, "leg_id": f"{call}-b", "role": "business",
                    "destination": f"agent:agent{chance.randrange(AGENTS)}", "answered_at": bridged,
                    "joined_at": bridged,
                })  # fmt: skip
        yield some, its_legs


def _keep(connection: Connection, rows: tuple[list[dict[str, Any]], list[dict[str, Any]]]) -> None:
    connection.execute(insert(calls), rows[0])
    shoppers = [row for row in rows[1] if row["position"] == 0]
    connection.execute(insert(legs), shoppers)
    connection.execute(insert(legs), [row for row in rows[1] if row["position"]])


async def _measure(count: int, rounds: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="two-parts-") as folder:
        async with Database(sqlite_url(Path(folder) / "t.sqlite3")) as database:
            for rows in _rows(count):
                await database.write(_keep, rows)
            reports = PortalReports(lambda: BARE, SqlReports(database), surroundings_of, time.time)
            told: dict[str, dict[str, float | str]] = {}
            for narrowed, by in ASKED:
                (part, value), (also, also_value) = [*narrowed.items(), ("all", "")][:2]
                query = ReportQuery(
                    "calls", date(2026, 9, 1), date(2026, 11, 29), part=part, value=value, by=by,
                    also=also, also_value=also_value,
                )  # fmt: skip
                name = " + ".join(narrowed) + (f" by {by}" if by else "")
                told[name] = await _one(reports, query, rounds)
            return {"calls": count, "days": DAYS, "reports": told}


async def _one(reports: PortalReports, query: ReportQuery, rounds: int) -> dict[str, float | str]:
    taken, counted = [], 0.0
    for _ in range(rounds):
        began, spent = time.perf_counter(), time.process_time()
        try:
            view = await reports.report(query)
        except RequestError as error:
            if error.problem is not wrong_parameter("first", "").problem:
                raise
            return {"refused": "too many"}
        taken.append((time.perf_counter() - began, time.process_time() - spent))
        counted = view.total["offered"] or 0.0
    wall, cpu = (round(min(each) * 1000, 1) for each in zip(*taken, strict=True))
    return {"counted": counted, "wall_ms": wall, "cpu_ms": cpu}


def measure(count: int = 1_000_000, rounds: int = 3) -> dict[str, Any]:
    """Milliseconds of each report, its JSON not included; the best of some rounds."""
    return asyncio.run(_measure(count, rounds))

"""A month of a million calls, counted as the server does and told by a report, beside a plain count."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import Counter, defaultdict
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from api.portal.reports import PortalReports, ReportQuery
from bench.portal_reports import BARE
from bridge.causes import Disposition
from bridge.cdr import CallRecord
from reports.parts import PartKey, parts_of_call
from reports.tally import NOTHING, CountTally
from server.surroundings import surroundings_of
from store.database import Database, sqlite_url
from store.parts import add_parts
from store.reports import SqlReports
from tests.reports.month import AROUND, some_calls

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
#: As many calls are counted in one transaction.
AT_ONCE = 20_000
#: With an odd offset; and one whose clock is set in this month.
ZONES = ("UTC", "Asia/Kathmandu", "Australia/Lord_Howe")


class PlainCount:
    """What a list of calls says, counted one after the other."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)
        self.counts: Counter[tuple[str, Any]] = Counter()
        self.waits: list[float] = []

    def add(self, record: CallRecord) -> None:
        """One more."""
        at = datetime.fromtimestamp(record.requested_at, self._zone)
        if not FIRST <= at.date() <= LAST:
            return
        if record.disposition is Disposition.REFUSED:
            self.counts["refused", ""] += 1
            return
        for what in (("offered", ""), ("day", at.date().isoformat()), ("hour", (at.weekday(), at.hour)),
                     ("route", record.route)):  # fmt: skip
            self.counts[what] += 1
        if record.bridged_at is not None:
            self.counts["answered", ""] += 1
            self.waits.append(record.bridged_at - record.requested_at)


async def _differences(reports: PortalReports, zone: str, plain: PlainCount) -> list[str]:
    """What the report says otherwise."""
    view = await reports.report(ReportQuery("calls", FIRST, LAST, zone, by="route"))
    told: Counter[tuple[str, Any]] = Counter()
    for name in ("offered", "answered", "refused"):
        told[name, ""] = int(view.total[name] or 0)
    for step in view.steps:
        told["day", step.label[:10]] = int(step.metrics["offered"] or 0)
    for cell in view.heat:
        told["hour", (cell.weekday, cell.hour)] = int(cell.metrics["offered"] or 0)
    for group in view.groups:
        told["route", group.value] = int(group.metrics["offered"] or 0)
    wrong = [f"{zone} {key}: {told[key]}, not {plain.counts[key]}" for key in {*told, *plain.counts}
             if told[key] != plain.counts[key]]  # fmt: skip
    waits = sorted(plain.waits)
    for name, share in (("speed_p50", 0.5), ("speed_p90", 0.9)):
        exact, found = waits[int(len(waits) * share)], view.total[name] or 0.0
        if abs(found - exact) > exact * 0.06:
            wrong.append(f"{zone} {name}: {found}, not {exact}")
    return wrong


async def _measure(calls: int) -> dict[str, Any]:
    plain = {zone: PlainCount(zone) for zone in ZONES}
    counting = 0.0
    with tempfile.TemporaryDirectory(prefix="month-") as folder:
        async with Database(sqlite_url(Path(folder) / "m.sqlite3")) as database:
            made = some_calls(calls, in_order=True)
            while some := list(islice(made, AT_ONCE)):
                for record, _, _ in some:
                    for each in plain.values():
                        each.add(record)
                began = time.process_time()
                parts: defaultdict[PartKey, CountTally] = defaultdict(lambda: NOTHING)
                for record, rule, wrap_up in some:
                    for key, tally in parts_of_call(record, rule, AROUND, wrap_up).items():
                        parts[key] += tally
                await database.write(add_parts, parts)
                counting += time.process_time() - began
            reports = PortalReports(lambda: BARE, SqlReports(database), surroundings_of, time.time)
            wrong = [
                difference
                for zone, each in plain.items()
                for difference in await _differences(reports, zone, each)
            ]
    compared = sum(len(each.counts) for each in plain.values())
    cost = round(counting / calls * 1e6, 1)
    return {"calls": calls, "compared": compared, "wrong": wrong[:20], "us_a_call": cost}


def measure(calls: int = 1_000_000) -> dict[str, Any]:
    """How many numbers were compared, and those that differ; and what counting a call costs, in µs of CPU."""
    return asyncio.run(_measure(calls))

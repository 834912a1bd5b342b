"""Conversions at the portal: what the command line tells, of the days of a zone and the sites asked for."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from tests.aio import asyncio_test
from tests.api.portal.experiments import NOVEMBER, with_experiments
from tests.api.portal.house import log_in, staffed
from tests.api.portal.test_reports import asked
from tests.api.serving import Server, serving
from visits.report_tables import TABLES


@asyncio_test
async def test_uplift_and_those_who_talked_stand_beside_each_other(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        await with_experiments(server)
        await log_in(server)
        view = await asked(server, "conversions", **NOVEMBER)
        by_rule = {each["rule"]: each for each in view["report"]["uplift"]}
        assert by_rule["rescue"]["verdict"] == "more"
        assert by_rule["rescue"]["treated"]["converted"] == 240
        assert (by_rule["browse"]["verdict"], by_rule["browse"]["missing"]) == ("too_early", 400)
        chosen = {each["rule"]: each for each in view["report"]["self_selected"]}
        assert chosen["rescue"]["accepted"]["rate"] > chosen["rescue"]["others"]["rate"]
        orders = view["report"]["credits"]
        (sales,) = view["report"]["sales"]
        assert sum(each["orders"] for each in orders) == sales["orders"]
        assert sum(each["money"] for each in orders) == sales["money"]
        assert view["window"] == 72 * 3600

        # Other days, and another site, have nothing of it.
        for other in ({**NOVEMBER, "site": "none"}, {"first": "2026-10-01", "last": "2026-10-31"}):
            assert (await asked(server, "conversions", **other))["report"]["uplift"] == []
        # The first invitations were made on the first day in UTC: the day before in New York.
        one = {"first": "2026-10-31", "last": "2026-10-31", "zone": "America/New_York"}
        assert (await asked(server, "conversions", **one))["report"]["uplift"] != []
        answer = await server.http.get("/v1/portal/conversions", params={"zone": "Mars/Olympus"})
        assert answer.json()["id"] == "validation_failed"


async def table_of(server: Server, table: str) -> list[dict[str, str]]:
    answer = await server.http.get("/v1/portal/conversions/csv", params={**NOVEMBER, "table": table})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    name = f"conversions-{table}-2026-11-01-2026-11-30.csv"
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    head, *lines = csv.reader(io.StringIO(answer.text))
    assert all(len(line) == len(head) == len(set(head)) for line in lines)
    return [dict(zip(head, line, strict=True)) for line in lines]


@asyncio_test
async def test_the_files_are_what_the_screen_shows(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        await with_experiments(server)
        await log_in(server)
        report = (await asked(server, "conversions", **NOVEMBER))["report"]
        files = {table: await table_of(server, table) for table in TABLES}
        assert [(row["Credited to"], int(row["Orders"]), int(row["Money in minor units"]))
                for row in files["orders"]] == [
            (each["way"], each["orders"], each["money"]) for each in report["credits"]
        ]  # fmt: skip
        uplift = {row["Rule"]: row for row in files["uplift"]}
        (rescue,) = (each for each in report["uplift"] if each["rule"] == "rescue")
        assert float(uplift["rescue"]["Difference"]) == rescue["difference"]
        assert int(uplift["rescue"]["Shown: bought"]) == 240
        # Too early: no number is told that the screen does not tell.
        assert (uplift["browse"]["Verdict"], uplift["browse"]["Difference"]) == ("too_early", "")
        assert uplift["browse"]["Visitors missing"] == "400"
        assert len(files["talked"]) == len(report["self_selected"]) > 0
        for table, key in (("invitations", "rules"), ("buttons", "buttons"), ("held", "held")):
            assert len(files[table]) == len(report[key])
        wrong = await server.http.get("/v1/portal/conversions/csv", params={"table": "all"})
        assert wrong.json()["id"] == "validation_failed"

"""Conversions at the portal: what the command line tells, of the days of a zone and the sites asked for."""

from __future__ import annotations

from pathlib import Path

from tests.aio import asyncio_test
from tests.api.portal.experiments import NOVEMBER, with_experiments
from tests.api.portal.house import log_in, staffed
from tests.api.portal.test_reports import asked
from tests.api.serving import serving


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

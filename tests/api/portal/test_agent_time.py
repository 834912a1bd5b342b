"""Agents' time at the portal: screen, CSV and API tell what the spans do; a number leads to them."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.models import Config
from reports.agent_time import AgentSpan, pieces_of
from tests.aio import asyncio_test
from tests.api.portal.house import log_in, staffed
from tests.api.portal.test_reports import asked
from tests.api.serving import serving
from tests.store.test_agent_time import AUTUMN, some_spans

DAYS = {"first": "2026-10-31", "last": "2026-11-03"}


def with_queue() -> Config:
    """A queue whose route rings alice."""
    config = staffed().model_dump(mode="json", context={"reveal": True})
    config["queues"] = {"line": {}, "empty": {}}
    route = next(iter(config["routes"].values()))
    route["queue"] = "line"
    route["steps"] = [{"destinations": ["agent:alice"]}]
    return Config.model_validate(config, strict=False)


def renamed() -> list[AgentSpan]:
    names = {"ann": "alice", "ben": "ben"}
    return [span._replace(agent=names[span.agent]) for span in some_spans(120)]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Australia/Lord_Howe"])
@asyncio_test
async def test_the_file_the_screen_and_a_plain_count_are_the_same(tmp_path: Path, zone: str) -> None:
    spans = renamed()
    async with serving(tmp_path, with_queue()) as server:
        await server.stores.agent_time.note(spans)
        await log_in(server)
        query = {**DAYS, "zone": zone, "every": "hour", "compare": "before", "by": "agent"}
        report = await asked(server, "reports/agents", **query)
        begins, ends = report["period"]["begins"], report["period"]["ends"]
        plain: Counter[str] = Counter()
        of_agents: Counter[tuple[str, str]] = Counter()
        of_hours: Counter[tuple[int, int]] = Counter()
        for span in spans:
            for bucket, ms in pieces_of(span.begins, span.ends):
                if begins <= bucket < ends:
                    plain[span.state] += ms
                    of_agents[span.agent, span.state] += ms
                    at = datetime.fromtimestamp(bucket, ZoneInfo(zone))
                    of_hours[at.weekday(), at.hour] += ms
        for state, ms in plain.items():
            assert report["total"][state] == pytest.approx(ms / 1000)
            assert sum(step["metrics"][state] for step in report["steps"]) == pytest.approx(ms / 1000)
        told = {(each["weekday"], each["hour"]): each["metrics"]["logged_in"] for each in report["heat"]}
        assert told == {hour: pytest.approx(ms / 1000) for hour, ms in of_hours.items()}
        for group in report["groups"]:
            metrics = group["metrics"]
            for state in plain:
                assert metrics[state] == pytest.approx(of_agents[group["value"], state] / 1000)
            worked = metrics["on_call"] + metrics["on_chat"] + metrics["wrap_up"]
            assert metrics["occupancy"] == pytest.approx(worked / (worked + metrics["available"]), abs=1e-4)
        assert [group["label"] for group in report["groups"]] == ["Alice", "Ben"]
        assert {each["id"] for each in report["definitions"]} == set(report["total"])
        for table, rows in (("steps", "steps"), ("groups", "groups"), ("heat", "heat")):
            path = "/v1/portal/reports/agents/csv"
            answer = await server.http.get(path, params={**query, "table": table})
            read = list(csv.reader(io.StringIO(answer.text)))
            skip = 2 if table == "heat" else 1
            for line, row in zip(read[1:], report[rows], strict=True):
                cells = [None if cell == "" else float(cell) for cell in line[skip:]]
                assert cells == list(row["metrics"].values())


@asyncio_test
async def test_a_queue_has_the_time_of_those_whom_its_routes_ring(tmp_path: Path) -> None:
    async with serving(tmp_path, with_queue()) as server:
        await server.stores.agent_time.note(renamed())
        await log_in(server)
        by_agent = await asked(server, "reports/agents", **DAYS, by="agent")
        alice = next(each for each in by_agent["groups"] if each["value"] == "alice")
        by_queue = await asked(server, "reports/agents", **DAYS, by="queue", compare="year")
        assert [(each["value"], each["metrics"]) for each in by_queue["groups"]] == [
            ("line", alice["metrics"])
        ]
        of_line = await asked(server, "reports/agents", **DAYS, queue="line")
        of_alice = await asked(server, "reports/agents", **DAYS, agent="alice", queue="line")
        assert of_line["total"] == of_alice["total"] == alice["metrics"]
        nobody = await asked(server, "reports/agents", **DAYS, agent="ben", queue="line")
        assert nobody["total"]["logged_in"] == 0
        assert nobody["total"]["occupancy"] is None


@asyncio_test
async def test_what_goes_on_counts_until_now_and_a_number_leads_to_its_spans(tmp_path: Path) -> None:
    async with serving(tmp_path, with_queue()) as server:
        now = server.clock.time()
        today = datetime.fromtimestamp(now, ZoneInfo("UTC")).date().isoformat()
        await server.stores.agent_time.note(
            [
                AgentSpan("alice", "available", now - 90, now - 30),
                AgentSpan("alice", "on_call", now - 30, now - 20, open=True),
                AgentSpan("ben", "away", now - 5000, now - 4000, open=True),  # of a server that is gone
            ]
        )
        await log_in(server)
        report = await asked(server, "reports/agents", first=today, last=today, by="agent")
        told = {each["value"]: each["metrics"]["logged_in"] for each in report["groups"]}
        assert told["alice"] == pytest.approx(90, abs=2)
        assert told.get("ben", 0) <= 1000
        times = {"since": now - 6000, "until": now + 60, "limit": 2}
        page = await asked(server, "reports/agents/spans", **times)
        more = await asked(server, "reports/agents/spans", **times, cursor=page["next"])
        listed = [*page["spans"], *more["spans"]]
        assert [(each["label"], each["state"], each["ends"] is None) for each in listed] == [
            ("Alice", "on_call", True), ("Alice", "available", False), ("Ben", "away", True),
        ]  # fmt: skip
        only = await asked(server, "reports/agents/spans", **times, agent="alice", state="available")
        assert [each["begins"] for each in only["spans"]] == [pytest.approx(now - 90)]
        trail = (await asked(server, "audit"))["entries"]
        assert [(each["what"], each["about"]) for each in trail] == [
            ("agent_time_opened", {"agent": "alice"}), ("agent_time_opened", {"agent": ""}),
        ]  # fmt: skip


@asyncio_test
async def test_single_agents_need_the_right_for_agents(tmp_path: Path) -> None:
    async with serving(tmp_path, with_queue()) as server:
        await server.stores.agent_time.note(renamed())
        await log_in(server, "reports")
        for params in ({"by": "agent"}, {"agent": "alice"}):
            for path in ("reports/agents", "reports/agents/csv"):
                answer = await server.http.get(f"/v1/portal/{path}", params={**DAYS, **params})
                assert answer.json()["id"] == "right_missing"
        report = await asked(server, "reports/agents", **DAYS, by="queue")
        assert report["total"]["logged_in"] > 0
        answer = await server.http.get(
            "/v1/portal/reports/agents/spans", params={"since": AUTUMN, "until": AUTUMN + 10}
        )
        assert answer.json()["id"] == "right_missing"
        await log_in(server)
        for wrong in ({"by": "site"}, {"zone": "Mars/Olympus"}, {"first": "2010-01-01"}):
            answer = await server.http.get("/v1/portal/reports/agents", params=wrong)
            assert answer.json()["id"] == "validation_failed"

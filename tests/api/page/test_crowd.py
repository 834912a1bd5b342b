"""Many simulated visitors through the HTTP API: what the database counts is what they did."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

from bench.crowd import CrowdDid, Habits, visit
from bench.wire import connected
from config.models import Config
from tests.aio import asyncio_test
from tests.api.page.shopper import RESCUE, counted, shop
from tests.api.serving import Server, listening, serving
from tests.api.shop import ORIGIN, SITE_KEY, admin


def crowded() -> Config:
    """Half of the visitors are the control group, and each comes from an address of their own."""
    rule = {**RESCUE, "control": "50%", "since": "2026-11-01"}
    return shop({"rescue": rule}, server={"trusted_proxies": ["127.0.0.1/32"]})


async def come(server: Server, count: int, habits: Habits, seed: int) -> CrowdDid:
    async with listening(server) as port, connected(f"127.0.0.1:{port}", ORIGIN, 4) as wires:
        did = await visit(wires, SITE_KEY, count, habits, random.Random(seed))
    assert did.refused == 0
    return did


async def in_the_database(server: Server) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for (_, arm, outcome, _), n in (await counted(server)).items():
        if outcome != "held":
            found[arm, outcome] += n
    return found


@asyncio_test
async def test_the_database_counts_what_a_crowd_did(tmp_path: Path) -> None:
    async with serving(tmp_path, crowded()) as server:
        did = await come(server, 400, Habits(leaves=0.2, buys=0.2, buys_invited=0.4), seed=1)
        assert await in_the_database(server) == did.told
        arms = {arm.arm: arm for arm in await server.stores.visits.arms(0, 2**40)}
        assert {name: arm.visitors for name, arm in arms.items()} == dict(did.exposed)
        assert {name: arm.claimed for name, arm in arms.items()} == dict(did.bought)
        assert arms["shown"].accepted == did.told["shown", "accepted"]
        assert arms["shown"].declined == did.told["shown", "declined"]

        asked = {"since": 0, "until": 2**40}
        answer = await server.http.get("/v1/reports/engagement", params=asked, headers=admin())
        report = answer.json()
        (uplift,) = report["uplift"]
        assert (uplift["rule"], uplift["source"]) == ("rescue", "page")
        assert uplift["treated"]["converted"] == did.bought["shown"]
        assert uplift["ratio_p"] > 0.001
        assert {each["arm"]: each["counts"]["exposed"] for each in report["rules"]} == dict(did.exposed)
        assert [(each["source"], each["orders"]) for each in report["sales"]] == [
            ("page", sum(did.bought.values()))
        ]
        refused = await server.http.get("/v1/reports/engagement", params=asked)
        assert refused.status_code == 401


@asyncio_test
async def test_visits_that_leave_at_once_lose_no_exposure(tmp_path: Path) -> None:
    async with serving(tmp_path, crowded()) as server:
        did = await come(server, 300, Habits(leaves=1.0), seed=2)
        found = await in_the_database(server)
        assert found == did.told
        assert sum(did.exposed.values()) == 300
        # Five standard deviations: one run in millions.
        assert abs(found["control", "exposed"] - 150) < 44

"""The page surface under attack: foreign pages, bodies without end, offers that are forged or sent again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route

from tests.aio import asyncio_test
from tests.api.page.shopper import RESCUE, TEXT, Shopper, counted, shop
from tests.api.serving import Server, serving
from tests.api.shop import ORIGIN, SITE_KEY

VIEW = "view-of-the-page-0123"
EVIL = "https://evil.example"
#: One good request to each address of pages that takes a body.
ASKED: dict[str, dict[str, Any]] = {
    "/v1/page": {"v": 1, "site": SITE_KEY, "view": VIEW, "page": {"url": f"{ORIGIN}/"}, "trusted": True},
    "/v1/page/events": {"v": 1, "site": SITE_KEY, "view": VIEW, "what": "opted_out"},
    "/v1/page/explain": {"v": 1, "site": SITE_KEY, "view": VIEW},
    "/v1/page/challenge": {"site_key": SITE_KEY},
    "/v1/page/number": {"site_key": SITE_KEY, "number": "617 555"},
    "/v1/page/answers/helped": {"site": SITE_KEY, "what": "asked", "question": "where is it"},
    "/v1/page/lead": {"site_key": SITE_KEY, "request": "k" * 32, "number": "(617) 555-0123"},
}


async def ask(server: Server, path: str, body: dict[str, Any], origin: str | None = ORIGIN) -> Any:
    kind = TEXT if path in ("/v1/page", "/v1/page/events", "/v1/page/explain") else {
        "Content-Type": "application/json"
    }  # fmt: skip
    headers = {**kind, **({"Origin": origin} if origin else {})}
    return await server.http.post(path, content=json.dumps(body), headers=headers)


@pytest.mark.parametrize("path", ASKED)
@asyncio_test
async def test_no_foreign_page_is_answered_and_none_can_read_the_answer(path: str, tmp_path: Path) -> None:
    forms = {"follow_up": {"promises": {"all": {"first": "4h"}}, "forms": {}}}
    config = shop({"rescue": RESCUE}, {"explain": True}, sections=forms)
    async with serving(tmp_path, config) as server:
        mine = await ask(server, path, ASKED[path])
        assert mine.status_code in (200, 204), mine.text
        assert mine.headers["Access-Control-Allow-Origin"] == ORIGIN
        for origin in (EVIL, "https://other.example", "null", f"{ORIGIN}.evil.example", None):
            theirs = await ask(server, path, ASKED[path], origin)
            assert (theirs.status_code, theirs.json()["id"]) == (403, "origin_refused"), origin
            # A known shop's page may read that it was refused; nobody else may read anything.
            expected = origin if origin == "https://other.example" else None
            assert theirs.headers.get("Access-Control-Allow-Origin") == expected
            assert "Access-Control-Allow-Credentials" not in theirs.headers


@asyncio_test
async def test_every_address_is_attacked_here(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        posts = [
            each for each in server.app.routes if isinstance(each, Route) and "POST" in (each.methods or ())
        ]
    there = {each.path for each in posts if each.path.startswith("/v1/page")}
    assert there == ASKED.keys()


@pytest.mark.parametrize("path", ASKED)
@asyncio_test
async def test_bodies_are_bounded(path: str, tmp_path: Path) -> None:
    async with serving(tmp_path, shop({"rescue": RESCUE})) as server:
        much = 16_384 if path == "/v1/page/lead" else 4096
        large = await ask(server, path, {**ASKED[path], "more": "x" * much})
        assert (large.status_code, large.json()["id"]) == (413, "body_too_large")


@asyncio_test
async def test_no_offer_is_taken_from_another_page_again_or_for_ever(tmp_path: Path) -> None:
    async with serving(tmp_path, shop({"rescue": RESCUE})) as server:
        ann = Shopper(server)
        offer = (await ann.asks({"promo.failed": 2}))["offer"]["id"]
        stolen = Shopper(server)
        forged = [offer[:-1] + ("A" if offer[-1] != "A" else "B"), offer + "A", offer.upper(), "A" * 160]
        for each in forged:
            await ann.tells("exposed", each)
        await stolen.tells("exposed", offer)
        assert not any(outcome == "exposed" for _, _, outcome, _ in await counted(server))
        for _ in range(5):
            await ann.tells("exposed", offer)
            await ann.tells("accepted", offer)
        counts = await counted(server)
        assert counts["rescue", "shown", "exposed", ""] == 1
        assert counts["rescue", "shown", "accepted", ""] == 1


@asyncio_test
async def test_what_a_page_is_told_names_no_rule_and_no_condition(tmp_path: Path) -> None:
    rules = {"gold_rescue_secret": {**RESCUE, "when": 'promo.failed >= 2 && signed.customer.tier != "gold"'}}
    config = shop(rules, data_pass={"signing": {"algorithm": "HS256", "secret": "s" * 32}})
    async with serving(tmp_path, config) as server:
        told = json.dumps(await Shopper(server).asks({"promo.failed": 2}))
        for word in ("gold", "secret", "tier", "promo.failed >="):
            assert word not in told

"""Orders count once, the retailer's word before a page's, and belong to what their visitor was offered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from tests.aio import asyncio_test
from tests.api.page.shopper import RESCUE, Shopper, shop
from tests.api.serving import Server, serving
from tests.api.shop import SITE_KEY

SECRET = "0123456789abcdef0123456789abcdef"
SIGNING = {"signing": {"secret": SECRET}}
TRIED = {"promo.failed": 2}


async def signed(server: Server, **changed: Any) -> httpx.Response:
    now = int(server.clock.time())
    claims = {
        "aud": "shop", "for": "conversion", "iat": now, "exp": now + 300, "ref": "A-1", "value": 12_050,
        "currency": "EUR",
    }  # fmt: skip
    made = {name: value for name, value in {**claims, **changed}.items() if value is not None}
    body = {"site_key": SITE_KEY, "signed": jwt.encode(made, SECRET)}
    return await server.http.post("/v1/conversions", json=body)


@asyncio_test
async def test_an_order_belongs_to_its_visitors_offer_and_call(tmp_path: Path) -> None:
    async with serving(tmp_path, shop({"rescue": RESCUE}, data_pass=SIGNING)) as server:
        shopper = Shopper(server)
        offer = (await shopper.asks(TRIED))["offer"]["id"]
        await shopper.tells("exposed", offer)
        await shopper.tells("accepted", offer)
        call = (await server.place(offer=offer)).json()["id"]
        await server.visits.keeper.write()
        answer = await signed(server, browser=shopper.visitor)
        assert (answer.status_code, answer.json()) == (200, {"first": True, "offer": True, "call_id": call})
        assert (await signed(server, browser=shopper.visitor, value=1)).json()["first"] is False
        assert await server.stores.visits.sales(0, 2**40) == [("shop", "server", "EUR", 1, 12_050)]
        (arm,) = await server.stores.visits.arms(0, 2**40)
        assert (arm.converted, arm.accepted_converted) == (1, 1)
        metrics = (await server.http.get("/metrics")).text
        assert 'ringback_conversions_total{site="shop"} 1.0' in metrics


@asyncio_test
async def test_what_a_page_claims_is_marked_so_until_the_server_says_it(tmp_path: Path) -> None:
    async with serving(tmp_path, shop({"rescue": RESCUE}, data_pass=SIGNING)) as server:
        shopper = Shopper(server)
        offer = (await shopper.asks(TRIED))["offer"]["id"]
        await shopper.tells("exposed", offer)
        claim = {"ref": "A-1", "value": 99, "currency": "EUR", "consent": True}
        for _ in range(2):
            await shopper.tells("converted", **claim)
        await shopper.tells("converted", ref="")  # says nothing
        await server.visits.keeper.write()
        assert await server.stores.visits.sales(0, 2**40) == [("shop", "page", "EUR", 1, 99)]
        (arm,) = await server.stores.visits.arms(0, 2**40)
        assert (arm.converted, arm.claimed) == (0, 1)
        # The retailer's server does not know the browser, the page did.
        assert (await signed(server)).json() == {"first": True, "offer": True, "call_id": None}
        (arm,) = await server.stores.visits.arms(0, 2**40)
        assert (arm.converted, arm.claimed) == (1, 1)
        await shopper.tells("converted", **claim)
        await server.visits.keeper.write()
        assert await server.stores.visits.sales(0, 2**40) == [("shop", "server", "EUR", 1, 12_050)]


@asyncio_test
async def test_a_customer_of_the_page_token_is_known_by_the_retailers_id(tmp_path: Path) -> None:
    async with serving(tmp_path, shop({"rescue": RESCUE}, data_pass=SIGNING)) as server:
        now = int(server.clock.time())
        claims = {"aud": "shop", "for": "page", "iat": now, "exp": now + 600, "visitor": "4711"}
        for visitor in (None, "b" * 22):  # without an id of its own, and with another browser's
            shopper = Shopper(server, visitor=visitor)
            plan = await shopper.asks(TRIED, token=jwt.encode(claims, SECRET), consent=True)
            if visitor is None:
                await shopper.tells("exposed", plan["offer"]["id"])
                await shopper.tells("accepted", plan["offer"]["id"])
            else:
                assert plan["offer"] is None  # they have answered, on the other browser
        await server.visits.keeper.write()
        assert (await signed(server, visitor="4711")).json()["offer"] is True
        assert (await signed(server, visitor="4712", ref="A-2")).json()["offer"] is False


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"for": "page"}, "its for says page, not conversion"),
        ({"for": None}, "its for says call, not conversion"),
        ({"ref": None}, "ref"),
        ({"ref": ""}, "its ref is no text"),
        ({"value": 12.5}, "minor units"),
        ({"value": True}, "minor units"),
        ({"value": -1}, "minor units"),
        ({"value": 10**13}, "minor units"),
        ({"currency": "eur"}, "ISO 4217"),
        ({"currency": None}, "ISO 4217"),
        ({"browser": "short"}, "its browser is no id"),
        ({"at": 5}, "more than a week ago"),
        ({"at": "now"}, "more than a week ago"),
        ({"exp": 1_800_009_999}, "by 3600 seconds at most"),
    ],
)
@asyncio_test
async def test_what_is_no_order_is_refused(tmp_path: Path, changed: dict[str, Any], word: str) -> None:
    async with serving(tmp_path, shop({}, data_pass=SIGNING)) as server:
        answer = await signed(server, **changed)
        assert (answer.status_code, answer.json()["id"]) == (403, "signed_invalid")
        assert word in answer.json()["detail"]
        assert await server.stores.visits.sales(0, 2**40) == []

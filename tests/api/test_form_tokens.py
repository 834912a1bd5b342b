"""The call form's token: one page, one visitor, some minutes, one call."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.addresses import network_of
from api.shop.form_tokens import LIFETIME, FormTokens
from tests.aio import asyncio_test
from tests.api.serving import Server, serving
from tests.api.shop import ORIGIN, SITE_KEY, settings

OTHER = "http://localhost:5173"  # another origin of the same site


async def granted(server: Server, origin: str = ORIGIN, **headers: str) -> str:
    answer = await server.http.post(
        "/v1/calls/token", json={"site_key": SITE_KEY}, headers={"Origin": origin, **headers}
    )
    assert answer.status_code == 201, answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert answer.json()["expires_at"] == int(server.clock.now + LIFETIME)
    return str(answer.json()["form_token"])


@asyncio_test
async def test_a_token_is_good_for_one_call(tmp_path: Path) -> None:
    async with serving(tmp_path, settings(form_token="required")) as server:
        missing = await server.place()
        assert (missing.status_code, missing.json()["id"]) == (403, "form_token_missing")
        token = await granted(server)
        assert (await server.place(form_token=token)).status_code == 201
        again = await server.place(form_token=token)
        assert (again.status_code, again.json()["id"]) == (403, "form_token_invalid")
        # It is used up by a call that is refused, too.
        token = await granted(server)
        assert (await server.place("911", form_token=token)).json()["id"] == "number_short"
        assert (await server.place(form_token=token)).json()["id"] == "form_token_invalid"


@asyncio_test
async def test_a_token_is_of_one_origin_one_network_and_some_minutes(tmp_path: Path) -> None:
    config = settings({"trusted_proxies": ["198.51.100.0/24"]}, form_token="required")
    async with serving(tmp_path, config) as server:
        here = {"X-Forwarded-For": "203.0.113.7"}

        async def outcome(token: str, origin: str = ORIGIN, address: str = "203.0.113.7") -> str:
            headers = {"Origin": origin, "X-Forwarded-For": address}
            answer = await server.place(form_token=token, headers=headers)
            return "placed" if answer.status_code == 201 else str(answer.json()["id"])

        assert await outcome(await granted(server, **here), origin=OTHER) == "form_token_invalid"
        assert await outcome(await granted(server, **here), address="192.0.2.1") == "form_token_invalid"
        assert await outcome(await granted(server, **here), address="203.0.113.99") == "placed"
        late = await granted(server, **here)
        server.clock.now += LIFETIME
        assert await outcome(late) == "form_token_invalid"
        for forged in ("", "x", "1.2.3", late[:-1] + "0", f"9{late}", "9" * 13 + late[10:]):
            assert await outcome(forged) == "form_token_invalid"


@asyncio_test
async def test_tokens_are_for_the_sites_pages_and_not_without_end(tmp_path: Path) -> None:
    async with serving(tmp_path, settings({"requests_per_ip": ["3 per 1m"]})) as server:
        body = {"site_key": SITE_KEY}
        for headers in ({}, {"Origin": "https://evil.example"}, {"Origin": "https://other.example"}):
            refused = await server.http.post("/v1/calls/token", json=body, headers=headers)
            assert refused.json()["id"] == "origin_refused"
        refused = await server.http.post("/v1/calls/token", json=body, headers={"Origin": ORIGIN})
        assert refused.json()["id"] == "limit_requests"


@asyncio_test
async def test_where_it_is_optional_a_wrong_one_is_refused_all_the_same(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        assert (await server.place()).status_code == 201
        assert (await server.place(form_token=await granted(server))).status_code == 201
        assert (await server.place(form_token="made up")).json()["id"] == "form_token_invalid"


def test_a_key_of_its_own() -> None:
    one, other = FormTokens(), FormTokens()
    token, _ = one.grant("shop", ORIGIN, "203.0.113.7", 1000.0)
    assert one.read(token, "shop", ORIGIN, "203.0.113.7", 1001.0)
    assert one.read(token, "shop", "HTTPS://shop.example:443", "203.0.113.7", 1001.0)
    assert other.read(token, "shop", ORIGIN, "203.0.113.7", 1001.0) is None
    assert one.read(token, "other", ORIGIN, "203.0.113.7", 1001.0) is None


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.0/24"),
        ("2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("unknown", "unknown"),
    ],
)
def test_networks(address: str, network: str) -> None:
    assert network_of(address) == network

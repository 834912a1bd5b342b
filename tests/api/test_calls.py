"""A call's life over HTTP: asked for, looked at, ended; and who may do so."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.causes import Disposition
from tests.aio import asyncio_test
from tests.api.serving import serving
from tests.api.shop import ADMIN, ORIGIN, admin, settings


@asyncio_test
async def test_a_call_is_placed_watched_and_cancelled(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        placed = await server.place(page="https://shop.example/cart", context={"cart": 120.5, "gold": True})
        assert placed.status_code == 201
        body = placed.json()
        path = placed.headers["Location"]
        assert path == f"/v1/calls/{body['id']}"
        assert body["events"] == f"{path}/events"
        assert body["progress"]["state"] == "calling_shopper"
        assert body["expires_at"] == server.clock.now + 24 * 3600
        token = admin(body["token"])

        shown = await server.http.get(path, headers=token)
        assert (shown.status_code, shown.json()) == (200, body["progress"])
        for _ in range(2):
            cancelled = await server.http.delete(path, headers=token)
            assert cancelled.status_code == 202
            assert cancelled.json()["state"] == "ending"
        await server.engine.end(body["id"], Disposition.CANCELLED)
        again = await server.http.delete(path, headers=token)
        assert (again.status_code, again.json()["disposition"]) == (202, "cancelled")

        server.engine.forget(body["id"])  # a minute later the CDR still tells
        told = await server.http.get(path, headers=token)
        assert told.json()["state"] == "ended"
        assert told.json()["disposition"] == "cancelled"
        assert told.json()["sequence"] > shown.json()["sequence"]
        assert (await server.http.delete(path, headers=token)).status_code == 202


@asyncio_test
async def test_what_the_page_told_reaches_the_call(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        placed = await server.place(
            page="p", context={"cart": 120.5, "gold": True, "items": 3, "name": "Zoë"}
        )
        click, _ = server.engine._clicks[placed.json()["id"]]
        assert click.context == {"cart": "120.5", "gold": "true", "items": "3", "name": "Zoë"}
        assert (click.site, click.number, click.page) == ("shop", "+16175550123", "p")
        assert click.client_ip == "198.51.100.7"


@asyncio_test
async def test_the_token_opens_its_own_call_alone(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        one, two = (
            ((await server.place()).json() for _ in range(2))
            if False
            else (
                (await server.place()).json(),
                (await server.place()).json(),
            )
        )
        assert one["token"] != two["token"]
        assert len(one["token"]) >= 43  # 256 bits
        path = f"/v1/calls/{one['id']}"
        for headers in (
            {},
            admin(two["token"]),
            admin("é"),
            admin(""),
            {"Authorization": f"Basic {one['token']}"},
            admin(one["token"]) | {"Origin": "https://other.example"},
            admin(one["token"]) | {"Origin": "http://localhost:5173"},
        ):
            raw = {name: value.encode() for name, value in headers.items()}
            for method in ("GET", "DELETE"):
                refused = await server.http.request(method, path, headers=raw)
                assert (refused.status_code, refused.json()["id"]) == (404, "call_unknown")
        for headers in (admin(one["token"]), admin(one["token"]) | {"Origin": ORIGIN}, admin(ADMIN)):
            assert (await server.http.get(path, headers=headers)).status_code == 200
        assert server.engine.progress(one["id"]).disposition is None  # nobody cancelled it
        for headers in (admin(one["token"]), admin(ADMIN)):
            unknown = await server.http.get("/v1/calls/nothing", headers=headers)
            assert (unknown.status_code, unknown.json()["id"]) == (404, "call_unknown")


@asyncio_test
async def test_a_token_expires_an_hour_after_the_end(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        placed = (await server.place()).json()
        path, token = f"/v1/calls/{placed['id']}", admin(placed["token"])
        server.clock.now += 20 * 3600
        assert (await server.http.get(path, headers=token)).status_code == 200
        await server.engine.end(placed["id"])
        server.clock.now += 3599
        assert (await server.http.get(path, headers=token)).status_code == 200
        server.clock.now += 2
        assert (await server.http.get(path, headers=token)).status_code == 404
        assert (await server.http.get(path, headers=admin())).status_code == 200


@asyncio_test
async def test_tokens_do_not_pile_up(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        for _ in range(5):
            placed = (await server.place()).json()
            await server.engine.end(placed["id"])
        await server.place()  # lives for ever
        assert len(server.tokens) == 6
        server.clock.now += 24 * 3600 + 1
        server.tokens.grant("later", ORIGIN)
        assert len(server.tokens) == 1


@pytest.mark.parametrize("cause", ["full", "draining"])
@asyncio_test
async def test_overload_is_refused_cleanly(tmp_path: Path, cause: str) -> None:
    async with serving(tmp_path) as server:
        setattr(server.engine, cause, True)
        refused = await server.place()
        assert refused.status_code == 503
        assert refused.json()["id"] == {"full": "out_of_capacity", "draining": "draining"}[cause]
        assert int(refused.headers["Retry-After"]) > 0
        page = (await server.http.get("/v1/cdrs", headers=admin())).json()
        assert page["cdrs"] == []


@asyncio_test
async def test_a_reload_changes_what_pages_may_do(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        server.world.config = settings(countries=["GB"])
        assert (await server.place()).json()["id"] == "country_refused"
        server.world.config = settings(origins=["https://new.example"])
        assert (await server.place()).json()["id"] == "origin_refused"
        moved = await server.place(headers={"Origin": "https://new.example"})
        assert moved.status_code == 201
        assert moved.headers["Access-Control-Allow-Origin"] == "https://new.example"


@asyncio_test
async def test_a_click_when_nobody_can_be_rung_is_a_call_that_goes_to_its_ending(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        sales = server.world.config.routes["sales"].model_copy(update={"when": "call.country == 'FR'"})
        server.world.config = server.world.config.model_copy(update={"routes": {"sales": sales}})
        placed = await server.place()
        assert placed.status_code == 201
        _, plan = server.engine._clicks[placed.json()["id"]]
        assert plan.steps == ()

"""Callbacks over HTTP: by the call's token, by their secret, and for the operator."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.callback import CallbackState
from bridge.causes import Disposition
from tests.aio import asyncio_test
from tests.api.serving import serving
from tests.api.shop import ORIGIN, admin, settings
from tests.store.records import a_callback, a_click

#: Friday, January 15, 2027, 14:30 in Boston.
DUE = 1_800_041_400.0
WHEN = "on Friday, January 15 at 2:30 p.m. (New York time)"


@asyncio_test
async def test_the_page_of_a_call_finds_its_callback_and_cancels_it(tmp_path: Path) -> None:
    config = settings({"public_url": "https://shop.example/ringback/"})
    async with serving(tmp_path, config) as server:
        placed, other = (await server.place()).json(), (await server.place()).json()
        path, token = f"/v1/calls/{placed['id']}/callback", admin(placed["token"])
        none_yet = await server.http.get(path, headers=token)
        assert (none_yet.status_code, none_yet.json()["id"]) == (404, "callback_unknown")

        await server.callbacks.add_callback(a_callback("c1", call_id=placed["id"], due_at=DUE))
        told = await server.http.get(path, headers=token)
        assert told.json() == {
            "at": DUE,
            "when": WHEN,
            "state": "booked",
            "link": "https://shop.example/ringback/callbacks/secret-of-c1",
        }
        for headers in ({}, admin(other["token"]), token | {"Origin": "https://other.example"}):
            refused = await server.http.get(path, headers=headers)
            assert (refused.status_code, refused.json()["id"]) == (404, "call_unknown")

        secret = told.json()["link"].rpartition("/")[2]
        shown = await server.http.get(f"/v1/callbacks/{secret}")
        assert shown.json() == told.json()
        for _ in range(2):
            cancelled = await server.http.delete(f"/v1/callbacks/{secret}", headers={"Origin": ORIGIN})
            assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
            assert cancelled.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert (await server.http.get(path, headers=token)).json()["state"] == "cancelled"


@asyncio_test
async def test_a_callback_that_is_over_stays_as_it_is(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        await server.callbacks.add_callback(a_callback("c1", state=CallbackState.DONE))
        answer = await server.http.delete("/v1/callbacks/secret-of-c1")
        assert (answer.status_code, answer.json()["state"]) == (200, "done")


@pytest.mark.parametrize("secret", ["none", "secret-of-c", "c1", "SECRET-OF-C1", "%00", "secret-of-c1%20"])
@asyncio_test
async def test_who_does_not_know_the_secret_learns_nothing(tmp_path: Path, secret: str) -> None:
    async with serving(tmp_path) as server:
        await server.callbacks.add_callback(a_callback("c1"))
        for method in ("GET", "DELETE"):
            refused = await server.http.request(method, f"/v1/callbacks/{secret}", headers=admin())
            assert (refused.status_code, refused.json()["id"]) == (404, "callback_unknown")
        assert await server.callbacks.open_callbacks() == [a_callback("c1")]


@asyncio_test
async def test_only_pages_of_the_sites_may_cancel(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        await server.callbacks.add_callback(a_callback("c1"))
        asks = {"Access-Control-Request-Method": "DELETE"}
        for origin, status in ((ORIGIN, 204), ("https://evil.example", 403)):
            headers = {"Origin": origin} | asks
            answer = await server.http.options("/v1/callbacks/secret-of-c1", headers=headers)
            assert answer.status_code == status
            shown = await server.http.get("/v1/callbacks/secret-of-c1", headers={"Origin": origin})
            allowed = origin if status == 204 else None
            assert shown.headers.get("Access-Control-Allow-Origin") == allowed
        # The operator's list knows no CORS.
        listed = await server.http.get("/v1/callbacks", headers=admin() | {"Origin": ORIGIN})
        assert "Access-Control-Allow-Origin" not in listed.headers


@asyncio_test
async def test_the_operator_sees_all_callbacks_but_no_secret(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        await server.callbacks.add_callback(a_callback("c1", booked_at=1.0))
        last = a_callback("c2", booked_at=2.0, tries=1, last_call_id="two", state=CallbackState.DIALLING)
        await server.callbacks.add_callback(last)
        answer = await server.http.get("/v1/callbacks", headers=admin())
        assert [each["id"] for each in answer.json()["callbacks"]] == ["c2", "c1"]
        assert "secret" not in answer.text
        assert answer.json()["callbacks"][0] == {
            "id": "c2",
            "call_id": "call-of-c2",
            "site": "boston",
            "number": "+16175550100",
            "page": "https://shop.example/cart?id=7",
            "terms": "usual",
            "booked_at": 2.0,
            "at": 1200.125,
            "tries": 1,
            "state": "dialling",
            "last_call_id": "two",
        }
        one = await server.http.get("/v1/callbacks?limit=1", headers=admin())
        assert [each["id"] for each in one.json()["callbacks"]] == ["c2"]


@asyncio_test
async def test_long_after_the_call_its_story_tells_of_the_callback(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        placed = (await server.place()).json()
        await server.callbacks.add_callback(a_callback("c1", call_id=placed["id"], due_at=DUE))
        await server.engine.end(placed["id"], Disposition.CALLBACK_BOOKED)
        server.engine.forget(placed["id"])
        told = (await server.http.get(f"/v1/calls/{placed['id']}", headers=admin(placed["token"]))).json()
        assert (told["disposition"], told["callback_at"]) == ("callback_booked", DUE)


#: A number, the time zone of its site, and how the time is written for it.
CLOCKS = [
    ("+442079460000", "America/New_York", "on Friday, January 15 at 7:30 p.m. (London time)"),
    ("+81312345678", "UTC", "on Saturday, January 16 at 4:30 a.m. (Tokyo time)"),
    ("+16175550100", "UTC", WHEN),
    # An Australian mobile number may be in any of the country's zones: told as on the site's clock.
    ("+61412345678", "Australia/Sydney", "on Saturday, January 16 at 6:30 a.m. (Sydney time)"),
]


@pytest.mark.parametrize(("number", "zone", "words"), CLOCKS)
@asyncio_test
async def test_the_time_is_that_of_the_shopper(tmp_path: Path, number: str, zone: str, words: str) -> None:
    async with serving(tmp_path, settings(time_zone=zone)) as server:
        await server.callbacks.add_callback(a_callback("c1", click=a_click(number, site="shop"), due_at=DUE))
        assert (await server.http.get("/v1/callbacks/secret-of-c1")).json()["when"] == words

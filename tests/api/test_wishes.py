"""One wish of a shopper is one call: double clicks, lost answers, refusals in between."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.aio import asyncio_test
from tests.api.serving import serving
from tests.api.shop import ORIGIN, SITE_KEY, limits, settings

KEY = "a" * 32


@asyncio_test
async def test_twenty_clicks_at_once_are_one_call(tmp_path: Path) -> None:
    async with serving(tmp_path, settings(limits=limits(calls_per_number=["1 per 1h"]))) as server:
        answers = await asyncio.gather(*(server.place(request=KEY) for _ in range(20)))
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json()["id"] for answer in answers}) == 1
        assert len({answer.json()["token"] for answer in answers}) == 1
        assert {answer.headers["Location"] for answer in answers} == {f"/v1/calls/{answers[0].json()['id']}"}
        assert len(server.engine.live()) == 1


@asyncio_test
async def test_another_wish_or_page_is_another_call(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        first = await server.place(request=KEY)
        for again in (
            await server.place(request="b" * 32),
            await server.place(request=KEY, headers={"Origin": "http://localhost:5173"}),
            await server.place(),
            await server.place(),
        ):
            assert again.json()["id"] != first.json()["id"]
            assert again.json()["token"] != first.json()["token"]
        server.clock.now += 601
        assert (await server.place(request=KEY)).json()["id"] != first.json()["id"]


@asyncio_test
async def test_a_wish_that_was_refused_may_be_asked_again(tmp_path: Path) -> None:
    async with serving(tmp_path, settings(form_token="required")) as server:
        refused = await server.place(request=KEY)
        assert refused.json()["id"] == "form_token_missing"
        given = await server.http.post(
            "/v1/calls/token", json={"site_key": SITE_KEY}, headers={"Origin": ORIGIN}
        )
        token = given.json()["form_token"]
        placed = await server.place(request=KEY, form_token=token)
        assert placed.status_code == 201
        # The token was for one call: the wish is known before it is looked at.
        assert (await server.place(request=KEY, form_token=token)).json()["id"] == placed.json()["id"]


@pytest.mark.parametrize("key", ["", "short", "a" * 65, "ä" * 32])
@asyncio_test
async def test_a_key_is_random_and_bounded(tmp_path: Path, key: str) -> None:
    async with serving(tmp_path) as server:
        assert (await server.place(request=key)).status_code == 400

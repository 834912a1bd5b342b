"""The page behind a shopper's link: what it says, what it does, and what it keeps from others."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest

from bridge.callback import CallbackState
from store.errors import StoreError
from tests.aio import asyncio_test
from tests.api.serving import serving
from tests.api.shop import settings
from tests.api.test_callbacks import DUE, WHEN
from tests.store.records import a_callback, a_click

PATH = "/callbacks/secret-of-c1"
BUTTON = '<button type="submit">Cancel the callback</button>'


@asyncio_test
async def test_a_shopper_reads_when_and_cancels(tmp_path: Path) -> None:
    async with serving(tmp_path, settings(label="Ann & <Bob>")) as server:
        await server.callbacks.add_callback(a_callback("c1", click=a_click(site="shop"), due_at=DUE))
        page = await server.http.get(PATH)
        assert page.status_code == 200
        assert "<h1>We will call you back</h1>" in page.text
        assert WHEN[1:] in page.text
        assert "ends in 00" in page.text
        assert "6175550100" not in page.text
        assert "Ann &amp; &lt;Bob&gt;" in page.text
        assert BUTTON in page.text

        for _ in range(2):  # pressed twice, or again in another tab
            pressed = await server.http.post(PATH)
            assert pressed.status_code == 303
            after = await server.http.get(f"/callbacks/{pressed.headers['Location']}")
            assert "<h1>The callback is cancelled</h1>" in after.text
            assert BUTTON not in after.text
        assert await server.callbacks.open_callbacks() == []


STATES = [
    (CallbackState.BOOKED, "We will call you back", True),
    (CallbackState.DIALLING, "We are calling you back now", True),
    (CallbackState.DONE, "We have called you back", False),
    (CallbackState.CANCELLED, "The callback is cancelled", False),
    (CallbackState.GIVEN_UP, "We could not call you back", False),
]


@pytest.mark.parametrize(("state", "title", "open_"), STATES)
@asyncio_test
async def test_every_state_has_its_page(
    tmp_path: Path, state: CallbackState, title: str, open_: bool
) -> None:
    async with serving(tmp_path) as server:  # the site has gone from the settings meanwhile
        await server.callbacks.add_callback(a_callback("c1", state=state))
        page = (await server.http.get(PATH)).text
        assert f"<title>{title}</title>" in page
        assert (BUTTON in page) == open_
        assert "{" not in re.sub(r"<style>.*</style>", "", page, flags=re.DOTALL)


@asyncio_test
async def test_a_wrong_link_is_told_kindly(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        await server.callbacks.add_callback(a_callback("c1"))
        for method in ("GET", "POST"):
            answer = await server.http.request(method, "/callbacks/secret-of-c2")
            assert answer.status_code == 404
            assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
            assert "We know no callback by this link" in answer.text
        assert (await server.http.delete(PATH)).status_code == 405
        assert len(await server.callbacks.open_callbacks()) == 1


@asyncio_test
async def test_a_database_that_fails_is_told_kindly(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:

        async def fail(_: str) -> None:
            raise StoreError("disk full")

        server.callbacks.callback_by_secret = fail  # type: ignore[method-assign,assignment]
        for method in ("GET", "POST"):
            answer = await server.http.request(method, PATH)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
            assert "<h1>Please try again</h1>" in answer.text


@asyncio_test
async def test_the_page_is_for_nobody_else(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        await server.callbacks.add_callback(a_callback("c1"))
        for answer in (
            await server.http.get(PATH),
            await server.http.head(PATH),
            await server.http.get("/callbacks/none"),
            await server.http.post(PATH),
        ):
            assert answer.headers["X-Frame-Options"] == "DENY"
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["Cache-Control"] == "no-store"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            policy = answer.headers["Content-Security-Policy"]
            for rule in (
                "default-src 'none'",
                "form-action 'self'",
                "base-uri 'none'",
                "frame-ancestors 'none'",
            ):
                assert rule in policy
            assert "unsafe" not in policy
        page = (await server.http.get(PATH)).text
        assert "<script" not in page
        assert "http" not in page.replace("http-equiv", "")
        style = re.search(r"<style>(.*)</style>", page, re.DOTALL)
        assert style
        digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
        assert f"style-src 'sha256-{digest}'" in policy
        # What counts requests tells no secret.
        metrics = (await server.http.get("/metrics")).text
        assert 'route="/callbacks/{secret}"' in metrics
        assert "secret-of-c1" not in metrics

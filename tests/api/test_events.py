"""A call's story on a real WebSocket, through uvicorn."""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.websockets import WebSocket
from websockets.exceptions import ConnectionClosed, InvalidStatus

from api.page_queue import MOST_LISTENERS, QUEUE_LENGTH
from api.sockets import ENDED, close
from api.talk import MOST_CONNECTS, MOST_MESSAGES
from bridge.progress import CallState
from store.errors import StoreError
from tests.aio import asyncio_test
from tests.api.pages import close_code, follow, line, listening
from tests.api.shop import ORIGIN, admin

#: Something that a page may say at any time.
SAID = json.dumps({"type": "end_of_candidates", "leg": "any", "session": 1})


@asyncio_test
async def test_the_story_from_its_newest_line_to_the_end(tmp_path: Path) -> None:
    async with listening(tmp_path) as (server, address):
        placed = (await server.place()).json()
        server.engine.move(placed["id"], state=CallState.CALLING_SHOPPER, shopper_ringing=True)
        async with follow(address, placed["id"], placed["token"]) as page:
            assert page.subprotocol == "ringback.v2"
            first = await line(page)
            assert (first["sequence"], first["shopper_ringing"]) == (1, True)
            assert set(first) == set(placed["progress"]) | {"type", "now", "started_at", "bridged_at"}
            assert (first["started_at"], first["bridged_at"]) == (placed["progress"]["at"], None)
            server.engine.move(placed["id"], state=CallState.HUNTING, ringing=("Boston store",))
            server.engine.move(placed["id"], state=CallState.BRIDGED, connected_to="Boston store", ringing=())
            assert (await line(page))["ringing"] == ["Boston store"]
            bridged = await line(page)
            assert bridged["connected_to"] == "Boston store"
            # A page that is reloaded later, on hold, counts on from where the two began to talk.
            server.clock.now += 90
            server.engine.move(placed["id"], state=CallState.BRIDGED, held=True)
            assert (await line(page))["bridged_at"] == bridged["at"]
            async with follow(address, placed["id"], placed["token"]) as reloaded:
                told = await line(reloaded)
                assert (told["bridged_at"], told["now"]) == (bridged["at"], bridged["now"] + 90)
            await page.send("what a page says means nothing")
            refused = {
                "request": None,
                "call_id": None,
                "leg": None,
                "chat_id": None,
                "key": None,
                "reason": "not_understood",
            }
            assert refused.items() <= (await line(page)).items()
            await server.engine.end(placed["id"])
            last = await line(page)
            assert (last["state"], last["disposition"], last["cause"]) == ("ended", "bridged", "normal")
            assert await close_code(page) == 1000
        assert server.live.listeners == 0


@asyncio_test
async def test_a_cancelled_call_tells_its_page(tmp_path: Path) -> None:
    async with listening(tmp_path) as (server, address):
        placed = (await server.place()).json()
        async with follow(address, placed["id"], placed["token"]) as page:
            await line(page)
            async with httpx.AsyncClient(base_url=f"http://{address}") as http:
                path, token = f"/v1/calls/{placed['id']}", admin(placed["token"])
                assert (await http.delete(path, headers=token)).status_code == 202
            assert (await line(page))["state"] == "ending"


@asyncio_test
async def test_the_end_is_told_long_after(tmp_path: Path) -> None:
    async with listening(tmp_path) as (server, address):
        placed = (await server.place()).json()
        await server.engine.end(placed["id"])
        for forgotten in (False, True):
            if forgotten:
                server.engine.forget(placed["id"])
            async with follow(address, placed["id"], placed["token"]) as page:
                assert (await line(page))["state"] == "ended"
                assert await close_code(page) == 1000


@asyncio_test
async def test_who_may_not_listen(tmp_path: Path) -> None:
    async with listening(tmp_path) as (server, address):
        placed, other = (await server.place()).json(), (await server.place()).json()
        call_id, token = placed["id"], placed["token"]
        for wrong in (
            follow(address, call_id, other["token"]),
            follow(address, call_id, ""),
            follow(address, "none", token),
            follow(address, call_id, token, subprotocols=["ringback.v2"]),
            follow(
                address, call_id, token, origin="http://localhost:5173"
            ),  # the site's, but not this page's
            follow(address, call_id, token, origin="https://other.example"),
        ):
            async with wrong as page:
                assert await close_code(page) == 4404
        for wrong, status, problem in (
            (follow(address, call_id, token, origin="https://evil.example"), 403, "origin_refused"),
            (follow(address, call_id, token, origin=None), 403, "origin_refused"),
            (follow(address, call_id, token, subprotocols=[f"token.{token}"]), 400, "validation_failed"),
        ):
            with pytest.raises(InvalidStatus) as refused:
                await wrong
            assert refused.value.response.status_code == status
            assert json.loads(refused.value.response.body)["id"] == problem


@asyncio_test
async def test_a_page_that_leaves_is_forgotten(tmp_path: Path) -> None:
    async with listening(tmp_path) as (server, address):
        placed = (await server.place()).json()
        async with follow(address, placed["id"], placed["token"]) as page:
            await line(page)
            assert server.live.listeners == 1
        for _ in range(100):
            if server.live.listeners == 0:
                break
            await asyncio.sleep(0.02)
        assert server.live.listeners == 0


@asyncio_test
async def test_a_slow_page_is_dropped_and_nobody_waits(tmp_path: Path) -> None:
    async with listening(tmp_path) as (server, address):
        placed = (await server.place()).json()
        async with follow(address, placed["id"], placed["token"]) as page:
            await line(page)
            for _ in range(QUEUE_LENGTH + 1):  # all at once: the socket gets no turn
                server.engine.move(placed["id"], held=True)
            assert await close_code(page) == 1013
        async with follow(address, placed["id"], placed["token"]) as page:
            assert (await line(page))["sequence"] == QUEUE_LENGTH + 1


@asyncio_test
async def test_a_database_that_fails_closes_the_socket(tmp_path: Path) -> None:
    async def fail(call_id: str) -> None:
        raise StoreError("disk gone")

    async with listening(tmp_path) as (server, address):
        placed = (await server.place()).json()
        await server.engine.end(placed["id"])
        server.engine.forget(placed["id"])
        server.store.call = fail  # type: ignore[method-assign, assignment]
        async with follow(address, placed["id"], placed["token"]) as page:
            assert await close_code(page) == 1011


@asyncio_test
async def test_a_call_has_so_many_listeners_and_no_more(tmp_path: Path) -> None:
    async with listening(tmp_path) as (server, address), contextlib.AsyncExitStack() as stack:
        placed = (await server.place()).json()
        for _ in range(MOST_LISTENERS):
            await line(await stack.enter_async_context(follow(address, placed["id"], placed["token"])))
        async with follow(address, placed["id"], placed["token"]) as page:
            assert await close_code(page) == 4429


@asyncio_test
async def test_what_pages_say_counts_by_call_across_their_sockets(tmp_path: Path) -> None:
    """A page that says too much is not heard again by connecting again."""
    heard: list[str] = []
    async with listening(tmp_path) as (server, address):
        flooding, other = (await server.place()).json(), (await server.place("617 555 0199")).json()
        server.legs.said = lambda owner, page, message: heard.append(owner)  # type: ignore[method-assign]
        for _ in range(MOST_MESSAGES[0].times // 50 + 3):
            async with follow(address, flooding["id"], flooding["token"]) as page:
                with contextlib.suppress(ConnectionClosed):
                    for _ in range(60):
                        await page.send(SAID)
                await line(page)
        assert heard.count(flooding["id"]) <= MOST_MESSAGES[0].times
        async with follow(address, flooding["id"], flooding["token"]) as page:
            await page.send(SAID)
            await line(page)
            assert await close_code(page) == 4429
        async with follow(address, other["id"], other["token"]) as page:
            await page.send(SAID)
            await line(page)
            server.engine.move(other["id"], state=CallState.HUNTING)
            await line(page)
        assert heard.count(other["id"]) == 1


@asyncio_test
async def test_a_page_that_connects_again_and_again_is_refused(tmp_path: Path) -> None:
    async with listening(tmp_path) as (server, address):
        placed = (await server.place()).json()
        for _ in range(MOST_CONNECTS[0].times):
            async with follow(address, placed["id"], placed["token"]) as page:
                await line(page)
        async with follow(address, placed["id"], placed["token"]) as page:
            assert await close_code(page) == 4429


@asyncio_test
async def test_uvicorn_serves_the_rest_as_well(tmp_path: Path) -> None:
    async with listening(tmp_path) as (server, address), httpx.AsyncClient() as http:
        body = {"site_key": "shop-public-key", "number": "617 555 0123", "country": "US"}
        url = f"http://{address}/v1/calls"
        assert (await http.post(url, json=body, headers={"Origin": ORIGIN})).status_code == 201
        large = await http.post(url, content=b" " * 1_000_000, headers={"Origin": ORIGIN})
        assert (large.status_code, large.json()["id"]) == (413, "body_too_large")
        click, _ = server.engine._clicks["call1"]
        assert click.client_ip == "127.0.0.1"


@asyncio_test
async def test_a_page_that_is_gone_needs_no_closing() -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "websocket.close":
            raise OSError("the page has gone")

    socket = WebSocket({"type": "websocket"}, receive, send)
    await socket.accept()
    await close(socket, ENDED)

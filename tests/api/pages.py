"""Pages on real WebSockets, through uvicorn."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.api.serving import Server, serving
from tests.api.shop import ORIGIN


class _Embedded(uvicorn.Server):
    """A uvicorn that leaves the test run's signals alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        yield


@asynccontextmanager
async def listening(
    path: Path, *args: Any, port: int = 0, **options: Any
) -> AsyncIterator[tuple[Server, str]]:
    """A test server on a port of its own, or on that of one that is gone; its address.

    Takes what :func:`serving` takes.
    """
    async with serving(path, *args, **options) as server:
        with socket.socket() as bound:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(("127.0.0.1", port))
            web = _Embedded(
                uvicorn.Config(
                    server.app, log_config=None, lifespan="off", ws="websockets-sansio",
                    proxy_headers=False, timeout_graceful_shutdown=1,
                )
            )  # fmt: skip
            running = asyncio.ensure_future(web.serve(sockets=[bound]))
            while not web.started:  # noqa: ASYNC110 - uvicorn tells it no other way
                await asyncio.sleep(0.005)
            try:
                yield server, f"127.0.0.1:{bound.getsockname()[1]}"
            finally:
                web.should_exit = True
                await running


def follow(address: str, call_id: str, token: str, **options: Any) -> connect:
    """What the page does."""
    options = {"subprotocols": ["ringback.v2", f"token.{token}"], "origin": ORIGIN, **options}
    return connect(f"ws://{address}/v1/calls/{call_id}/events", proxy=None, **options)


async def line(page: ClientConnection) -> dict[str, Any]:
    return dict(json.loads(await asyncio.wait_for(page.recv(), 5)))


async def close_code(page: ClientConnection) -> int | None:
    with pytest.raises(ConnectionClosed):
        await asyncio.wait_for(page.recv(), 5)
    return page.close_code


#: What agents' pages are told of how things stand, beside what happens on their legs.
STANDING = ("desk_call", "colleagues", "desk", "pop", "recent_calls")


class Page:
    """What a page does on its WebSocket. ``heard`` has what it was told, except lines of progress."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self.lines: list[dict[str, Any]] = []

    async def next(self, *kinds: str) -> dict[str, Any]:
        """The next message with a type; of what only tells how things stand, one of these kinds."""
        while True:
            message = await line(self._socket)
            if message["type"] == "progress":
                self.lines.append(message)
            elif message["type"] in kinds or message["type"] not in STANDING:
                return message

    async def expect(self, kind: str) -> dict[str, Any]:
        message = await self.next(kind)
        assert message["type"] == kind, message
        return message

    async def until(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The next message that has these fields."""
        while True:
            message = await self.next(kind)
            if message["type"] == kind and fields.items() <= message.items():
                return message

    async def say(self, kind: str, **fields: Any) -> None:
        await self._socket.send(json.dumps({"type": kind, **fields}))

    async def offer(self, leg: str, session: int = 1) -> None:
        await self.say("offer", leg=leg, session=session, sdp="v=0", audio="auto")

    async def silent(self, seconds: float = 0.15) -> None:
        """Nothing comes."""
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(self.next(), seconds)

    async def close(self) -> None:
        await self._socket.close()

    async def closed(self) -> int | None:
        """The close code, after whatever else was told."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                await line(self._socket)
        return self._socket.close_code


PASSWORD = "correct horse battery"


async def log_in(
    address: str, agent: str = "alice", password: str = PASSWORD, **headers: str
) -> httpx.Response:
    """What the agents' page does."""
    # Without TLS, of which making a context takes longer than the request.
    async with httpx.AsyncClient(base_url=f"http://{address}", verify=False) as http:
        return await http.post(
            "/v1/agent/login",
            json={"agent": agent, "password": password},
            headers={"Origin": f"http://{address}", **headers},
        )


@asynccontextmanager
async def agent_page(address: str, cookie: str, **options: Any) -> AsyncIterator[Page]:
    """An agent's page; ``cookie`` is the session's."""
    options = {
        "subprotocols": ["ringback.v2"],
        "origin": f"http://{address}",
        "additional_headers": {"Cookie": f"ringback_agent={cookie}"},
        **options,
    }
    async with connect(f"ws://{address}/v1/agent/events", proxy=None, **options) as socket:
        yield Page(socket)


@asynccontextmanager
async def shopper_page(address: str, placed: dict[str, Any]) -> AsyncIterator[Page]:
    """The shopper's page of a call that was placed."""
    async with follow(address, placed["id"], placed["token"]) as socket:
        yield Page(socket)


async def soon(what: Any, seconds: float = 3.0) -> None:
    """Wait until ``what()`` is true."""
    async with asyncio.timeout(seconds):
        while not what():  # noqa: ASYNC110 - whatever it is, nobody tells
            await asyncio.sleep(0.01)

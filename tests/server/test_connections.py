"""What a stranger may send to the HTTP side, over real sockets: bounded in length, time and number."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect

from api.edge import BoundedBody
from api.problems import Problem
from api.routes import RouteTable
from config.fields import HostPort
from config.sections.server import Server
from server import connections
from server.http import HttpServer, bind

HOST = "127.0.0.1"
GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


@dataclass
class Shop:
    """A listening server, and what it refused."""

    port: int
    refused: Counter[Problem] = field(default_factory=Counter)

    async def send(self, *pieces: bytes, source: str = HOST, most: float = 5.0) -> bytes:
        """Everything that comes back until the server closes."""
        reader, writer = await asyncio.open_connection(HOST, self.port, local_addr=(source, 0))
        try:
            for piece in pieces:
                writer.write(piece)
                await asyncio.sleep(0)
            return await asyncio.wait_for(reader.read(), most)
        finally:
            writer.close()

    async def healthy(self, source: str = HOST) -> float:
        """Seconds that /healthz takes on a new connection."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        answer = await self.send(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), source=source)
        assert answer.startswith(b"HTTP/1.1 200 "), answer
        return loop.time() - began


async def _alive(request: Request) -> Response:
    return PlainTextResponse("alive")


async def _echo(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def _large(request: Request) -> Response:
    return PlainTextResponse("x" * 4_000_000)


async def _socket(socket: WebSocket) -> None:
    await socket.accept()
    async for text in socket.iter_text():
        await socket.send_text(text)


@asynccontextmanager
async def shop(**settings: Any) -> AsyncIterator[Shop]:
    app = Starlette(
        routes=[
            Route("/healthz", _alive),
            Route("/echo", _echo, methods=["POST"]),
            Route("/large", _large),
            WebSocketRoute("/socket", _socket),
        ]
    )
    app.add_middleware(BoundedBody, table=RouteTable([]))  # type: ignore[arg-type]
    server = Server.model_validate(settings, strict=False)
    bound = bind(HostPort(HOST, 0))
    here = Shop(bound.getsockname()[1])
    http = HttpServer(app, bound, lambda: server, lambda problem: here.refused.update([problem]))
    await http.start()
    try:
        yield here
    finally:
        await http.stop()


def run(work: Coroutine[Any, Any, None]) -> None:
    """On a loop of the kind that the core runs on, beside the tests' own."""

    def there() -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(work)

    with ThreadPoolExecutor(1) as thread:
        thread.submit(there).result()


def problem(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    assert b"connection: close" in head.lower()
    return int(head.split()[1]), json.loads(body)["id"]


MANY = b"".join(b"X-%d: y\r\n" % n for n in range(5000))
POST = b"POST /echo HTTP/1.1\r\nHost: x\r\n"
HEAD = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    ("sent", "refusal"),
    [
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", (414, "address_too_long")),
        (b"GET /?" + b"a" * 300_000, (414, "address_too_long")),
        (HEAD + b"X: " + b"a" * 300_000, (431, "headers_too_large")),
        (HEAD + b"X" * 300_000, (431, "headers_too_large")),
        (HEAD + MANY, (431, "headers_too_large")),
        (HEAD + b"X: y\r\n" * 100 + b"\r\n", (431, "headers_too_large")),
        (HEAD + b"Cookie: " + b"a=b; " * 8000 + b"\r\n\r\n", (431, "headers_too_large")),
        (b"\r\n" * 40_000, (414, "address_too_long")),
        (POST + b"Content-Length: 20000\r\n\r\n" + b"a" * 20000, (413, "body_too_large")),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"4e20\r\n" + b"a" * 20000
         + b"\r\n0\r\n\r\n", (413, "body_too_large")),
        (b"GET /healthz HTTP/1.1\r\n\r\n", (400, "request_invalid")),
        (HEAD + b"Host: y\r\n\r\n", (400, "request_invalid")),
        (HEAD + b"hOST: x\r\n\r\n", (400, "request_invalid")),
        (b"GET /socket HTTP/1.1\r\nHost: x\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
         b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n",
         (400, "request_invalid")),
        (b"\x16\x03\x01\x02\x00\x01\x00", (400, "request_invalid")),
        (b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
         (400, "request_invalid")),
    ],
)  # fmt: skip
def test_what_is_too_much_or_no_http_is_refused(sent: bytes, refusal: tuple[int, str]) -> None:
    async def attack() -> None:
        async with shop() as here:
            assert problem(await here.send(sent)) == refusal
            await here.healthy()
            if refusal[0] != 413:  # which the application says
                assert here.refused == {Problem[refusal[1].upper()]: 1}

    run(attack())


@pytest.mark.parametrize("start", [b"GET /", HEAD + b"X: ", HEAD], ids=["line", "value", "lines"])
def test_an_endless_head_is_cut_off_while_others_are_served(start: bytes) -> None:
    """What is read of it beyond its refusal is bounded too."""
    piece = MANY if start == HEAD else b"a" * 65536

    async def attack() -> None:
        async with shop() as here:
            _, writer = await asyncio.open_connection(HOST, here.port)
            writer.write(start)
            sent = 0
            try:
                while sent < 64 << 20:
                    writer.write(piece)
                    await writer.drain()
                    sent += len(piece)
                    await here.healthy()
            except ConnectionError:
                pass
            assert sent < 32 << 20
            writer.close()

    run(attack())


@pytest.mark.parametrize(
    "after_head",
    [b"0\r\nX: " + b"a" * (1 << 19), b"0\r\n" + MANY, b"1;" + b"x" * (1 << 19)],
    ids=["trailer", "trailers", "extension"],
)
def test_what_surrounds_a_body_is_bounded(after_head: bytes) -> None:
    async def attack() -> None:
        async with shop() as here:
            with suppress(ConnectionResetError):
                answer = await here.send(POST + b"Transfer-Encoding: chunked\r\n\r\n", after_head)
                assert not answer.startswith(b"HTTP/1.1 2")
            await here.healthy()

    run(attack())


@pytest.mark.parametrize("dripped", [b"", b"GET /he", HEAD + b"X-a: "], ids=["nothing", "line", "header"])
def test_a_head_that_drips_is_given_up(dripped: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often another byte comes, and on a connection that was good before as well."""
    monkeypatch.setattr(connections, "HEAD_TIMEOUT", 0.5)

    async def drip(here: Shop, first: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(HOST, here.port)
        writer.write(first + dripped)
        answer = asyncio.ensure_future(reader.read())
        while dripped and not answer.done():
            writer.write(b"a")
            await asyncio.sleep(0.05)
        said = await asyncio.wait_for(answer, 5)
        writer.close()
        return said

    async def attack() -> None:
        async with shop() as here:
            alone = await drip(here, b"")
            assert not alone if not dripped else problem(alone) == (408, "head_timeout")
            if dripped:
                later = await drip(here, GET)
                assert later.startswith(b"HTTP/1.1 200 ")
                assert b"HTTP/1.1 408 " in later

    run(attack())


def test_idle_connections_of_an_address_make_room_for_its_next(monkeypatch: pytest.MonkeyPatch) -> None:
    async def attack() -> None:
        async with shop(connections_per_ip=20) as here:
            idle = [await asyncio.open_connection(HOST, here.port) for _ in range(60)]
            await here.healthy()
            await here.healthy(source="127.0.0.9")
            reads = [asyncio.ensure_future(reader.read()) for reader, _ in idle]
            gone, _ = await asyncio.wait(reads, timeout=1)
            assert len(gone) == 41
            assert here.refused[Problem.TOO_MANY_CONNECTIONS] == 41  # and one for the first look at /healthz
            for _, writer in idle:
                writer.close()

    run(attack())


def test_sockets_of_an_address_fill_its_places_and_nobody_elses() -> None:
    async def attack() -> None:
        async with shop(connections_per_ip=4) as here:
            sockets = [await connect(f"ws://{HOST}:{here.port}/socket") for _ in range(4)]
            refusal = await here.send(GET)
            assert problem(refusal) == (503, "too_many_connections")
            await here.healthy(source="127.0.0.9")
            for socket in sockets:
                await socket.send("still here")
                assert await socket.recv() == "still here"
                await socket.close()
            await asyncio.sleep(0.1)
            await here.healthy()

    run(attack())


def test_a_trusted_proxy_is_held_to_the_total_alone() -> None:
    async def attack() -> None:
        async with shop(connections_per_ip=4, connections=16, trusted_proxies=[HOST]) as here:
            sockets = [await connect(f"ws://{HOST}:{here.port}/socket") for _ in range(16)]
            assert problem(await here.send(GET)) == (503, "too_many_connections")
            for socket in sockets:
                await socket.close()

    run(attack())


def test_who_does_not_read_the_answer_loses_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "SEND_TIMEOUT", 0.3)

    async def attack() -> None:
        async with shop(connections_per_ip=4) as here:
            deaf = [await asyncio.open_connection(HOST, here.port, limit=1024) for _ in range(4)]
            for _, writer in deaf:
                writer.write(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
            await asyncio.sleep(1.5)
            await here.healthy()
            for _, writer in deaf:
                writer.close()

    run(attack())


def test_good_requests_are_served_as_before() -> None:
    async def use() -> None:
        async with shop() as here:
            piped = await here.send(GET * 50 + b"GET /healthz HTTP/1.0\r\n\r\n")
            assert piped.count(b"HTTP/1.1 200 ") == 51
            chunked = b"".join(b"1\r\na\r\n" for _ in range(16_000)) + b"0\r\nX: trailer\r\n\r\n"
            body = await here.send(
                b"POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                + chunked
            )
            assert body.endswith(b"16000")
            asked = await here.send(HEAD + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n")
            assert asked.startswith(b"HTTP/1.1 200 ")
            async with connect(f"ws://{HOST}:{here.port}/socket") as socket:
                await socket.send("x" * 10_000)
                assert await socket.recv() == "x" * 10_000
            assert not here.refused

    run(use())

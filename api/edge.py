"""What every request passes, as ASGI layers: an id, headers, a count, a bound on its body, our failures."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Problem, RequestError
from api.routes import DEFAULT_HEADERS, MAX_BODY, RouteTable, UrlRow, route_of

#: Bytes of a body that is too large which are read and forgotten before it is refused.
MOST_DISCARDED = 4 * 1024 * 1024
#: Seconds that a body may take to arrive.
BODY_TIMEOUT = 10.0

#: Where a scope has the body that was read.
BODY = "ringback.body"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
log = structlog.get_logger(__name__)


class RequestContext:
    """Outermost layer: gives every request an id, every answer the headers of its route, and counts both.

    ``requested(method, route, status)`` counts, by the template of the address.
    """

    def __init__(self, app: ASGIApp, table: RouteTable, requested: Callable[[str, str, int], None]) -> None:
        self._app = app
        self._table = table
        self._requested = requested
        #: The headers of each row, as ASGI has them.
        self._wanted: dict[int, list[tuple[bytes, bytes]]] = {}

    def _headers_of(self, row: UrlRow | None) -> list[tuple[bytes, bytes]]:
        wanted = self._wanted.get(id(row))
        if wanted is None:
            told = {**DEFAULT_HEADERS, **(row.headers if row else {})}
            wanted = [
                (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in told.items()
            ]
            self._wanted[id(row)] = wanted
        return wanted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        claimed = Headers(scope=scope).get("x-request-id", "")
        request_id = claimed if _REQUEST_ID.fullmatch(claimed) else _new_id()
        row = self._table.find(scope["method"], scope["path"])
        wanted = self._headers_of(row)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"] = list(message["headers"])
                there = {name.lower() for name, _ in headers}
                headers += [each for each in wanted if each[0] not in there]
                headers.append((b"x-request-id", request_id.encode()))
                self._requested(scope["method"], route_of(scope), message["status"])
            await send(message)

        # `bound_contextvars` would copy the whole context first.
        before = structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self._app(scope, receive, answer)
        finally:
            structlog.contextvars.reset_contextvars(**before)


def _new_id() -> str:
    """Unlikely to be met again; it is no secret, so the kernel need not be asked."""
    return f"{random.getrandbits(64):016x}"


class Failures:
    """Turns what nobody foresaw into a problem response and a line in the log."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def answer(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except Exception:
            if started:
                raise  # the half-sent answer can only be cut off, which the server does
            # Its template, as an address may hold a secret.
            log.exception("request_failed", method=scope["method"], path=route_of(scope))
            await RequestError(Problem.INTERNAL_ERROR).response()(scope, receive, send)


class BoundedBody:
    """Reads the body before anything else does: as many bytes as the route takes, and not for long."""

    def __init__(self, app: ASGIApp, table: RouteTable) -> None:
        self._app = app
        self._table = table

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            row = self._table.find(scope["method"], scope["path"])
            async with asyncio.timeout(BODY_TIMEOUT):
                body = await _read_body(scope, receive, row.max_body if row else MAX_BODY)
        except TimeoutError:
            await _close(Problem.BODY_TIMEOUT)(scope, receive, send)
            return
        if body is None:
            await _close(Problem.BODY_TOO_LARGE)(scope, receive, send)
            return
        scope[BODY] = body
        pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return pending.pop() if pending else await receive()

        await self._app(scope, replay, send)


async def _read_body(scope: Scope, receive: Receive, most: int) -> bytes | None:
    """The whole body; None for one that is too large."""
    length = Headers(scope=scope).get("content-length", "0")
    if not length.isdecimal() or int(length) > most:
        await _discard(receive)
        return None
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > most:
            if more:
                await _discard(receive)
            return None
    return bytes(body)


async def _discard(receive: Receive) -> None:
    """Read on for a while: a client that is still sending when we close would see a reset, not the answer."""
    discarded, more = 0, True
    while more and discarded < MOST_DISCARDED:
        message = await receive()
        discarded += len(message.get("body", b""))
        more = message.get("more_body", False)


def _close(problem: Problem) -> ASGIApp:
    """The refusal of a body that was not read to its end: the connection cannot go on."""
    return RequestError(problem, headers={"Connection": "close"}).response()

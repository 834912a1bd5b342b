"""What the WebSockets (RFC 6455) of calls and of agents have in common."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from api.page_queue import ClosedError, PageQueue, TooSlowError
from api.problems import FieldError, Problem, RequestError
from api.subprotocol.base import SUBPROTOCOL, FromServer, NotUnderstoodError, RefusalReason, Table
from api.subprotocol.legs import LegFailed

log = structlog.get_logger(__name__)

#: Close codes (RFC 6455 section 7.4); those from 4000 on are ours.
ENDED = 1000  # the last line was sent
STORE_UNAVAILABLE = 1011
TOO_SLOW = 1013
NOT_LOGGED_IN = 4401
CALL_UNKNOWN = 4404  # no such call, or not for this token and page
TOO_MANY = 4429


class Connection(Protocol):
    """A page on its WebSocket."""

    @property
    def owner(self) -> str:
        """Whose page it is, for the log."""

    @property
    def listener(self) -> Receiver:
        """Where messages for it go."""


class Receiver(Protocol):
    """What takes messages for a page."""

    def put(self, item: FromServer) -> None:
        """Send a message; must not block and must not raise."""


P = TypeVar("P", bound=Connection)


def hear(table: Table[P], page: P, text: str) -> None:
    """Have handled what a page says; what is no message of this socket is refused, or a failed offer."""
    try:
        table.hear(page, text)
    except NotUnderstoodError as error:
        refused, session = error.refused, error.said.get("session")
        log.info("page_not_understood", owner=page.owner, reason=refused.reason)
        known = refused.reason is not RefusalReason.UNKNOWN_TYPE
        if known and refused.request == "offer" and refused.leg and type(session) in (int, float):
            page.listener.put(LegFailed(leg=refused.leg, session=session, problem="bad_offer"))
        else:
            page.listener.put(refused)


async def send(socket: WebSocket, message: FromServer) -> None:
    """Send one message."""
    await socket.send_text(message.model_dump_json())


async def tell(socket: WebSocket, listener: PageQueue) -> int | None:
    """Send the messages that there are for a page, which follows no call's lines.

    Returns the close code, None where nobody is left to close for.
    """
    try:
        while True:
            item = await listener.next()
            assert isinstance(item, FromServer)  # noqa: S101 - the page follows no call's lines
            await send(socket, item)
    except TooSlowError:
        return TOO_SLOW
    except ClosedError as closed:
        return closed.code
    except WebSocketDisconnect:
        return None


async def welcome(socket: WebSocket, *, known_origin: bool) -> bool:
    """Accept a page of ours that speaks our protocol, and refuse any other; whether it was accepted."""
    if not known_origin:
        refusal = RequestError(Problem.ORIGIN_REFUSED)
    elif SUBPROTOCOL not in socket.scope["subprotocols"]:
        missing = FieldError(path="header.sec-websocket-protocol", message=f"offer {SUBPROTOCOL}")
        refusal = RequestError(Problem.VALIDATION_FAILED, errors=[missing])
    else:
        await socket.accept(SUBPROTOCOL)
        return True
    await socket.send_denial_response(refusal.response())
    return False


TOKEN_PREFIX = "token."  # noqa: S105 - the prefix is no secret


def token_in(socket: WebSocket) -> str:
    """The token among the subprotocols that the page offers; empty where there is none."""
    offered: list[str] = socket.scope["subprotocols"]
    return next((each.removeprefix(TOKEN_PREFIX) for each in offered if each.startswith(TOKEN_PREFIX)), "")


async def converse(
    socket: WebSocket,
    tell: Coroutine[Any, Any, int | None],
    hear: Callable[[str], object],
    says: Callable[[], bool],
) -> None:
    """Tell, and hear, until one of the two comes to its end or the page is gone; then close.

    ``tell`` returns the close code, None where nobody is left to close for. ``says`` counts a message, and
    tells whether it is heard.
    """
    await run_both(socket, tell, _hear(socket, hear, says))


async def run_both(
    socket: WebSocket, tell: Coroutine[Any, Any, int | None], hear: Coroutine[Any, Any, int | None]
) -> None:
    """Run both until one comes to its end, and close with its code; None: nobody is left to close for."""
    telling, hearing = asyncio.ensure_future(tell), asyncio.ensure_future(hear)
    try:
        await asyncio.wait({telling, hearing}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        telling.cancel()
        hearing.cancel()
    await asyncio.wait({telling, hearing})
    code = telling.result() if hearing.cancelled() else hearing.result()
    if code is not None:
        await close(socket, code)


async def close(socket: WebSocket, code: int) -> None:
    """Close; a page that has gone meanwhile needs no closing."""
    with contextlib.suppress(WebSocketDisconnect):
        await socket.close(code)


async def _hear(socket: WebSocket, hear: Callable[[str], object], says: Callable[[], bool]) -> int | None:
    """Hear until the page has gone, which is None, or says too much: then the close code."""
    while (message := await socket.receive())["type"] != "websocket.disconnect":
        if not says():
            return TOO_MANY
        hear(message.get("text") or "")  # bytes are no message: they are refused as an empty text is
        await asyncio.sleep(0)  # what it led to can be sent before the next one is heard
    return None

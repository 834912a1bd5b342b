"""A call's story on a WebSocket (RFC 6455), line by line until it ends.

Browsers cannot set headers on a WebSocket, and an address ends up in logs: the token comes as a subprotocol.
"""

from __future__ import annotations

import asyncio

from pydantic import TypeAdapter
from starlette.websockets import WebSocket, WebSocketDisconnect

from api.access import Access
from api.calls import current_progress
from api.core import Core
from api.live import Listener, TooManyListenersError, TooSlowError
from api.origins import Origins
from api.problems import FieldError, Problem, RequestError
from bridge.progress import CallProgress, CallState
from store.errors import StoreError

SUBPROTOCOL = "ringback.v1"
TOKEN_PREFIX = "token."  # noqa: S105 - the prefix is no secret

#: Close codes (RFC 6455 section 7.4); those from 4000 on are ours.
ENDED = 1000  # the last line was sent
STORE_UNAVAILABLE = 1011
TOO_SLOW = 1013
CALL_UNKNOWN = 4404  # no such call, or not for this token and page
TOO_MANY = 4429

_LINE = TypeAdapter(CallProgress)


class Events:
    """The WebSocket ``/v1/calls/{call_id}/events``."""

    def __init__(self, core: Core, access: Access, origins: Origins) -> None:
        self._core = core
        self._access = access
        self._origins = origins

    async def follow(self, socket: WebSocket, call_id: str) -> None:
        """Send the newest line at once, then each line as JSON; close after the last."""
        origin = socket.headers.get("origin", "")
        if not self._origins.known(origin):
            await socket.send_denial_response(RequestError(Problem.ORIGIN_REFUSED).response())
            return
        offered: list[str] = socket.scope["subprotocols"]
        if SUBPROTOCOL not in offered:
            missing = FieldError(path="header.sec-websocket-protocol", message=f"offer {SUBPROTOCOL}")
            refusal = RequestError(Problem.VALIDATION_FAILED, errors=[missing])
            await socket.send_denial_response(refusal.response())
            return
        await socket.accept(SUBPROTOCOL)
        token = next(
            (each.removeprefix(TOKEN_PREFIX) for each in offered if each.startswith(TOKEN_PREFIX)), ""
        )
        if not self._access.opens(call_id, token, origin):
            await socket.close(CALL_UNKNOWN)
            return
        try:
            with self._core.live.listen(call_id) as listener:
                await self._follow(socket, call_id, listener)
        except TooManyListenersError:
            await socket.close(TOO_MANY)

    async def _follow(self, socket: WebSocket, call_id: str, listener: Listener) -> None:
        """Tell until the end of the call or of the connection, whichever comes first."""
        telling = asyncio.ensure_future(self._tell(socket, call_id, listener))
        leaving = asyncio.ensure_future(_left(socket))
        try:
            await asyncio.wait({telling, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            telling.cancel()
            leaving.cancel()
        await asyncio.wait({telling, leaving})
        if leaving.cancelled() and (code := telling.result()) is not None:
            await socket.close(code)

    async def _tell(self, socket: WebSocket, call_id: str, listener: Listener) -> int | None:
        """Send the lines; returns the close code, None where nobody is left to close for."""
        try:
            line = await current_progress(self._core, call_id)
            if line is None:
                return CALL_UNKNOWN
            await _send(socket, line)
            while line.state is not CallState.ENDED:
                newer = await listener.next()
                if newer.sequence > line.sequence:  # else it was told as the newest one already
                    line = newer
                    await _send(socket, line)
        except TooSlowError:
            return TOO_SLOW
        except StoreError:
            return STORE_UNAVAILABLE
        except WebSocketDisconnect:
            return None
        return ENDED


async def _send(socket: WebSocket, line: CallProgress) -> None:
    await socket.send_text(_LINE.dump_json(line).decode())


async def _left(socket: WebSocket) -> None:
    """Return when the page has gone. What it says meanwhile means nothing here."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass

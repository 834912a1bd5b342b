"""A call's story on a WebSocket, line by line until it ends; and what its browser leg says and is told.

Browsers cannot set headers on a WebSocket, and an address ends up in logs: the token comes as a subprotocol.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Literal

from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect

from api.access import Access
from api.core import Core
from api.listener import Listener, TooSlowError
from api.origins import Origins
from api.routes import SocketRow
from api.shop.live import TooManyListenersError
from api.shop.stories import CallStories
from api.sockets import CALL_UNKNOWN, ENDED, STORE_UNAVAILABLE, TOO_MANY, TOO_SLOW, close, converse, welcome
from api.talk import Talk
from bridge.progress import CallProgress, CallState
from cti.page_push import PushedPage
from store.errors import StoreError

TOKEN_PREFIX = "token."  # noqa: S105 - the prefix is no secret

_LINE = TypeAdapter(CallProgress)


class PushAnswer(BaseModel):
    """Page: the page that was pushed is opened, or the shopper does not want it."""

    type: Literal["push_answer"]
    push: int
    accepted: bool


class Events:
    """The WebSocket ``/v1/calls/{call_id}/events``."""

    def __init__(self, core: Core, stories: CallStories, access: Access, origins: Origins) -> None:
        self._core = core
        self._stories = stories
        self._access = access
        self._origins = origins
        self._talk = Talk()

    def routes(self) -> tuple[SocketRow, ...]:
        """The WebSocket's address."""
        return (SocketRow("/v1/calls/{call_id}/events", self.follow),)

    async def follow(self, socket: WebSocket, call_id: str) -> None:
        """Send the newest line at once, then each line as JSON; close after the last."""
        origin = socket.headers.get("origin", "")
        if not await welcome(socket, known_origin=self._origins.known(origin)):
            return
        offered: list[str] = socket.scope["subprotocols"]
        token = next(
            (each.removeprefix(TOKEN_PREFIX) for each in offered if each.startswith(TOKEN_PREFIX)), ""
        )
        if not self._access.opens(call_id, token, origin):
            await close(socket, CALL_UNKNOWN)
            return
        if not self._talk.connects(call_id):
            await close(socket, TOO_MANY)
            return
        legs, pushes = self._core.browser_legs, self._core.page_pushes
        try:
            with (
                self._core.live.listen(call_id) as listener,
                legs.page(call_id, listener),
                pushes.page(call_id, lambda pushed: listener.put(_push(pushed))),
            ):
                await converse(
                    socket,
                    self._tell(socket, call_id, listener),
                    lambda text: self._heard(call_id, listener, text),
                    lambda: self._talk.says(call_id),
                )
        except TooManyListenersError:
            await close(socket, TOO_MANY)

    def _heard(self, call_id: str, listener: Listener, text: str) -> None:
        try:
            answer = PushAnswer.model_validate_json(text)
        except ValidationError:
            self._core.browser_legs.said(call_id, listener, text)
        else:
            self._core.page_pushes.answered(call_id, answer.push, accepted=answer.accepted)

    async def _tell(self, socket: WebSocket, call_id: str, listener: Listener) -> int | None:
        """Send the lines; returns the close code, None where nobody is left to close for."""
        try:
            line = await self._stories.newest(call_id)
            if line is None:
                return CALL_UNKNOWN
            await self._send(socket, line)
            while line.state is not CallState.ENDED:
                newer = await listener.next()
                if isinstance(newer, str):
                    await socket.send_text(newer)
                elif newer.sequence > line.sequence:  # else it was told as the newest one already
                    line = newer
                    await self._send(socket, line)
        except TooSlowError:
            return TOO_SLOW
        except StoreError:
            return STORE_UNAVAILABLE
        except WebSocketDisconnect:
            return None
        return ENDED

    async def _send(self, socket: WebSocket, line: CallProgress) -> None:
        """A line, with what a page needs to count times by no clock but ours, also after a reload."""
        times = asdict(self._core.live.times(line.call_id))
        fields = {**_LINE.dump_python(line, mode="json"), **times, "now": self._core.steady.time()}
        await socket.send_text(json.dumps(fields))


def _push(pushed: PushedPage) -> str:
    fields = {"push": pushed.push, "url": pushed.url, "title": pushed.title, "mode": pushed.mode}
    return json.dumps({"type": "push", **fields})

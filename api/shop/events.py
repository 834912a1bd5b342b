"""A call's story on a WebSocket, line by line until it ends; and what its browser leg says and is told.

Browsers cannot set headers on a WebSocket, and an address ends up in logs: the token comes as a subprotocol.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.websockets import WebSocket, WebSocketDisconnect

from api.access import Access
from api.browser_legs import LEG_SAYS, BrowserLegs
from api.origins import Origins
from api.page_queue import PageQueue, TooManyListenersError, TooSlowError
from api.routes import SocketRow
from api.shop.live import LiveCalls
from api.shop.stories import CallStories
from api.shop.views import TalkPageLink
from api.sockets import (
    CALL_UNKNOWN,
    ENDED,
    STORE_UNAVAILABLE,
    TOO_MANY,
    TOO_SLOW,
    close,
    converse,
    hear,
    send,
    token_in,
    welcome,
)
from api.subprotocol.base import Table
from api.subprotocol.shopper import OpenPage, PageAnswer, progress
from api.talk import Talk
from bridge.progress import CallProgress, CallState
from bridge.protocols import Clock
from cti.page_push import PagePushes, PushedPage
from store.errors import StoreError
from views.circle import ViewCircle


@dataclass(frozen=True, slots=True)
class ShopperConnection:
    """A shopper's page on its WebSocket."""

    call_id: str
    listener: PageQueue
    legs: BrowserLegs
    pushes: PagePushes

    @property
    def owner(self) -> str:
        """The call, whose legs in this page are the shopper's."""
        return self.call_id

    def answered(self, message: PageAnswer) -> None:
        """The shopper opens the page that was pushed, or does not want it."""
        self.pushes.answered(self.call_id, message.push, accepted=message.accepted)


#: What a shopper's page says, and what it leads to.
SHOPPER_SAYS = Table[ShopperConnection]((PageAnswer, ShopperConnection.answered), *LEG_SAYS)


class CallEvents:
    """The WebSocket ``/v1/calls/{call_id}/events``."""

    def __init__(
        self,
        *,
        steady: Clock,
        stories: CallStories,
        live: LiveCalls,
        legs: BrowserLegs,
        page_pushes: PagePushes,
        views: ViewCircle,
        access: Access,
        origins: Origins,
    ) -> None:
        self._steady = steady
        self._stories = stories
        self._live = live
        self._legs = legs
        self._page_pushes = page_pushes
        self._views = views
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
        if not self._access.opens(call_id, token_in(socket), origin):
            await close(socket, CALL_UNKNOWN)
            return
        if not self._talk.connects(call_id):
            await close(socket, TOO_MANY)
            return
        legs, pushes = self._legs, self._page_pushes
        try:
            with (
                self._live.listen(call_id) as listener,
                legs.page(call_id, listener),
                pushes.page(call_id, lambda pushed: listener.put(_open_page(pushed))),
                self._views.talk_page(call_id, TalkPageLink(listener)),
            ):
                page = ShopperConnection(call_id, listener, legs, pushes)
                await converse(
                    socket,
                    self._tell(socket, call_id, listener),
                    lambda text: hear(SHOPPER_SAYS, page, text),
                    lambda: self._talk.says(call_id),
                )
        except TooManyListenersError:
            await close(socket, TOO_MANY)

    async def _tell(self, socket: WebSocket, call_id: str, listener: PageQueue) -> int | None:
        """Send the lines; returns the close code, None where nobody is left to close for."""
        try:
            line = await self._stories.newest(call_id)
            if line is None:
                return CALL_UNKNOWN
            await self._send(socket, line)
            while line.state is not CallState.ENDED:
                newer = await listener.next()
                if not isinstance(newer, CallProgress):
                    await send(socket, newer)
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
        times = self._live.times(line.call_id)
        await send(socket, progress(line, self._steady.time(), times.started_at, times.bridged_at))


def _open_page(pushed: PushedPage) -> OpenPage:
    return OpenPage(push=pushed.push, url=pushed.url, title=pushed.title, mode=pushed.mode)

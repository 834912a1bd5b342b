"""The wallboard: its WebSocket, for operators and for screens on walls, and the links of those."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

from starlette.requests import Request
from starlette.websockets import WebSocket, WebSocketDisconnect

from api.digests import digest_of
from api.origins import same_origin
from api.portal.board import BoardViewer, WallboardFeed
from api.portal.wallboard_models import KioskList, KioskView, KioskWish, NewKiosk
from api.portal_audit import PortalAudit
from api.portal_door import Asks, PortalDoor
from api.problems import Problem, RequestError
from api.routes import BODY_PROBLEMS, LIST_PROBLEMS, Audience, SocketRow, UrlRow
from api.sockets import NOT_LOGGED_IN, TOO_MANY, close, token_in, welcome
from bridge.protocols import Clock
from config.models import Config
from store.kiosks import KioskLink, SqlKiosks

#: Pages that may look at once, and links that may be good at once.
MOST_VIEWERS, MOST_LINKS = 500, 100
#: Seconds between two looks whether a page may still look.
CHECK_EVERY = 10.0
#: What a page says to get all of it again.
RESYNC = "resync"


class WallboardEndpoints:
    """Serves the WebSocket, and the links of kiosks."""

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        clock: Clock,
        door: PortalDoor,
        feed: WallboardFeed,
        kiosks: SqlKiosks,
        audit: PortalAudit,
    ) -> None:
        self._config = config
        self._clock = clock
        self._door = door
        self._feed = feed
        self._kiosks = kiosks
        self._audit = audit
        self._viewers = 0

    def routes(self) -> tuple[UrlRow | SocketRow, ...]:
        """The addresses of the wallboard."""
        at = "/v1/portal/kiosks"
        return (
            SocketRow("/v1/portal/wallboard", self.follow),
            UrlRow("GET", at, self.links, "portal_kiosks", Audience.PORTAL, LIST_PROBLEMS, right="wallboard"),
            UrlRow("POST", at, self.make, "make_portal_kiosk", Audience.PORTAL,
                   (*BODY_PROBLEMS, Problem.STORE_UNAVAILABLE, Problem.TOO_MANY_LINKS), status=201,
                   right="wallboard"),
            UrlRow("DELETE", f"{at}/{{kiosk_id}}", self.revoke, "revoke_portal_kiosk", Audience.PORTAL,
                   (Problem.KIOSK_UNKNOWN, Problem.STORE_UNAVAILABLE), status=204, right="wallboard"),
        )  # fmt: skip

    async def links(self) -> KioskList:
        """The links that are good."""
        return KioskList(links=[_view(link) for link in await self._kiosks.links(self._clock.time())])

    async def make(self, wish: KioskWish, request: Request, user: Asks) -> NewKiosk:
        """Make a link for a screen on a wall: ``/portal/#/wallboard?kiosk=SECRET``. It shows no names."""
        now, secret = self._clock.time(), secrets.token_urlsafe(32)
        if len(await self._kiosks.links(now)) >= MOST_LINKS:
            raise RequestError(Problem.TOO_MANY_LINKS)
        link = KioskLink(
            id=secrets.token_hex(8),
            digest=digest_of(secret).hex(),
            label=wish.label,
            made_by=user.name,
            made_at=now,
            expires_at=now + wish.days * 86400,
        )
        await self._audit.note(request, user, "kiosk_link_made", id=link.id, days=wish.days)
        await self._kiosks.add(link)
        return NewKiosk(link=_view(link), secret=secret)

    async def revoke(self, kiosk_id: str, request: Request, user: Asks) -> None:
        """End a link: screens that show it are told within seconds."""
        if not await self._kiosks.revoke(kiosk_id):
            raise RequestError(Problem.KIOSK_UNKNOWN)
        await self._audit.note(request, user, "kiosk_link_ended", id=kiosk_id)

    async def follow(self, socket: WebSocket) -> None:
        """Tell the board: a snapshot, then once a second what has changed. A page may say ``resync``."""
        if not await welcome(socket, known_origin=same_origin(socket.headers, self._config())):
            return
        secret = token_in(socket)
        if not await self._may_look(socket, secret):
            await close(socket, NOT_LOGGED_IN)
            return
        if self._viewers >= MOST_VIEWERS:
            await close(socket, TOO_MANY)
            return
        viewer = BoardViewer(kiosk=bool(secret))
        self._viewers += 1
        tasks: set[asyncio.Task[int | None]] = set()
        try:
            await self._feed.enter(viewer)
            tasks = {
                asyncio.create_task(each)
                for each in (
                    _tell(socket, viewer),
                    self._hear(socket, viewer),
                    self._watch(socket, secret),
                )
            }
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            codes = [task.result() for task in done]
        finally:
            self._viewers -= 1
            self._feed.leave(viewer)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if code := next((each for each in codes if each is not None), None):
            await close(socket, code)

    async def _may_look(self, socket: WebSocket, secret: str) -> bool:
        if secret:
            digest = digest_of(secret).hex()
            return any(link.digest == digest for link in await self._kiosks.links(self._clock.time()))
        try:
            return self._door.user(socket).may("wallboard")
        except RequestError:
            return False

    async def _watch(self, socket: WebSocket, secret: str) -> int:
        while True:
            await asyncio.sleep(CHECK_EVERY)
            if not await self._may_look(socket, secret):
                return NOT_LOGGED_IN

    async def _hear(self, socket: WebSocket, viewer: BoardViewer) -> int | None:
        """Until the page has gone; each wish to have all again is served at most once a second."""
        while (message := await socket.receive())["type"] != "websocket.disconnect":
            if message.get("text") == RESYNC:
                self._feed.again(viewer)
            await asyncio.sleep(1.0)
        return None


async def _tell(socket: WebSocket, viewer: BoardViewer) -> int | None:
    try:
        while True:
            await socket.send_text(await viewer.next())
    except WebSocketDisconnect:
        return None


def _view(link: KioskLink) -> KioskView:
    return KioskView(
        id=link.id,
        label=link.label,
        made_by=link.made_by,
        made_at=link.made_at,
        expires_at=link.expires_at,
    )

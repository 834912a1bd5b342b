"""Shared views on the agents' side: the socket of the document with the page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from starlette.websockets import WebSocket

from api.audit import AuditTrail
from api.origins import same_origin
from api.routes import SocketRow
from api.sockets import CALL_UNKNOWN, NOT_LOGGED_IN, TOO_MANY, close
from api.subprotocol.base import Table
from api.subprotocol.view_desks import (
    ActionResult,
    AgentViewHello,
    AgentWelcome,
    AgreedTo,
    AskForMore,
    PageTurned,
    ShopperPoints,
    ShownPage,
    ViewPaused,
    ViewTooLarge,
    WishAction,
    WishPicture,
)
from api.subprotocol.view_words import LONGEST_SAID, EndSharedView, PagePong, PointAt
from api.talk import Talk
from api.view_queue import ViewQueue
from api.view_sockets import converse_in_view, leave, meet, stands, view_moved
from cobrowse.actions import ViewAction
from cobrowse.view_events import ViewEnd, ViewStopped
from config.models import Config
from config.sections.cobrowse import Scope
from views.acting import ViewActions
from views.audience import ActionResultWord, ViewDocument, ViewNow
from views.engine import SharedViews
from views.live import LiveView, LiveViewer
from views.picture import Pictures
from views.rights import WishProblem
from views.watching import ViewWatchers


@dataclass(frozen=True, slots=True)
class ViewerSocket:
    """A document on its socket; :class:`views.audience.ViewerLink`."""

    queue: ViewQueue

    def welcome(self, now: ViewNow, may: tuple[Scope, ...], page: ViewDocument | None) -> None:
        """It takes part."""
        shown = ShownPage(n=page.n, url=page.url, title=page.title) if page else None
        self.queue.put(
            AgentWelcome(
                state=stands(now), scopes=list(may), agreed=list(now.agreed), page=shown, ends_in=now.ends_in
            )
        )

    def turn(self, page: ViewDocument) -> None:
        """Another document begins."""
        self.queue.put(PageTurned(n=page.n, url=page.url, title=page.title))

    def picture(self, page: int, events: Sequence[bytes], whole: bool) -> None:
        """Masked events."""
        self.queue.picture(page, events, whole)

    def too_large(self) -> None:
        """The page cannot be shown."""
        self.queue.put(ViewTooLarge())

    def moved(self, now: ViewNow) -> None:
        """The view stands differently."""
        self.queue.put(view_moved(now))
        self.queue.put(AgreedTo(scopes=list(now.agreed)))
        if now.paused is not None and now.paused != "too_large":
            self.queue.put(ViewPaused(why=now.paused))

    def declined(self, now: ViewNow) -> None:
        """The shopper does not agree to more."""
        self.queue.put(AgreedTo(scopes=list(now.agreed), declined=True))

    def point(self, node: int, dx: float, dy: float) -> None:
        """Where the shopper's pointer is."""
        self.queue.put(ShopperPoints(node=node, dx=dx, dy=dy))

    def result(self, action: str, result: ActionResultWord, reason: str, detail: str) -> None:
        """What became of an action."""
        self.queue.put(ActionResult(action=action, result=result, reason=reason, detail=detail))

    def leave(self, why: ViewEnd | None) -> None:
        """The view is over, or another document has taken this one's place."""
        leave(self.queue, why)


@dataclass(slots=True)
class AgentViewPage:
    """A document that speaks."""

    live: LiveView
    viewer: LiveViewer
    queue: ViewQueue
    views: SharedViews
    pictures: Pictures
    actions: ViewActions
    size: int = 0

    @property
    def owner(self) -> str:
        """The agent."""
        return self.viewer.agent

    def acts(self, message: WishAction) -> Awaitable[None]:
        """Do something on the page."""
        action = ViewAction(message.kind, message.node, message.value, message.word)
        return self.actions.act(self.live, self.viewer, message.action, action)

    def points(self, message: PointAt) -> None:
        """Where the agent's pointer is."""
        self.actions.agent_points(self.live, self.viewer, message.node, message.dx, message.dy)

    def asks(self, message: AskForMore) -> None:
        """Ask the shopper for more."""
        self.views.ask_more(self.live, self.viewer.name, message.scopes)

    def loses(self, message: WishPicture) -> None:
        """It wants a new snapshot."""
        self.pictures.again(self.live, self.viewer.name)

    def ends(self, message: EndSharedView) -> None:
        """The agent whose view it is ends it."""
        if self.viewer.agent == self.live.standing.agent:
            self.views.handle(self.live, ViewStopped("agent"))

    def pongs(self, message: PagePong) -> None:
        """The document is awake: that it spoke is noted where it is heard."""


#: What an agent's document says in a view, and what it leads to.
VIEW_AGENT_HEARS = Table[AgentViewPage](
    (WishAction, AgentViewPage.acts),
    (PointAt, AgentViewPage.points),
    (AskForMore, AgentViewPage.asks),
    (WishPicture, AgentViewPage.loses),
    (EndSharedView, AgentViewPage.ends),
    (PagePong, AgentViewPage.pongs),
    longest=LONGEST_SAID,
)
_CLOSES: dict[WishProblem, int] = {"unknown": CALL_UNKNOWN, "full": TOO_MANY}


class AgentViewEvents:
    """The WebSocket ``/v1/agents/views/{view}``. It reads no cookie: the desk's token opens it, once."""

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        views: SharedViews,
        watchers: ViewWatchers,
        audit: AuditTrail,
        pictures: Pictures,
        actions: ViewActions,
    ) -> None:
        self._config = config
        self._views = views
        self._watchers = watchers
        self._audit = audit
        self._pictures = pictures
        self._actions = actions
        self._talk = Talk()

    def routes(self) -> tuple[SocketRow, ...]:
        """The WebSocket's address."""
        return (SocketRow("/v1/agents/views/{view}", self.follow),)

    async def follow(self, socket: WebSocket, view: str) -> None:
        """Show the page to one document, for as long as it is there."""
        known = same_origin(socket.headers, self._config())
        hello = await meet(
            socket, view, AgentViewHello, known_origin=known, views=self._views, talk=self._talk
        )
        if hello is None:
            return
        page: AgentViewPage | None = None

        def again() -> None:
            if page is not None:
                self._pictures.again(page.live, page.viewer.name)

        queue = ViewQueue(again)
        opened = self._watchers.opened(view, hello.token, ViewerSocket(queue))
        if not isinstance(opened, tuple):
            await close(socket, _CLOSES.get(opened, NOT_LOGGED_IN))
            return
        live, viewer = opened
        self._audit.write(
            socket,
            "view_opened",
            agent=viewer.agent,
            view=live.view[:8],
            talk=live.talk.talk_id if live.talk else "",
            of_agent=live.standing.agent,
        )
        page = AgentViewPage(live, viewer, queue, self._views, self._pictures, self._actions)
        try:
            await converse_in_view(socket, VIEW_AGENT_HEARS, page)
        finally:
            self._watchers.closed(live, viewer)

"""Shared views on the shopper's side: the code for a shopper on the phone, and the socket of their pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.websockets import WebSocket

from api.callers import Callers
from api.origins import Origins, normal_origin, site_allows
from api.page_queue import PageQueue
from api.problems import Problem, RequestError
from api.routes import BODY_PROBLEMS, SocketRow, UrlRow
from api.shop.models import SiteKey
from api.sockets import NOT_LOGGED_IN, TOO_MANY, close
from api.subprotocol.base import Table
from api.subprotocol.view_words import LONGEST_SAID, EndSharedView, PagePong, PointAt
from api.subprotocol.views import (
    ActionDone,
    AgentPoints,
    ConsentAsked,
    DeclineConsent,
    DoAction,
    GiveConsent,
    RecordedEvents,
    RecordedPart,
    RecordPage,
    RevokeConsent,
    SharedViewAsked,
    SharedViewOver,
    TabVisible,
    TooLargeToRecord,
    ViewConsent,
    ViewHello,
    ViewRules,
    ViewWelcome,
    WishSnapshot,
)
from api.talk import Talk
from api.view_queue import ViewQueue
from api.view_sockets import consent_of, converse_in_view, leave, meet, stands, view_moved
from bridge.protocols import Clock
from cobrowse.addresses import shown_address
from cobrowse.standing import MOST_TABS
from cobrowse.view_events import TabTurned, ViewEnd, ViewRevoked, ViewStopped
from cobrowse.words import clear_text
from config.models import Config
from config.sections.cobrowse import Cobrowse
from config.sections.sites import Site
from views.acting import ViewActions
from views.audience import OrderedAction, ViewNow, ViewQuestion
from views.codes import LIFETIME
from views.engine import SharedViews
from views.live import LiveTab, LiveView
from views.picture import Pictures
from views.rights import WishRefusedError


class ViewCodeRequest(BaseModel):
    """A shopper on the phone wants to show their page."""

    model_config = ConfigDict(extra="forbid", strict=True)

    site_key: SiteKey = Field(description="The site's public key.")


class ViewCode(BaseModel):
    """A code to read out, and what opens the view's WebSocket meanwhile."""

    code: Annotated[str, Field(pattern=r"^[0-9]{6}$")] = Field(description="Six digits, good once.")
    view: str
    token: str = Field(description="Secret: the first message on the WebSocket of the view has it.")
    expires_in: float = Field(description="Seconds for which the code is good.")


@dataclass(frozen=True, slots=True)
class TabSocket:
    """A page of the shopper's on the socket of a view; :class:`views.audience.TabLink`."""

    queue: ViewQueue
    rules: ViewRules

    def welcome(self, now: ViewNow, question: ViewQuestion | None) -> None:
        """It takes part."""
        self.queue.put(
            ViewWelcome(
                state=stands(now),
                agent=now.agent,
                scopes=list(question.scopes if question else now.wanted or now.agreed),
                agreed=list(now.agreed),
                consent=ViewConsent(**consent_of(question)) if question else None,
                ends_in=now.ends_in,
                rules=self.rules,
            )
        )

    def record(self, on: bool, page: int) -> None:
        """Record, or do not."""
        self.queue.put(RecordPage(on=on, page=page))

    def snapshot(self) -> None:
        """Take a full snapshot."""
        self.queue.put(WishSnapshot())

    def ask(self, question: ViewQuestion) -> None:
        """Ask the shopper."""
        self.queue.put(ConsentAsked(**_asked(question)))

    def moved(self, now: ViewNow) -> None:
        """The view stands differently."""
        self.queue.put(view_moved(now))

    def act(self, order: OrderedAction) -> None:
        """Do something."""
        self.queue.put(
            DoAction(
                action=order.action,
                kind=order.kind,
                node=order.node,
                value=order.value,
                word=order.word,
                agent=order.agent,
                ask=order.ask,
            )
        )

    def point(self, node: int, dx: float, dy: float, agent: str) -> None:
        """Where the agent's pointer is."""
        self.queue.put(AgentPoints(node=node, dx=dx, dy=dy, agent=agent))

    def leave(self, why: ViewEnd | None) -> None:
        """The view is over, or another page has taken this one's place."""
        leave(self.queue, why)


@dataclass(slots=True)
class ShopperViewPage:
    """A page of the shopper's that speaks."""

    live: LiveView
    tab: LiveTab
    queue: ViewQueue
    views: SharedViews
    pictures: Pictures
    actions: ViewActions
    size: int = 0

    @property
    def owner(self) -> str:
        """The view."""
        return self.live.view[:8]

    def consents(self, message: GiveConsent) -> None:
        """The shopper agrees."""
        self.views.answered(self.live, self.tab, frozenset(message.scopes), message.version)

    def declines(self, message: DeclineConsent) -> None:
        """The shopper does not agree."""
        self.views.refused_by_shopper(self.live)

    def revokes(self, message: RevokeConsent) -> None:
        """The shopper takes something back."""
        self.views.handle(self.live, ViewRevoked(frozenset(message.scopes)))

    def ends(self, message: EndSharedView) -> None:
        """The shopper ends it."""
        self.views.handle(self.live, ViewStopped("shopper"))

    def turns(self, message: TabVisible) -> None:
        """The tab comes to the front, or is hidden."""
        self.views.handle(self.live, TabTurned(self.tab.tab, message.visible))

    def recorded(self, message: RecordedEvents) -> Awaitable[None]:
        """What the recorder gave."""
        return self.pictures.events(self.live, self.tab, message.page, message.seq, message.events, self.size)

    def recorded_part(self, message: RecordedPart) -> Awaitable[None]:
        """A piece of a large event."""
        return self.pictures.part(
            self.live,
            self.tab,
            message.page,
            message.seq,
            message.of,
            message.index,
            message.count,
            message.data,
        )

    def is_too_large(self, message: TooLargeToRecord) -> Awaitable[None]:
        """The page says itself that it is too large."""
        return self.pictures.refused(self.live, self.tab, message.page)

    def done(self, message: ActionDone) -> None:
        """What became of an action."""
        self.actions.done(self.live, self.tab, message.action, message.result, message.reason)

    def points(self, message: PointAt) -> None:
        """Where the shopper's pointer is."""
        self.actions.shopper_points(self.live, self.tab, message.node, message.dx, message.dy)

    def pongs(self, message: PagePong) -> None:
        """The page is awake: that it spoke is noted where it is heard."""


#: What a shopper's page says in a view, and what it leads to.
VIEW_PAGE_HEARS = Table[ShopperViewPage](
    (GiveConsent, ShopperViewPage.consents),
    (DeclineConsent, ShopperViewPage.declines),
    (RevokeConsent, ShopperViewPage.revokes),
    (EndSharedView, ShopperViewPage.ends),
    (RecordedEvents, ShopperViewPage.recorded),
    (RecordedPart, ShopperViewPage.recorded_part),
    (TooLargeToRecord, ShopperViewPage.is_too_large),
    (TabVisible, ShopperViewPage.turns),
    (ActionDone, ShopperViewPage.done),
    (PointAt, ShopperViewPage.points),
    (PagePong, ShopperViewPage.pongs),
    longest=LONGEST_SAID,
)


@dataclass(frozen=True, slots=True)
class TalkPageLink:
    """A page on the socket of its call or chat; :class:`views.audience.ViewTalkPage`."""

    listener: PageQueue

    def shared_view(self, view: str, token: str, question: ViewQuestion) -> None:
        """An agent asks."""
        self.listener.put(SharedViewAsked(view=view, token=token, **_asked(question)))

    def shared_view_over(self, view: str, why: ViewEnd) -> None:
        """It is over."""
        self.listener.put(SharedViewOver(view=view, reason=why))


class ShopperViewEndpoints:
    """``POST /v1/views/codes`` and the WebSocket ``/v1/views/{view}``."""

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        clock: Clock,
        views: SharedViews,
        pictures: Pictures,
        actions: ViewActions,
        origins: Origins,
        refused: Callable[[str | None, str], None],
    ) -> None:
        self._config = config
        self._views = views
        self._pictures = pictures
        self._actions = actions
        self._origins = origins
        self._refused = refused
        self._callers = Callers(config, clock)
        self._talk = Talk()

    def routes(self) -> tuple[UrlRow | SocketRow, ...]:
        """The addresses."""
        return (
            UrlRow("POST", "/v1/views/codes", self.code, "make_view_code", status=201, for_sites=True,
                   problems=(*BODY_PROBLEMS, Problem.SITE_UNKNOWN, Problem.ORIGIN_REFUSED, Problem.VIEWS_OFF,
                             Problem.VIEWS_FULL, Problem.LIMIT_REQUESTS)),
            SocketRow("/v1/views/{view}", self.follow),
        )  # fmt: skip

    async def code(self, wanted: ViewCodeRequest, request: Request) -> ViewCode:
        """A code of six digits for a shopper on the phone: the agent types it in, and the page is asked."""
        try:
            self._callers.admit(request)
            name, site, _ = self._callers.site(wanted.site_key, request)
            if site.cobrowse is None:
                raise RequestError(Problem.VIEWS_OFF)
            try:
                live, code = self._views.offer_code(name)
            except WishRefusedError:
                raise RequestError(Problem.VIEWS_FULL, retry_after=LIFETIME) from None
        except RequestError as refusal:
            self._refused(None, refusal.problem.id)
            raise
        return ViewCode(code=code, view=live.view, token=live.secret, expires_in=LIFETIME)

    async def follow(self, socket: WebSocket, view: str) -> None:
        """Take part in a view with one page, for as long as it is there."""
        origin = socket.headers.get("origin", "")
        known = self._origins.known(origin)
        hello = await meet(socket, view, ViewHello, known_origin=known, views=self._views, talk=self._talk)
        if hello is None:
            return
        live = self._views.opens(view, hello.token)
        site = self._config().sites.get(live.site) if live else None
        if live is None or site is None or not site_allows(site, origin):
            await close(socket, NOT_LOGGED_IN)
            return
        if hello.tab not in live.tabs and len(live.tabs) >= MOST_TABS:
            await close(socket, TOO_MANY)
            return
        queue = ViewQueue()
        link = TabSocket(queue, view_rules(site, live.settings))
        tab = LiveTab(
            hello.tab, link, normal_origin(origin), address_on(hello.url, origin), clear_text(hello.title)
        )
        page = ShopperViewPage(live, tab, queue, self._views, self._pictures, self._actions)
        self._views.tab_opened(live, tab, hello.visible)
        try:
            await converse_in_view(socket, VIEW_PAGE_HEARS, page)
        finally:
            self._views.tab_closed(live, tab)


def view_rules(site: Site, settings: Cobrowse) -> ViewRules:
    """What the page leaves out by itself: with the fields of ``data_pass`` that are sensitive."""
    fields = site.data_pass.fields.values()
    sensitive = [each.element for each in fields if each.sensitive and each.element is not None]
    return ViewRules(
        mask=[*settings.mask, *sensitive],
        show=list(settings.show),
        never_fill=list(settings.never_fill),
        never_click=list(settings.never_click),
        private_by_default=settings.private_by_default,
    )


def address_on(url: str, origin: str) -> str:
    """The address of a page of this origin as agents see it; its first page for what is none of it."""
    shown = shown_address(url)
    return shown if shown.startswith(f"{normal_origin(origin)}/") else f"{origin}/"


def _asked(question: ViewQuestion) -> dict[str, Any]:
    return {
        "agent": question.agent,
        "scopes": list(question.scopes),
        "consent": ViewConsent(**consent_of(question)),
        "expires_in": question.expires_in,
    }

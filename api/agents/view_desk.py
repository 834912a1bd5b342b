"""Shared views at the desk: what agents ask for, and what their pages are told of their views."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from api.page_queue import PageQueue
from api.subprotocol.view_desks import (
    AskView,
    DeskView,
    EndDeskView,
    JoinView,
    RenewView,
    RunningView,
    RunningViews,
)
from api.view_sockets import stands
from views.audience import ViewNow
from views.board import BoardView, ViewBoards
from views.engine import SharedViews
from views.rights import WISH_PROBLEMS, WishProblem, WishRefusedError
from views.watching import ViewWatchers

log = structlog.get_logger(__name__)


class ViewDeskConnection(Protocol):
    """An agent's page on its WebSocket."""

    @property
    def agent(self) -> str:
        """Whose page it is."""

    @property
    def listener(self) -> PageQueue:
        """Where messages for it go."""

    @property
    def views(self) -> AgentViews:
        """The shared views of all agents."""


@dataclass(frozen=True, slots=True, eq=False)
class DeskLink:
    """A page of a desk; :class:`views.audience.ViewDeskPage` and a :class:`views.board.ViewBoardPage`."""

    listener: PageQueue

    def view(self, now: ViewNow, token: str | None) -> None:
        """How a view stands."""
        self.listener.put(
            DeskView(view=now.view, talk=now.talk, state=stands(now), scopes=list(now.wanted),
                     agreed=list(now.agreed), token=token, ends_in=now.ends_in, reason=now.end)
        )  # fmt: skip

    def running(self, views: Sequence[BoardView]) -> None:
        """All views that the agent may look at as a supervisor."""
        rows = [
            RunningView(view=each.now.view, talk=each.now.talk, site=each.site, state=stands(each.now),
                        agent=each.now.agent, agents=list(each.now.agents))
            for each in views
        ]  # fmt: skip
        self.listener.put(RunningViews(views=rows))


class AgentViews:
    """What the desks of all agents do with shared views."""

    def __init__(self, views: SharedViews, watchers: ViewWatchers, boards: ViewBoards) -> None:
        self._views = views
        self._watchers = watchers
        self._boards = boards

    @contextmanager
    def page(self, agent: str, listener: PageQueue) -> Iterator[None]:
        """Tell a page how its agent's views stand, as long as it is connected."""
        link = DeskLink(listener)
        with self._views.circle.desk_page(agent, link), self._boards.page(agent, link):
            yield

    def ask(self, agent: str, listener: PageQueue, wish: AskView) -> None:
        """Ask the shopper of a talk."""
        self._views.ask(agent, wish.talk, wish.scopes)

    def join(self, agent: str, listener: PageQueue, wish: JoinView) -> None:
        """Type a code in."""
        self._views.join(agent, wish.talk, wish.code, wish.scopes)

    def renew(self, agent: str, listener: PageQueue, wish: RenewView) -> None:
        """Another token, for this page alone."""
        live, token = self._watchers.token_for(agent, wish.view)
        DeskLink(listener).view(self._views.telling.now_of(live), token)

    def end(self, agent: str, listener: PageQueue, wish: EndDeskView) -> None:
        """End a view."""
        self._views.end_by_agent(agent, wish.view)


ViewWish = AskView | JoinView | RenewView | EndDeskView


def _done_or_refused(
    do: Callable[[AgentViews, str, PageQueue, Any], None],
) -> Callable[[ViewDeskConnection, Any], None]:
    """Have it done for the agent whose page asks, or tell the page why not."""

    def handle(connection: ViewDeskConnection, wish: ViewWish) -> None:
        problem: WishProblem | None = None
        try:
            do(connection.views, connection.agent, connection.listener, wish)
        except WishRefusedError as refusal:
            problem = refusal.problem
            view = wish.view if isinstance(wish, RenewView | EndDeskView) else ""
            talk = wish.talk if isinstance(wish, AskView | JoinView) else ""
            connection.listener.put(
                DeskView(view=view, talk=talk, state="ended", scopes=[], agreed=[], refused=problem,
                         detail=WISH_PROBLEMS[problem])
            )  # fmt: skip
        log.info("agent_asked", agent=connection.agent, request=wish.type, refused=problem)

    return handle


#: What agents want done with shared views, and what does it.
VIEW_ACTIONS: tuple[tuple[type[Any], Callable[[ViewDeskConnection, Any], None]], ...] = (
    (AskView, _done_or_refused(AgentViews.ask)),
    (JoinView, _done_or_refused(AgentViews.join)),
    (RenewView, _done_or_refused(AgentViews.renew)),
    (EndDeskView, _done_or_refused(AgentViews.end)),
)

"""Who hears of a view beside its own sockets: the shopper's pages of the talk, and the agents' desks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from cobrowse.standing import ViewPhase
from cobrowse.view_events import ViewEnd
from views.audience import ViewDeskPage, ViewNow, ViewQuestion, ViewTalkPage
from views.live import LiveView

T = TypeVar("T")


class ViewCircle:
    """``now_of(view)`` tells how it stands, ``new_token(view, agent)`` makes what opens its document,
    ``question(view)`` is what was asked last."""

    def __init__(
        self,
        now_of: Callable[[LiveView], ViewNow],
        new_token: Callable[[LiveView, str], str],
        question: Callable[[LiveView], ViewQuestion | None],
    ) -> None:
        self._now_of = now_of
        self._question = question
        self._new_token = new_token
        self._talks: dict[str, list[ViewTalkPage]] = {}
        self._desks: dict[str, list[ViewDeskPage]] = {}
        #: The live views by talk and by agent, once each has one.
        self._by_talk: dict[str, LiveView] = {}
        self._by_agent: dict[str, dict[str, LiveView]] = {}
        #: Views whose desks were told that they are agreed to.
        self._agreed: set[str] = set()

    @contextmanager
    def talk_page(self, talk_id: str, page: ViewTalkPage) -> Iterator[None]:
        """A page of the shopper's is connected: it gets the token of a view that is open."""
        self._talks.setdefault(talk_id, []).append(page)
        live = self._by_talk.get(talk_id)
        if live is not None and (question := self._question(live)) is not None:
            page.shared_view(live.view, live.secret, question)
        try:
            yield
        finally:
            _leave(self._talks, talk_id, page)

    @contextmanager
    def desk_page(self, agent: str, page: ViewDeskPage) -> Iterator[None]:
        """A page of an agent's desk is connected."""
        self._desks.setdefault(agent, []).append(page)
        for live in self._by_agent.get(agent, {}).values():
            page.view(self._now_of(live), None)
        try:
            yield
        finally:
            _leave(self._desks, agent, page)

    def ask(self, live: LiveView, question: ViewQuestion) -> None:
        """Ask on all pages of the talk."""
        if live.talk is None:
            return
        self._by_talk[live.talk.talk_id] = live
        for page in self._talks.get(live.talk.talk_id, ()):
            page.shared_view(live.view, live.secret, question)

    def tell_desks(self, live: LiveView, now: ViewNow) -> None:
        """Tell the desk of the agent whose view it is; with tokens once it is agreed to."""
        agent = live.standing.agent
        if not agent:
            return
        if live.talk is not None:
            self._by_talk[live.talk.talk_id] = live
        self._by_agent.setdefault(agent, {})[live.view] = live
        fresh = now.phase not in (ViewPhase.ASKED, ViewPhase.ENDED) and live.view not in self._agreed
        if fresh:
            self._agreed.add(live.view)
        for page in self._desks.get(agent, ()):
            page.view(now, self._new_token(live, agent) if fresh else None)

    def over(self, live: LiveView, now: ViewNow, why: ViewEnd) -> None:
        """Tell all, and forget it."""
        agent = live.standing.agent
        for desk in self._desks.get(agent, ()):
            desk.view(now, None)
        self._agreed.discard(live.view)
        of_agent = self._by_agent.get(agent, {})
        of_agent.pop(live.view, None)
        if not of_agent:
            self._by_agent.pop(agent, None)
        if live.talk is not None and self._by_talk.get(live.talk.talk_id) is live:
            del self._by_talk[live.talk.talk_id]
            for page in self._talks.get(live.talk.talk_id, ()):
                page.shared_view_over(live.view, why)


def _leave(pages: dict[str, list[T]], owner: str, page: T) -> None:
    pages[owner].remove(page)
    if not pages[owner]:
        del pages[owner]

"""Tells agents' pages that their list of leads has moved: they ask for it then, and never in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from api.lead_views import agent_view, counts
from api.page_queue import PageQueue
from api.subprotocol.agent import LeadsMoved
from bridge.protocols import Cancellable, Clock
from config.models import Config
from follow.lead import Lead
from leads.desk import LeadDesk

#: Seconds in which changes are gathered: a thousand leads may be due in the same second.
GATHER = 0.5


class LeadPages:
    """The pages of agents that are connected; ``clock`` is the wall clock, by which leads are due."""

    def __init__(self, desk: LeadDesk, config: Callable[[], Config], clock: Clock) -> None:
        self._desk = desk
        self._config = config
        self._clock = clock
        self._pages: dict[str, list[PageQueue]] = {}
        self._timer: Cancellable | None = None
        desk.watch(self._moved)

    @contextmanager
    def page(self, agent: str, listener: PageQueue) -> Iterator[None]:
        """A page of an agent is connected; nothing is told where leads are not followed."""
        self._pages.setdefault(agent, []).append(listener)
        if self._config().follow_up is not None:
            listener.put(self._news(agent))
        try:
            yield
        finally:
            self._pages[agent].remove(listener)
            if not self._pages[agent]:
                del self._pages[agent]

    def _moved(self, lead: Lead) -> None:
        if self._timer is None and self._pages:
            self._timer = self._clock.call_later(GATHER, self._tell)

    def _tell(self) -> None:
        self._timer = None
        for agent, listeners in self._pages.items():
            news = self._news(agent)
            for listener in listeners:
                listener.put(news)

    def _news(self, agent: str) -> LeadsMoved:
        view, now = agent_view(agent, self._config()), self._clock.time()
        told = counts([lead for lead in self._desk.open_leads() if view.sees(lead)], view, now)
        return LeadsMoved(open=told.open, due=told.due, overdue=told.overdue, mine=told.mine)

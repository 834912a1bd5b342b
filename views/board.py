"""What supervisors are told of the shared views that run, at their desks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from views.audience import ViewNow
from views.engine import SharedViews
from views.live import LiveView

#: Seconds after which they are told of changes: once for all that changes meanwhile. And the most views told.
SOON, MOST_ROWS = 0.5, 200


@dataclass(frozen=True, slots=True)
class BoardView:
    """A view that a supervisor may look at."""

    site: str
    now: ViewNow


class ViewBoardPage(Protocol):
    """A page of a supervisor's desk."""

    def running(self, views: Sequence[BoardView]) -> None:
        """All views that they may look at."""


class ViewBoards:
    """The lists of all supervisors."""

    def __init__(self, views: SharedViews) -> None:
        self._views = views
        self._pages: dict[ViewBoardPage, str] = {}
        #: Pages that have a list: it is emptied when its agent may not supervise any more.
        self._listed: set[ViewBoardPage] = set()
        self._due = False
        views.listeners.append(lambda live: self.changed())

    @contextmanager
    def page(self, agent: str, page: ViewBoardPage) -> Iterator[None]:
        """A page of an agent's desk is connected."""
        self._pages[page] = agent
        self._tell(page, agent)
        try:
            yield
        finally:
            del self._pages[page]
            self._listed.discard(page)

    def changed(self) -> None:
        """A view has moved, or the settings have."""
        if not self._due and (self._listed or any(map(self._supervises, self._pages.values()))):
            self._due = True
            self._views.clock.call_later(SOON, self._tell_all)

    def _tell_all(self) -> None:
        self._due = False
        for page, agent in self._pages.items():
            self._tell(page, agent)

    def _tell(self, page: ViewBoardPage, agent: str) -> None:
        if self._supervises(agent):
            self._listed.add(page)
            page.running(
                [self._row(live) for live in self._views.running() if self._sees(agent, live)][:MOST_ROWS]
            )
        elif page in self._listed:
            self._listed.discard(page)
            page.running([])

    def _row(self, live: LiveView) -> BoardView:
        return BoardView(live.site, self._views.telling.now_of(live))

    def _sees(self, agent: str, live: LiveView) -> bool:
        owner, rights = live.standing.agent, self._views.rights
        agreed = bool(live.standing.agreed)
        return agreed and agent != owner and "see" in rights.of_viewer(agent, owner, live.site)

    def _supervises(self, agent: str) -> bool:
        return self._views.rights.supervises(agent)

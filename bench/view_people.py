"""Shared views with nobody but a bench around them: one agent, many calls, a clock that is told the time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from api.agents.views import ViewerSocket
from api.shop.views import VIEW_PAGE_HEARS, ShopperViewPage
from api.view_queue import ViewQueue
from bench.agent_pages import PASSWORD_HASH
from config.models import Config
from config.sections.cobrowse import Scope
from tests.api.shop import ORIGIN, settings
from views.acting import ViewActions
from views.audience import ViewStep, ViewTalk
from views.engine import SharedViews
from views.keeper import ViewKeeper
from views.live import LiveTab
from views.picture import Pictures
from views.watching import ViewWatchers

URL = f"{ORIGIN}/checkout"
_ALL: tuple[Scope, ...] = ("see", "point", "fill")


class NeverTimer:
    """A call in the future that never comes: views of a bench do not run out."""

    def cancel(self) -> None:
        """Nothing waits for it."""


class BenchClock:
    """Its time is what the bench says."""

    now = 1000.0

    def time(self) -> float:
        """Seconds."""
        return self.now

    def call_later(self, seconds: float, callback: Callable[[], None]) -> NeverTimer:
        """Never calls."""
        return NeverTimer()


class NoStore:
    """Keeps no step: how fast a disk is has its own figures."""

    async def keep(self, steps: Sequence[ViewStep]) -> None:
        """Forget them."""


class Quiet:
    """A link that takes all that it is told, and counts what became of events."""

    def __init__(self) -> None:
        self.fates: Counter[str] = Counter()

    def event(self, fate: str) -> None:
        """As :class:`views.audience.ViewCounts`."""
        self.fates[fate] += 1

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *told, **named: None


class ViewHall:
    """The views of a server, all of Alice's calls."""

    def __init__(self) -> None:
        agents = {"alice": {"label": "Alice", "password_hash": PASSWORD_HASH, "hours": None}}
        self.config: Config = settings(sections={"agents": agents}, cobrowse={"longest": "4h", "idle": "1h"})
        self.clock, self.calls = BenchClock(), dict[str, ViewTalk]()
        self.counts: Any = Quiet()
        self.views = SharedViews(
            config=lambda: self.config,
            clock=self.clock,
            talks=self,
            keeper=ViewKeeper(NoStore(), lambda: 1_800_000_000.0),
            counts=self.counts,
        )
        self.begun: list[str] = []
        self.watchers = ViewWatchers(self.views)
        self.pictures, self.actions = Pictures(self.views), ViewActions(self.views, lambda: self.config)

    def talk(self, talk_id: str) -> ViewTalk | None:
        """As :class:`views.audience.TalkBook`."""
        return self.calls.get(talk_id)

    def weighs(self, talk: ViewTalk, *, shares_view: bool) -> None:
        """As :class:`views.audience.TalkBook`."""

    def all_go_on(self) -> None:
        """Every event was heard by a view that was not over."""
        assert all(self.views.view(view) for view in self.begun), "a view ended while it was measured"

    def passed_percent(self) -> float:
        """Share of events that agents were sent."""
        fates: Counter[str] = self.counts.fates
        return round(100 * fates["passed"] / max(1, fates.total()), 1)


class WatchedPage:
    """A shopper's page whose agent takes all that there is."""

    def __init__(self, page: ShopperViewPage, agent: ViewQueue) -> None:
        self.page = page
        self.seq = 0
        #: Characters that the agent was sent.
        self.told = 0
        self._sees = asyncio.Event()
        self._reading = asyncio.create_task(self._read(agent))

    @classmethod
    async def begin(cls, hall: ViewHall, call: str, snapshot: str) -> WatchedPage:
        """A view of this call that goes on, with its first picture at the agent."""
        hall.calls[call] = ViewTalk(call, "calls", "shop", "alice", "en")
        live = hall.views.ask("alice", call, _ALL)
        hall.begun.append(live.view)
        nobody: Any = Quiet()
        tab, queue = LiveTab("t1", nobody, ORIGIN, URL, "Checkout"), ViewQueue()
        hall.views.tab_opened(live, tab, visible=True)
        assert live.question is not None
        hall.views.answered(live, tab, frozenset(_ALL), live.question.words.version)
        token = hall.views.new_token(live, "alice")
        opened = hall.watchers.opened(live.view, token, ViewerSocket(queue))
        assert isinstance(opened, tuple), opened
        made = cls(ShopperViewPage(live, tab, queue, hall.views, hall.pictures, hall.actions), queue)
        await made.hears(snapshot)
        await asyncio.wait_for(made._sees.wait(), 10)
        return made

    async def hears(self, event: str) -> None:
        """One message with one event of the page, as its socket reads it."""
        number = self.page.live.standing.page
        text = f'{{"type":"events","page":{number},"seq":{self.seq},"events":[{event}]}}'
        self.seq += 1
        message, handler = VIEW_PAGE_HEARS.read(text)
        self.page.size = len(text)
        done = handler(self.page, message)
        if done is not None:
            await done

    async def _read(self, agent: ViewQueue) -> None:
        while True:
            text = await agent.next()
            self.told += len(text)
            if text.startswith('{"type":"events"'):
                self._sees.set()

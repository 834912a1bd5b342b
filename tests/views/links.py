"""The engine with nobody but a test around it: links that note what they are told, and a told clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from config.models import Config
from tests.views.shop import ALL, URL, page_events, sharing
from views.acting import ViewActions
from views.audience import ViewStep, ViewTalk
from views.board import ViewBoards
from views.engine import SharedViews
from views.keeper import ViewKeeper
from views.live import LiveTab, LiveView, LiveViewer
from views.picture import Pictures
from views.watching import ViewWatchers


class Link:
    """Any link: ``told`` has the name and the arguments of each call."""

    def __init__(self) -> None:
        self.told: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *arguments, **named: self.told.append((name, (*arguments, *named.values())))

    def names(self) -> list[str]:
        """What it was told, by name."""
        return [name for name, _ in self.told]

    def last(self, name: str) -> tuple[Any, ...]:
        """The arguments of the last call of this name."""
        return next(arguments for known, arguments in reversed(self.told) if known == name)


@dataclass
class ToldClock:
    """Time goes on when the test says so; what was to be called meanwhile is called."""

    now: float = 1000.0
    timers: list[Timer] = field(default_factory=list)

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        timer = Timer(self.now + seconds, callback)
        self.timers.append(timer)
        return timer

    def goes(self, seconds: float) -> None:
        """Let time pass."""
        until = self.now + seconds
        while due := [each for each in self.timers if not each.over and each.at <= until]:
            first = min(due, key=lambda each: each.at)
            self.now, first.over = max(self.now, first.at), True
            first.callback()
        self.now = until


@dataclass
class Timer:
    """One call in the future."""

    at: float
    callback: Callable[[], None]
    over: bool = False

    def cancel(self) -> None:
        self.over = True


class Steps:
    """A store that keeps steps in a list."""

    def __init__(self) -> None:
        self.kept: list[ViewStep] = []

    async def keep(self, steps: Sequence[ViewStep]) -> None:
        self.kept.extend(steps)


class Around:
    """A server's shared views, with Alice who has the call ``c1``."""

    def __init__(self, config: Config | None = None) -> None:
        self.config = config or sharing()
        self.clock, self.store, self.counts = ToldClock(), Steps(), Link()
        self.calls = {"c1": ViewTalk("c1", "calls", "shop", "alice", "en")}
        self.keeper = ViewKeeper(self.store, lambda: 1_800_000_000.0)
        counts: Any = self.counts
        self.views = SharedViews(
            config=lambda: self.config, clock=self.clock, talks=self, keeper=self.keeper, counts=counts
        )
        self.watchers, self.boards = ViewWatchers(self.views), ViewBoards(self.views)
        self.pictures, self.actions = Pictures(self.views), ViewActions(self.views, lambda: self.config)

    def talk(self, talk_id: str) -> ViewTalk | None:
        """As :class:`views.audience.TalkBook`."""
        return self.calls.get(talk_id)

    def weighs(self, talk: ViewTalk, *, shares_view: bool) -> None:
        """As :class:`views.audience.TalkBook`."""

    def settings_changed(self) -> None:
        """As :class:`server.view_parts.ViewParts`."""
        for part in (self.views, self.watchers, self.pictures):
            part.settings_changed()
        self.boards.changed()

    def tab(self, live: LiveView, name: str = "t1", *, visible: bool = True) -> tuple[LiveTab, Link]:
        """A page of the shopper's."""
        link: Any = Link()
        tab = LiveTab(name, link, "https://shop.example", URL.partition("?")[0], "Checkout")
        self.views.tab_opened(live, tab, visible)
        return tab, link

    def viewer(self, live: LiveView, agent: str = "alice") -> tuple[LiveViewer, Link]:
        """A document of an agent's."""
        link: Any = Link()
        opened = self.watchers.opened(live.view, self.views.new_token(live, agent), link)
        assert isinstance(opened, tuple), opened
        return opened[1], link

    async def seeing(self, agreed: Sequence[str] = ALL) -> tuple[LiveView, LiveTab, Link, Link]:
        """A view that goes on."""
        live = self.views.ask("alice", "c1", ALL)  # type: ignore[arg-type]
        tab, shopper = self.tab(live)
        assert live.question is not None
        self.views.answered(live, tab, frozenset(agreed), live.question.words.version)  # type: ignore[arg-type]
        _, agent = self.viewer(live)
        await self.pictures.events(live, tab, 1, 0, page_events(), 1000)
        assert "picture" in agent.names()
        return live, tab, shopper, agent

    async def ended(self, live: LiveView) -> str:
        """Why a view is over, as all were told and as it is kept."""
        await self.keeper.flushed()
        await asyncio.sleep(0)
        assert self.views.view(live.view) is None
        assert not [each for each in self.clock.timers if not each.over]
        step = self.store.kept[-1]
        assert step.step == "ended"
        return step.what

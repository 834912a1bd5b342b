"""What the WebSockets need of the rest of the server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from api.agents.sessions import AgentSessions
from api.browser_legs import BrowserLegs
from api.shop.live import LiveCalls
from bridge.events import Event
from bridge.protocols import Clock
from config.models import Config
from cti.agents import Agents
from cti.desks import Desks
from cti.page_push import PagePushes
from cti.screen_pops import ScreenPops
from routing.plan import ClickToCall, PlannedStep


class Engine(Protocol):
    """The calls themselves."""

    def handle(self, call_id: str, event: Event) -> None:
        """Let an event happen to a call; one that is over takes none."""

    def click(self, call_id: str) -> ClickToCall | None:
        """What a live call was asked for with; None for one that is over."""


class WrapUpStore(Protocol):
    """What agents write about calls; every method may raise store.errors.StoreError."""

    async def keep(self, call_id: str, agent: str, note: str | None, code: str | None, at: float) -> None:
        """Put an agent's note and code on disk, in place of those that they wrote before."""


@dataclass(frozen=True, slots=True)
class Core:
    """The collaborators of the WebSockets."""

    #: The settings in force; a reload replaces them.
    config: Callable[[], Config]
    engine: Engine
    #: ``plan_transfer(click, call_id, to, by)``: who to ring for a live call that the agent ``by`` passes
    #: on; raises routing.transfers.TransferError.
    plan_transfer: Callable[[ClickToCall, str, str, str], tuple[PlannedStep, ...]]
    clock: Clock
    #: Tells how long something lasts, and what pages count from; nobody sets it.
    steady: Clock
    #: Have something called after each reload.
    on_settings: Callable[[Callable[[], None]], None]
    live: LiveCalls
    agents: Agents
    agent_sessions: AgentSessions
    browser_legs: BrowserLegs
    desks: Desks
    page_pushes: PagePushes
    wrap_ups: WrapUpStore
    screen_pops: ScreenPops

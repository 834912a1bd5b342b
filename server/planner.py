"""Decisions with what holds right now: the router in force, the roster, the clock, one draw of luck."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bridge.callback import Callback
from bridge.protocols import Clock
from calls.callback_desk import NotNowError
from config.base import AGENT
from config.sections.chat import ChatSettings
from cti.agents import Agents
from routing.callback_times import CallbackHours, callback_hours
from routing.decide import (
    ChatTurn,
    chat_turn,
    crew,
    plan_call,
    plan_callback,
    plan_follow_up,
    transfer_steps,
    turn_steps,
)
from routing.directory import Directory
from routing.places import Place
from routing.plan import CallPlan, ClickToCall, Endpoint, PlannedStep
from routing.router import Router
from routing.steps import PreparedStep
from routing.strategies import StepRule
from routing.transfers import plan_transfer
from server.roster import Roster

#: Seconds for which the agent of a chat rings before others do.
FIRST_RINGS = 20.0


class Planner:
    """Feeds the pure decisions of :mod:`routing.decide`; :class:`bridge.protocols.Rota`.

    ``router()`` is today's; ``directory(call_id)`` tells who is free now, and for that call; ``roster`` and
    ``agents`` know which call holds which destination; ``chat_directory()`` tells who has room for a chat.
    """

    def __init__(
        self,
        router: Callable[[], Router],
        directory: Callable[[str | None], Directory],
        roster: Roster,
        agents: Agents,
        clock: Clock,
        chat_directory: Callable[[], Directory] = Directory,
    ) -> None:
        self._chat_directory = chat_directory
        #: Who is rung first for a call: the agent who has the chat that it comes of.
        self.first_agent: Callable[[str], str | None] = lambda call_id: None
        self._router = router
        self._directory = directory
        self._roster = roster
        self._agents = agents
        self._clock = clock

    def plan_call(self, click: ClickToCall, call_id: str) -> CallPlan:
        """The plan of a new call."""
        plan = plan_call(click, self._router(), call_id, self._directory(None), self._now(), _luck()).plan
        if first := self._first(call_id, click):
            # Who chats with the shopper is free for them: why wait in the queue.
            return replace(plan, steps=(*first, *plan.steps), queue=None)
        return plan

    def _first(self, call_id: str, click: ClickToCall) -> tuple[PlannedStep, ...]:
        """The agent who has the call's chat, on whatever phone; nobody where they cannot be rung."""
        router, agent = self._router(), self.first_agent(call_id)
        known = router.config.agents.get(agent) if agent else None
        if known is None:
            return ()
        step = PreparedStep(StepRule("chat", "all", FIRST_RINGS), (f"{AGENT}{agent}", *known.phones), {})
        return transfer_steps(click, step, router, call_id, self._directory(call_id), self._now(), _luck())

    def plan_follow_up(self, click: ClickToCall, agent: str, whisper: str, call_id: str) -> CallPlan:
        """The plan of a call by which an agent answers a lead: their browser and own phones ring."""
        router = self._router()
        known = router.config.agents.get(agent)
        phones = (f"{AGENT}{agent}", *known.phones) if known else ()
        rung = tuple(name for name in phones if name in router.contacts)
        return plan_follow_up(click, rung, whisper, router, call_id, self._directory(None), self._now())

    def place(self, click: ClickToCall) -> Place:
        """Where a shopper is, as far as anything tells."""
        router = self._router()
        return router.geography.place(click, router.home_of(click.site)).place

    def turn_steps(self, call_id: str, click: ClickToCall) -> tuple[PlannedStep, ...]:
        """Who to ring for a call whose turn in its queue has come."""
        return turn_steps(click, self._router(), call_id, self._directory(None), self._now(), _luck())

    def chat_turn(self, click: ClickToCall) -> ChatTurn:
        """Who may take a chat now; its site has settings for chats."""
        return chat_turn(click, self._router(), self._chat_directory(), self._now(), _luck())

    def chats_of(self, site: str) -> ChatSettings | None:
        """How a site chats; None where it does not."""
        known = self._router().config.sites.get(site)
        return known.chat if known else None

    def steps(self, call_id: str, click: ClickToCall, plan: CallPlan) -> tuple[PlannedStep, ...]:
        """Who to ring for a call that begins to hunt (:class:`bridge.protocols.Rota`)."""
        router, directory = self._router(), self._directory(call_id)
        steps = turn_steps(click, router, call_id, directory, self._now(), _luck(), plan.terms)
        return (*self._first(call_id, click), *steps)

    def is_free(self, call_id: str, endpoint: Endpoint) -> bool:
        """Whether this call may ring there now (:class:`bridge.protocols.Rota`)."""
        contact = self._router().contacts.get(endpoint.destination)
        most = contact.max_calls if contact else None
        return self._roster.is_free(endpoint.destination, call_id, most) and self._agents.is_free(
            endpoint, call_id
        )

    def crew(self, call_id: str, click: ClickToCall) -> frozenset[str]:
        """The destinations that a call waits for."""
        return crew(click, self._router(), self._directory(None), self._now())

    def plan_callback(self, callback: Callback, call_id: str) -> CallPlan:
        """The plan of a try to call a shopper back; NotNowError while nobody at the business can be rung."""
        router, directory = self._router(), self._directory(None)
        if callback.click.site not in router.config.sites:
            raise NotNowError
        plan = plan_callback(
            callback.click, callback.terms, router, call_id, directory, self._now(), _luck()
        ).plan
        if not plan.steps:
            raise NotNowError
        return plan

    def plan_transfer(self, click: ClickToCall, call_id: str, to: str, by: str) -> tuple[PlannedStep, ...]:
        """Who to ring when agent ``by`` transfers a call; :class:`routing.transfers.TransferError`."""
        return plan_transfer(
            click, to, by, self._router(), call_id, self._directory(None), self._now(), _luck()
        )

    def callback_hours(self, terms: str) -> CallbackHours:
        """When callbacks of these terms may be dialled."""
        router = self._router()
        return callback_hours(terms, router.config.callbacks, router.hours)

    def home(self, site: str) -> ZoneInfo:
        """A site's time zone; UTC for one that the settings have no more."""
        return self._router().zones.get(site, ZoneInfo("UTC"))

    def language(self, site: str) -> str:
        """A site's language; English for one that the settings have no more."""
        known = self._router().config.sites.get(site)
        return known.tongue if known else "en"

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.time(), UTC)


def _luck() -> float:
    return random.random()  # noqa: S311 - shares calls out, guards nothing

"""Chats in the line of calls: what the waiting room asks and reports goes to where it belongs."""

from __future__ import annotations

from collections.abc import Collection

from bridge.events import QueueEvent
from chat.capacity import NOTHING, ChatAllowance
from chat.plan import ChatPlan
from chat.records import ChatOpening
from chats.engine import ChatEngine, is_chat
from chats.guide import LANGUAGE
from chats.terms import plan_of
from config.base import AGENT
from config.models import Config
from routing.plan import BrowserEndpoint, ClickToCall, PlannedStep
from server.call_door import CallDoor
from server.chat_roster import ChatRoster
from server.planner import Planner


class SharedLine:
    """The waiting room's ``handle``, ``turn_steps`` and ``crew``, for calls and chats."""

    def __init__(self, calls: CallDoor, planner: Planner, roster: ChatRoster) -> None:
        self._calls = calls
        self._planner = planner
        self._roster = roster
        self._chats: ChatEngine | None = None

    def open(self, chats: ChatEngine) -> None:
        """From now on there are chats."""
        self._chats = chats

    def handle(self, call_id: str, event: QueueEvent) -> None:
        """Report where a call or a chat stands, or that its turn has come."""
        if not is_chat(call_id):
            self._calls.handle(call_id, event)
        elif self._chats is not None:
            self._chats.line_moved(call_id, event)

    def turn_steps(self, call_id: str, click: ClickToCall) -> tuple[PlannedStep, ...]:
        """Who to ring for a call, or to ask for a chat, whose turn has come."""
        if not is_chat(call_id):
            return self._planner.turn_steps(call_id, click)
        if (chat := self._planner.chats_of(click.site)) is None:
            return ()
        rounds = self._planner.chat_turn(click).rounds
        self._roster.found(call_id, rounds)
        return tuple(_step(agents, chat.offer, name) for name, agents in rounds)

    def crew(self, call_id: str, click: ClickToCall) -> Collection[str]:
        """Whom they wait for, free or not."""
        if not is_chat(call_id):
            return self._planner.crew(call_id, click)
        return self.chat_crew(click)

    def plan(self, opening: ChatOpening) -> ChatPlan | None:
        """How a chat goes, as the settings say now; None where its site has no chats."""
        if (chat := self._planner.chats_of(opening.site)) is None:
            return None
        click = ClickToCall(
            opening.site, "", opening.page, opening.context, opening.client_ip, "pc", opening.signed
        )
        turn = self._planner.chat_turn(click)
        return plan_of(opening.site, chat, turn.route, turn.queue, click.known.get(LANGUAGE, ""))

    def chat_crew(self, click: ClickToCall) -> Collection[str]:
        """The agents that a chat waits for."""
        return self._planner.chat_turn(click).crew if self._planner.chats_of(click.site) else ()


def _step(agents: tuple[str, ...], seconds: float, name: str) -> PlannedStep:
    endpoints = tuple(BrowserEndpoint(f"{AGENT}{agent}", agent, agent) for agent in agents)
    return PlannedStep("all", endpoints, seconds, name=name)


def allowance_of(agent: str, config: Config) -> ChatAllowance:
    """How many chats the settings let an agent have."""
    known = config.agents.get(agent)
    if known is None:
        return NOTHING
    return ChatAllowance(
        known.chats,
        known.chats_in_call,
        takes_calls="calls" in known.takes,
        takes_chats="chats" in known.takes,
    )

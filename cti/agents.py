"""The agents' presence: pages, legs and PBXs report it, routing reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Literal

from bridge.bulletin import Interest, Later, at_once, on
from bridge.facts import CallEnded, LegDialled, LegGone, LegPickedUp
from chat.capacity import ChatAllowance, may_be_called
from chat.facts import ChatOffered, ChatReleased, ChatTaken
from config.base import AGENT
from config.sections.agents import Agent
from cti.owners import in_browser
from cti.presence import Chosen, Presence
from routing.directory import AgentState
from routing.plan import Endpoint

_UNKNOWN = Presence()


class Agents:
    """Every agent by the name that they have in the settings; a :class:`bridge.bulletin.Subscriber`.

    ``on_free()`` is called when somebody has become available: calls may be waiting for them. ``owner`` tells
    whose browser or phone a leg rings, ``allowance`` how many chats they may have, ``wrap_up`` for how many
    seconds a chat that is over takes room, until :meth:`chat_wrapped_up`. Presence lives as long as the
    process: after a restart agents are away until their pages say otherwise.
    """

    def __init__(
        self,
        on_free: Callable[[], None],
        owner: Callable[[Endpoint], str | None] = in_browser,
        announce: Later = at_once,
        allowance: Callable[[str], ChatAllowance] = lambda agent: ChatAllowance(),
        wrap_up: Callable[[str], float] = lambda agent: 0.0,
    ) -> None:
        self._on_free = on_free
        self._allowance = allowance
        self._wrap_up = wrap_up
        self._owner = owner
        self._announce = announce
        self._presences: dict[str, Presence] = {}
        #: What was last announced of those who have changed since.
        self._announced: dict[str, Presence] = {}
        self._watchers: list[Callable[[str, AgentState], None]] = []
        #: Whose the legs are that have not ended.
        self._legs: dict[str, str] = {}
        #: Of calls that come of chats: which.
        self._chat_of_call: dict[str, str] = {}

    def watch(self, watcher: Callable[[str, AgentState], None]) -> None:
        """Have ``watcher(agent, state)`` called at each change of an agent's state or pauses; it must not
        raise.
        """
        self._watchers.append(watcher)

    def state(self, agent: str) -> AgentState:
        """What an agent does; an unknown agent is offline."""
        return self._of(agent).shown

    def chosen(self, agent: str) -> Chosen | None:
        """What the agent chose, on a call or not; None until one of their pages reports."""
        return self._of(agent).chosen

    def states(self, agents: Iterable[str]) -> Mapping[str, AgentState]:
        """What these agents do."""
        return {agent: self.state(agent) for agent in agents}

    def in_call(self, agent: str) -> bool:
        """Whether a call of ours has the agent."""
        return bool(self._of(agent).answered)

    def rung_at(self, agents: Mapping[str, Agent], call_id: str | None = None) -> Mapping[str, AgentState]:
        """What these agents do, by the destinations that ring them; without phones of which nobody tells.

        And without what they do in the call of this id, for which they are free.
        """
        states: dict[str, AgentState] = {}
        for name, agent in agents.items():
            presence = self._of(name) if call_id is None else self._of(name).without(call_id)
            chats = self._chats_keep(name, call_id)
            states[f"{AGENT}{name}"] = _unless(chats, presence.in_browser)
            if presence.at_phone is not None:
                states |= dict.fromkeys(agent.phones, _unless(chats, presence.at_phone))
        return states

    def for_chats(self, agents: Iterable[str]) -> Mapping[str, AgentState]:
        """What these agents do to a chat, by the destinations of calls: available is who has room."""
        return {f"{AGENT}{name}": self._of(name).for_chats(self._allowance(name)) for name in agents}

    def has_room(self, agent: str) -> bool:
        """Whether a chat may be offered to the agent now."""
        return self._of(agent).for_chats(self._allowance(agent)) == "available"

    def chats(self, agent: str) -> Mapping[str, int]:
        """The chats that the agent has or is asked about, with what each weighs."""
        return self._of(agent).chats

    def escalates(self, call_id: str, chat_id: str) -> None:
        """This call comes of that chat: who has the chat is not kept from the call by it."""
        self._chat_of_call[call_id] = chat_id

    def _chats_keep(self, agent: str, call_id: str | None) -> bool:
        """Whether their chats keep an agent from this call."""
        chats, own = self._of(agent).chats, self._chat_of_call.get(call_id or "")
        others = {each: weight for each, weight in chats.items() if each != own}
        allowance = self._allowance(agent)
        if own is not None and own in chats:  # they chat, and may be called though they take no calls
            allowance = replace(allowance, takes_calls=True)
        return not may_be_called(allowance, others)

    def refusal(self, agent: str, call_id: str) -> Literal["busy", "no_path"] | None:
        """Why a leg of this call that has just begun must not ring the agent; None if it may."""
        return self._of(agent).refusal(call_id)

    def is_free(self, endpoint: Endpoint, call_id: str) -> bool:
        """Whether this call may ring there: another call may have the agent, or they are busy or away."""
        agent = self._owner(endpoint)
        if agent is None:
            return True
        presence = self._of(agent)
        # Of a phone that no PBX tells of, nothing is known.
        unknown = presence.phone is None and not in_browser(endpoint)
        return unknown or (presence.free_for(call_id) and not self._chats_keep(agent, call_id))

    def page_opened(self, agent: str) -> None:
        """Note that another page of the agent connected."""
        self._become(agent, self._of(agent).page_opened())

    def page_closed(self, agent: str) -> None:
        """Note that a page of the agent disconnected."""
        self._become(agent, self._of(agent).page_closed())

    def choose(self, agent: str, chosen: Chosen) -> None:
        """The agent says whether they may be rung."""
        self._become(agent, self._of(agent).chose(chosen))

    def phone_told(self, agent: str, phone: AgentState | None, paused: tuple[str, ...] = ()) -> None:
        """A PBX tells what their phone does, None: it tells no more; and which queues have it paused."""
        self._become(agent, self._of(agent).phone_told(phone, paused))

    def paused(self, agent: str) -> tuple[str, ...]:
        """The PBX's queues in which their phone is paused."""
        return self._of(agent).paused

    def wraps_up(self, agent: str, call_id: str) -> None:
        """Start the wrap-up of this call, now or when its leg ends."""
        self._become(agent, self._of(agent).wraps_up(call_id))

    def wrapped_up(self, agent: str, call_id: str) -> None:
        """End the wrap-up of this call."""
        self._become(agent, self._of(agent).wrapped_up(call_id))

    def chat_wrapped_up(self, agent: str, chat_id: str) -> None:
        """End the wrap-up of this chat: it takes no room any more."""
        self._become(agent, self._of(agent).chat_went(chat_id))

    def chat_weighs(self, agent: str, chat_id: str, weight: int) -> None:
        """Have this chat of theirs take so much of their room."""
        self._become(agent, self._of(agent).chat_weighs(chat_id, weight))

    def interests(self) -> Iterable[Interest]:
        """Which legs of the agents ring, are answered and are over, and which chats they have."""
        return (
            on(LegDialled, self._rung),
            on(LegPickedUp, self._answered),
            on(LegGone, self._gone),
            on(CallEnded, self._call_ended),
            on(ChatOffered, self._chat_came),
            on(ChatTaken, self._chat_came),
            on(ChatReleased, self._chat_went),
        )

    def _call_ended(self, fact: CallEnded) -> None:
        self._chat_of_call.pop(fact.call_id, None)

    def _chat_came(self, fact: ChatOffered | ChatTaken) -> None:
        self._become(fact.agent, self._of(fact.agent).chat_came(fact.chat_id))

    def _chat_went(self, fact: ChatReleased) -> None:
        presence = self._of(fact.agent)
        wraps_up = fact.over and self._wrap_up(fact.agent) > 0
        self._become(
            fact.agent,
            presence.chat_wraps_up(fact.chat_id) if wraps_up else presence.chat_went(fact.chat_id),
        )

    def _rung(self, fact: LegDialled) -> None:
        """From the dial on: nobody else is to ring them meanwhile."""
        agent = self._owner(fact.endpoint) if fact.role == "business" else None
        if agent is not None:
            self._legs[fact.leg_id] = agent
            self._become(agent, self._of(agent).leg_rang(fact.call_id, fact.leg_id))

    def _answered(self, fact: LegPickedUp) -> None:
        if agent := self._legs.get(fact.leg_id):
            self._become(agent, self._of(agent).leg_answered(fact.call_id, fact.leg_id))

    def _gone(self, fact: LegGone) -> None:
        if agent := self._legs.pop(fact.leg_id, None):
            self._become(agent, self._of(agent).leg_ended(fact.call_id, fact.leg_id))

    def _of(self, agent: str) -> Presence:
        return self._presences.get(agent, _UNKNOWN)

    def _become(self, agent: str, presence: Presence) -> None:
        before, self._presences[agent] = self._of(agent), presence
        if presence.shown != before.shown or presence.paused != before.paused:
            self._announced.setdefault(agent, before)
            self._announce(self._tell_changes)
        allowance = self._allowance(agent)
        if (
            (presence.in_browser == "available" != before.in_browser)
            or (presence.at_phone == "available" != before.at_phone)
            or (presence.for_chats(allowance) == "available" != before.for_chats(allowance))
            or len(presence.chats) < len(before.chats)
        ):
            self._on_free()

    def _tell_changes(self) -> None:
        changed, self._announced = self._announced, {}
        for agent, before in changed.items():
            presence = self._of(agent)
            if presence.shown != before.shown or presence.paused != before.paused:
                for watcher in self._watchers:
                    watcher(agent, presence.shown)


def _unless(chats_keep: bool, state: AgentState) -> AgentState:
    """The state to a call: whoever has more chats than calls go with is as good as in a call."""
    return "on_call" if chats_keep and state == "available" else state

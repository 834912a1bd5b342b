"""What one agent does, as data: their pages, what they chose, the legs they have, their phone. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from chat.capacity import ChatAllowance, has_room
from routing.directory import AgentState

#: What an agent may choose to be.
Chosen = Literal["available", "away"]
#: What keeps an agent from another call, on whatever phone.
BUSY: tuple[AgentState, ...] = ("on_call", "ringing", "wrap_up")


class HeldLeg(NamedTuple):
    """A leg that rings an agent, or that they answered."""

    call_id: str
    leg_id: str


@dataclass(frozen=True, slots=True)
class Presence:
    """One agent; at first everything is unknown."""

    #: How many pages are connected.
    pages: int = 0
    #: None while their pages have said nothing.
    chosen: Chosen | None = None
    #: Legs that have not ended: those that ring, and those that were answered.
    ringing: frozenset[HeldLeg] = frozenset()
    answered: frozenset[HeldLeg] = frozenset()
    #: Calls that are over and of which the agent is still to say what they were about.
    wrapping: frozenset[str] = frozenset()
    #: What a PBX says that their own phone does; None where none tells.
    phone: AgentState | None = None
    #: The PBX's queues in which that phone is paused.
    paused: tuple[str, ...] = ()
    #: The chats that they have or are asked about, with what each weighs.
    chats: Mapping[str, int] = field(default_factory=dict)
    #: Those of them that are over, and of which the agent is still to say what they were about.
    wrapping_chats: frozenset[str] = frozenset()

    @property
    def state(self) -> AgentState:
        """What the agent does now. A call outlives the page's connection, which a reload cuts."""
        if self.answered or self.phone == "on_call":
            return "on_call"
        if not self.pages:
            return self.phone or "offline"
        if self.ringing or self.phone == "ringing":
            return "ringing"
        if self.wrapping or self.phone == "wrap_up":
            return "wrap_up"
        return self.chosen or ("available" if self.phone == "available" else "away")

    @property
    def shown(self) -> AgentState:
        """What people are shown that the agent does: also that they only wrap up chats."""
        only_wraps_up = self.wrapping_chats and self.wrapping_chats == self.chats.keys()
        return "wrap_up" if only_wraps_up and self.state == "available" else self.state

    @property
    def calls(self) -> set[str]:
        """The calls whose legs ring them or have them."""
        return {leg.call_id for leg in self.ringing | self.answered}

    @property
    def in_browser(self) -> AgentState:
        """What they do, to a call that would ring their browser."""
        if not self.pages and not self.answered:
            return "offline"
        return self.state if self.state in BUSY else self.chosen or "away"

    @property
    def at_phone(self) -> AgentState | None:
        """What they do, to a call that would ring their own phone; None if nobody tells."""
        if self.phone is None or self.state in BUSY:
            return self.phone and self.state
        return "away" if self.pages and self.chosen == "away" else self.phone

    def for_chats(self, allowance: ChatAllowance) -> AgentState:
        """What they do, to a chat that would be offered to them: available only where it has room."""
        if not self.pages:
            return "offline"
        in_call = bool(self.calls) or self.phone in ("ringing", "on_call")
        if self.chosen != "available":
            return self.chosen or "away"
        if self.wrapping or self.phone == "wrap_up":
            return "wrap_up"
        return "available" if has_room(allowance, self.chats, in_call=in_call) else "on_call"

    def chat_came(self, chat_id: str, weight: int = 1) -> Presence:
        """The presence after a chat was offered to them, or became theirs."""
        wrapping = self.wrapping_chats - {chat_id}
        return replace(self, chats={**self.chats, chat_id: weight}, wrapping_chats=wrapping)

    def chat_weighs(self, chat_id: str, weight: int) -> Presence:
        """The presence after a chat weighs more, or less; nothing comes of a chat that is not theirs."""
        if chat_id not in self.chats:
            return self
        return replace(self, chats={**self.chats, chat_id: weight})

    def chat_wraps_up(self, chat_id: str) -> Presence:
        """The presence after a chat of theirs is over: until it is wrapped up, it takes room."""
        return replace(self, wrapping_chats=self.wrapping_chats | {chat_id})

    def chat_went(self, chat_id: str) -> Presence:
        """The presence after a chat is theirs no more; an unknown chat is no error."""
        chats = {each: weight for each, weight in self.chats.items() if each != chat_id}
        return replace(self, chats=chats, wrapping_chats=self.wrapping_chats - {chat_id})

    def page_opened(self) -> Presence:
        """The presence after another page connected."""
        return replace(self, pages=self.pages + 1)

    def page_closed(self) -> Presence:
        """The presence after a page disconnected."""
        return replace(self, pages=self.pages - 1)

    def chose(self, chosen: Chosen) -> Presence:
        """The presence after the agent chose a state."""
        return replace(self, chosen=chosen)

    def leg_rang(self, call_id: str, leg_id: str) -> Presence:
        """The presence after a leg of a call began to ring."""
        return replace(self, ringing=self.ringing | {HeldLeg(call_id, leg_id)})

    def leg_answered(self, call_id: str, leg_id: str) -> Presence:
        """The presence after a leg of a call was answered."""
        leg = HeldLeg(call_id, leg_id)
        return replace(self, ringing=self.ringing - {leg}, answered=self.answered | {leg})

    def leg_ended(self, call_id: str, leg_id: str) -> Presence:
        """The presence after a leg ended; an unknown leg is no error."""
        leg = HeldLeg(call_id, leg_id)
        return replace(self, ringing=self.ringing - {leg}, answered=self.answered - {leg})

    def wraps_up(self, call_id: str) -> Presence:
        """The presence when the wrap-up of a call starts."""
        return replace(self, wrapping=self.wrapping | {call_id})

    def wrapped_up(self, call_id: str) -> Presence:
        """The presence when the wrap-up ends; no error if there was none."""
        return replace(self, wrapping=self.wrapping - {call_id})

    def phone_told(self, phone: AgentState | None, paused: tuple[str, ...] = ()) -> Presence:
        """The presence after a PBX reported their phone, or stopped reporting it."""
        return replace(self, phone=phone, paused=paused)

    def refusal(self, call_id: str) -> Literal["busy", "no_path"] | None:
        """Why a leg of this call that begins should not ring; None where it should.

        It was decided to ring this agent when the call began, and much may have happened since. One call may
        ring their browser and their own phone at once.
        """
        if self.calls - {call_id} or self.phone == "on_call":
            return "busy"
        if not self.pages:
            return "no_path"
        return "busy" if self.wrapping or self.chosen != "available" else None

    def without(self, call_id: str) -> Presence:
        """As if this call had never been theirs. What a PBX tells of its phone then is of that call too."""
        ringing = frozenset(leg for leg in self.ringing if leg.call_id != call_id)
        answered = frozenset(leg for leg in self.answered if leg.call_id != call_id)
        if (ringing, answered) == (self.ringing, self.answered):
            return self
        alone = not ringing and not answered and self.phone in ("ringing", "on_call")
        phone: AgentState | None = "available" if alone else self.phone
        return replace(self, ringing=ringing, answered=answered, phone=phone)

    def free_for(self, call_id: str) -> bool:
        """Whether this call may ring them now, on whatever phone.

        An agent who is offline is rung all the same: "unreachable" says more than that they were left out. A
        PBX tells of a call that rings them already only a moment later.
        """
        if self.calls:
            return self.calls == {call_id}
        away = bool(self.pages) and self.chosen == "away"
        return not (away or self.wrapping or self.phone in BUSY)

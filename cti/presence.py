"""What one agent does, as data: their pages, what they chose, the legs they have. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from routing.directory import AgentState

#: What an agent may choose to be.
Chosen = Literal["available", "away"]


@dataclass(frozen=True, slots=True)
class Presence:
    """One agent, of whom nothing is known at first."""

    #: How many pages are connected.
    pages: int = 0
    chosen: Chosen = "away"
    #: Legs that have not ended: those that ring, and those that were answered.
    ringing: frozenset[str] = frozenset()
    answered: frozenset[str] = frozenset()
    #: Calls that are over and of which the agent is still to say what they were about.
    wrapping: frozenset[str] = frozenset()

    @property
    def state(self) -> AgentState:
        """What the agent does now. A call outlives the page's connection, which a reload cuts."""
        if self.answered:
            return "on_call"
        if not self.pages:
            return "offline"
        if self.ringing:
            return "ringing"
        return "wrap_up" if self.wrapping else self.chosen

    def page_opened(self) -> Presence:
        """After another page connected."""
        return replace(self, pages=self.pages + 1)

    def page_closed(self) -> Presence:
        """After a page went."""
        return replace(self, pages=self.pages - 1)

    def chose(self, chosen: Chosen) -> Presence:
        """After the agent said what they are."""
        return replace(self, chosen=chosen)

    def leg_rang(self, leg_id: str) -> Presence:
        """After a leg began to ring."""
        return replace(self, ringing=self.ringing | {leg_id})

    def leg_answered(self, leg_id: str) -> Presence:
        """After a leg was answered."""
        return replace(self, ringing=self.ringing - {leg_id}, answered=self.answered | {leg_id})

    def leg_ended(self, leg_id: str) -> Presence:
        """After a leg was over; one that is not known is no error."""
        return replace(self, ringing=self.ringing - {leg_id}, answered=self.answered - {leg_id})

    def wraps_up(self, call_id: str) -> Presence:
        """After a call, while it is being wrapped up."""
        return replace(self, wrapping=self.wrapping | {call_id})

    def wrapped_up(self, call_id: str) -> Presence:
        """After that; a call that was not being wrapped up is no error."""
        return replace(self, wrapping=self.wrapping - {call_id})

    def refusal(self, leg_id: str) -> Literal["busy", "no_path"] | None:
        """Why a leg that begins should not ring; None where it should.

        It was decided to ring this agent when the call began, and much may have happened since.
        """
        if (self.ringing | self.answered) - {leg_id}:
            return "busy"
        if not self.pages:
            return "no_path"
        return "busy" if self.wrapping or self.chosen == "away" else None

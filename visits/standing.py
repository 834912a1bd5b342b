"""How a site stands for its pages at one moment. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from config.sections.page import ContactWay
from engage.availability import Availability, WayState


@dataclass(frozen=True, slots=True)
class SiteStanding:
    """Who is there, and what shoppers can have otherwise."""

    #: Without the open invitations, which change with every decision.
    availability: Availability
    #: Of the ways that the site offers.
    states: Mapping[ContactWay, WayState]
    #: What can be had where nobody is reached.
    instead: tuple[Literal["callback", "message"], ...]
    #: When the business opens, in seconds since the epoch; None while it is open, or where that is not known.
    opens_at: float | None
    #: The shop's time zone.
    zone: str

    def state(self, way: ContactWay) -> WayState:
        """How one way stands; one that the site does not offer is hidden."""
        return self.states.get(way, WayState.HIDDEN)

    @property
    def best(self) -> WayState:
        """The best of all ways."""
        states = set(self.states.values())
        for state in (WayState.OPEN, WayState.LATER):
            if state in states:
                return state
        return WayState.HIDDEN

    def why_not(self, way: ContactWay) -> Literal["agents", "hours", "queue"]:
        """Why nobody is free for this way."""
        now = self.availability.ways.get(way)
        if now is None or not now.open:
            return "hours"
        return "queue" if now.wait else "agents"

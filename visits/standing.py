"""How a site stands for its pages at one moment. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from config.sections.page import ContactWay
from engage.availability import Availability, WayState
from routing.language import written


@dataclass(frozen=True, slots=True)
class SiteStanding:
    """Who is there, and what shoppers can have otherwise."""

    #: Without the open invitations, which change with every decision.
    availability: Availability
    #: What can be had where nobody is reached.
    instead: tuple[Literal["callback", "message"], ...]
    #: When the business opens, in seconds since the epoch; None while it is open, or where that is not known.
    opens_at: float | None
    #: The shop's time zone.
    zone: str

    def with_invitations(self, number: int) -> Availability:
        """For a decision, with the number of invitations that are open now."""
        return replace(self.availability, open_invitations=number)

    def state(self, way: ContactWay) -> WayState:
        """How one way stands; one that the site does not offer is hidden."""
        now = self.availability.ways.get(way)
        return now.state if now else WayState.HIDDEN

    @property
    def best(self) -> WayState:
        """The best of all ways."""
        states = {way.state for way in self.availability.ways.values()}
        for state in (WayState.OPEN, WayState.LATER):
            if state in states:
                return state
        return WayState.HIDDEN

    def opens_in_words(self, language: str) -> str:
        """When it opens, by the shop's clock: ``on Monday, November 30 at 9:00 a.m. (New York time)``."""
        if self.opens_at is None:
            return ""
        zone = ZoneInfo(self.zone)
        local = datetime.fromtimestamp(self.opens_at, zone)
        return written(local, zone.key.rpartition("/")[2].replace("_", " "), language.partition("-")[0])

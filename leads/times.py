"""The times that shoppers choose for a call: what is free, and who may have it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from zoneinfo import ZoneInfo

from bridge.protocols import Clock
from follow.lead import ChosenTime, Lead
from follow.slots import SlotTerms, free_slots
from leads.board import LeadBoard


@dataclass(frozen=True, slots=True)
class OfferedTimes:
    """When slots begin that are free now, in epoch seconds, each of so many ``seconds``."""

    #: Where the shop is.
    zone: tzinfo
    seconds: float
    starts: tuple[float, ...]


class LeadTimes:
    """What may be chosen at each site. ``terms(site)`` are the settings'; None for nothing."""

    def __init__(self, board: LeadBoard, clock: Clock, terms: Callable[[str], SlotTerms | None]) -> None:
        self._board = board
        self._clock = clock
        self._terms = terms

    def offered(self, site: str, lead: Lead | None = None) -> OfferedTimes | None:
        """The free times of a site; None where none may be chosen. The ``lead``'s own one counts as free."""
        terms = self._terms(site)
        if terms is None:
            return None
        starts = free_slots(terms, self._clock.time(), self._taken(site, lead))
        return OfferedTimes(terms.zone, terms.length, starts)

    def choose(self, site: str, start: float, zone: str, lead: Lead | None = None) -> ChosenTime | None:
        """The slot that begins then; None where it is not free, or is none."""
        terms, offered = self._terms(site), self.offered(site, lead)
        if terms is None or offered is None or start not in offered.starts:
            return None
        return ChosenTime(start, terms.length, terms.remind, known_zone(zone))

    def _taken(self, site: str, but: Lead | None) -> Counter[float]:
        leads = (live.lead for live in self._board)
        return Counter(
            lead.chosen.start
            for lead in leads
            if lead.chosen and lead.site == site and (but is None or lead.lead_id != but.lead_id)
        )


def known_zone(name: str) -> str:
    """The name of a time zone, as a browser tells it; empty for one that nobody knows."""
    try:
        return ZoneInfo(name).key if name else ""
    except (ValueError, OSError, KeyError):  # a path, a folder, or none that there is
        return ""

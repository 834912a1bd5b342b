"""What is remembered of a shopper: how often each rule invited them, and what they answered. Pure.

The server keeps it by the visitor's id, as JSON; without an id it lives as long as the page. Times are
seconds since 1970.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engage.decision import Arm


class InvitationAnswer(StrEnum):
    """What a shopper did with an invitation."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Tally:
    """What was offered by one rule, or by all of a site."""

    #: Invitations in the visit with this number.
    visit: int = 0
    in_visit: int = 0
    #: Invitations on this day, ``2026-11-30``.
    day: str = ""
    in_day: int = 0
    #: How often it was visible for some seconds since the last answer.
    seen: int = 0
    #: When each answer was last given.
    answered: Mapping[InvitationAnswer, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenOffer:
    """An invitation that the shopper has not answered."""

    rule: str
    #: The page view that shows it.
    view: str
    arm: Arm
    #: When it was offered, or last seen.
    at: float


@dataclass(frozen=True, slots=True)
class VisitorMemory:
    """All that is remembered of one shopper at one site."""

    site: Tally = Tally()
    rules: Mapping[str, Tally] = field(default_factory=dict)
    #: Counts from 1; 0 before the first page.
    visit: int = 0
    #: When the last page was seen.
    last_page: float = 0.0
    pages: int = 0
    open: OpenOffer | None = None
    opted_out: bool = False

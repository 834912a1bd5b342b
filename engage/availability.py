"""What the server knows about the business at one moment, as decisions take it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from config.sections.page import ContactWay


class WayState(StrEnum):
    """What a button offers."""

    #: Contact now.
    OPEN = "open"
    #: Contact later: a callback, or a message.
    LATER = "later"
    #: There is no button.
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class WayNow:
    """One way of contact."""

    #: What its button offers.
    state: WayState = WayState.OPEN
    #: Whether the business is open for it, by its opening hours.
    open: bool = True
    #: How many more shoppers could talk at once: agents who are free, and lines of phones.
    free: int = 1
    #: Seconds that the next shopper would wait; None where that is not known.
    wait: float | None = 0.0
    #: Seconds until ``open`` changes by opening hours; None where that is not known.
    changes_in: float | None = None


@dataclass(frozen=True, slots=True)
class Availability:
    """The business at one moment."""

    #: The ways that the site offers; one that is missing cannot be had.
    ways: Mapping[ContactWay, WayNow] = field(default_factory=dict)
    #: Invitations of this site that are on shoppers' screens, or on their way there, and not yet answered.
    open_invitations: int = 0
    #: Whether opening hours are open, by their names.
    hours: Mapping[str, bool] = field(default_factory=dict)
    #: Seconds until any of them changes; None where that is not known.
    hours_change_in: float | None = None

"""What happens to a lead: past tense and frozen. Times are epoch seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from follow.lead import ChosenTime, Unserved

#: How an agent answered, or tried to.
How = Literal["call", "chat", "mail", "other"]


@dataclass(frozen=True, slots=True)
class LeadOpened:
    """Somebody was not served; ``assigned`` are the agents whom the route names."""

    wanted: Unserved
    assigned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ContactAdded:
    """The same person tried again."""

    wanted: Unserved
    assigned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeadTaken:
    """An agent takes it on."""

    by: str


@dataclass(frozen=True, slots=True)
class LeadReleased:
    """Its owner gives it back."""

    by: str


@dataclass(frozen=True, slots=True)
class PersonContacted:
    """An agent answered, or tried to: a call that nobody picked up is no answer."""

    by: str
    how: How
    #: Whether the two talked.
    served: bool
    ref: str = ""


@dataclass(frozen=True, slots=True)
class PersonServed:
    """The person was served in another way, by this agent if an agent it was."""

    by: str = ""


@dataclass(frozen=True, slots=True)
class PersonOrdered:
    """The person bought something."""


@dataclass(frozen=True, slots=True)
class LeadCancelled:
    """The person needs nobody any more."""


@dataclass(frozen=True, slots=True)
class CancelAsked:
    """Who has the link of the acknowledgement needs nobody any more; the lead may be others' as well."""


@dataclass(frozen=True, slots=True)
class TimeChosen:
    """The shopper wants to be called at this time."""

    chosen: ChosenTime


@dataclass(frozen=True, slots=True)
class OwnerLeft:
    """The agent who has it is offline."""


@dataclass(frozen=True, slots=True)
class OwnerCame:
    """The agent who has it is back."""


@dataclass(frozen=True, slots=True)
class TimeCame:
    """A timer ran out, maybe late, maybe early."""


@dataclass(frozen=True, slots=True)
class HoursChanged:
    """The settings are others: the hours, or what is promised."""


@dataclass(frozen=True, slots=True)
class ClosedByAgent:
    """An agent is done with it."""

    by: str
    code: str
    note: str = ""


LeadEvent = (
    LeadOpened
    | ContactAdded
    | LeadTaken
    | LeadReleased
    | PersonContacted
    | PersonServed
    | PersonOrdered
    | LeadCancelled
    | CancelAsked
    | TimeChosen
    | OwnerLeft
    | OwnerCame
    | TimeCame
    | HoursChanged
    | ClosedByAgent
)

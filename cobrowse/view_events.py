"""What happens to a shared view. Past tense and frozen; the time comes beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from config.sections.cobrowse import Scope

#: Why a view is over, as both sides are told.
ViewEnd = Literal[
    "shopper",  # the shopper ended it, or took back that they are seen
    "agent",
    "talk_ended",
    "too_long",
    "idle",
    "declined",
    "unanswered",
    "gone",  # no page of the shopper's was there for a minute
    "replaced",  # by another view of the same talk
    "server",
]
VIEW_ENDS: tuple[ViewEnd, ...] = (
    "shopper", "agent", "talk_ended", "too_long", "idle",
    "declined", "unanswered", "gone", "replaced", "server",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ViewAsked:
    """An agent asks for these scopes: at the beginning, or for more of them."""

    agent: str
    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True)
class ViewConsented:
    """The shopper agrees, on this tab, to the question with this version."""

    tab: str
    scopes: frozenset[Scope]
    version: str


@dataclass(frozen=True, slots=True)
class ViewDeclined:
    """The shopper says no to what was asked last."""


@dataclass(frozen=True, slots=True)
class ViewRevoked:
    """The shopper takes back what they agreed to; without ``see`` there is no view."""

    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True)
class TabOpened:
    """A page of the shopper's connects; with a known ``tab``, it is the tab's next page."""

    tab: str
    origin: str
    visible: bool


@dataclass(frozen=True, slots=True)
class TabTurned:
    """A tab comes to the front, or is hidden."""

    tab: str
    visible: bool


@dataclass(frozen=True, slots=True)
class TabClosed:
    """The page of a tab is gone: closed, asleep, or on its way to the next."""

    tab: str


@dataclass(frozen=True, slots=True)
class TabTooLarge:
    """The page of a tab is larger than a mirror holds."""

    tab: str


@dataclass(frozen=True, slots=True)
class PictureLost:
    """The mirror of a tab needs a full snapshot."""

    tab: str


@dataclass(frozen=True, slots=True)
class ViewerJoined:
    """A socket of an agent or a supervisor watches."""

    viewer: str


@dataclass(frozen=True, slots=True)
class ViewerLeft:
    """It watches no more."""

    viewer: str


@dataclass(frozen=True, slots=True)
class ViewActed:
    """Either side did something: the view is not idle."""


@dataclass(frozen=True, slots=True)
class ViewStopped:
    """Somebody or something ends the view."""

    why: ViewEnd


@dataclass(frozen=True, slots=True)
class ViewTimePassed:
    """The time that ``WakeView`` named has come."""


ViewEvent = (
    ViewAsked
    | ViewConsented
    | ViewDeclined
    | ViewRevoked
    | TabOpened
    | TabTurned
    | TabClosed
    | TabTooLarge
    | PictureLost
    | ViewerJoined
    | ViewerLeft
    | ViewActed
    | ViewStopped
    | ViewTimePassed
)

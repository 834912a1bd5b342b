"""What a shared view wants done. Imperative and frozen; who owns sockets and timers does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cobrowse.view_events import ViewEnd
from config.sections.cobrowse import Scope

#: What is kept of a consent; that a view is over is kept by ``EndView``.
ConsentStep = Literal["asked", "agreed", "declined", "revoked", "unanswered"]


@dataclass(frozen=True, slots=True)
class AskConsent:
    """Ask the shopper for these scopes: on this tab, or where the talk is while no tab has come."""

    agent: str
    scopes: frozenset[Scope]
    tab: str | None = None


@dataclass(frozen=True, slots=True)
class TellShopper:
    """Tell each tab of the shopper how the view stands."""


@dataclass(frozen=True, slots=True)
class TellViewers:
    """Tell the agent's desk and all who watch how the view stands."""


@dataclass(frozen=True, slots=True)
class StartTabRecording:
    """Have the tab record, starting with a full snapshot; viewers start over with page number ``page``."""

    tab: str
    page: int


@dataclass(frozen=True, slots=True)
class StopTabRecording:
    """Have the tab record no more."""

    tab: str


@dataclass(frozen=True, slots=True)
class TakeTabSnapshot:
    """Have the tab take a full snapshot."""

    tab: str


@dataclass(frozen=True, slots=True)
class KeepConsent:
    """Write into the talk's timeline what was asked or answered."""

    step: ConsentStep
    scopes: frozenset[Scope]
    #: Whose question it is.
    agent: str
    #: The version of the words that were agreed to; empty for every other step.
    version: str = ""
    #: The origin that it holds for; None where no page has come.
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class WakeView:
    """Report ``ViewTimePassed`` at this time, instead of any time named before; None for never."""

    at: float | None


@dataclass(frozen=True, slots=True)
class EndView:
    """The view is over: tell both sides why, close its sockets, forget its mirror, keep why it ended."""

    why: ViewEnd


ViewCommand = (
    AskConsent
    | TellShopper
    | TellViewers
    | StartTabRecording
    | StopTabRecording
    | TakeTabSnapshot
    | KeepConsent
    | WakeView
    | EndView
)

"""How one chat goes, as data: all that its machine needs of the settings, decided when it begins."""

from __future__ import annotations

from dataclasses import dataclass

from chat.events import Choice


@dataclass(frozen=True, slots=True)
class HoldingStep:
    """Words to say while an agent is silent. Seconds count from the moment the shopper began to wait.

    Said once, ``after`` so many seconds; or ``every`` so many, counted from the step before, ``at_most`` so
    often.
    """

    texts: tuple[str, ...]
    after: float | None = None
    every: float | None = None
    at_most: int = 1


@dataclass(frozen=True, slots=True)
class ChatPlan:
    """All times are in seconds."""

    site: str
    route: str
    queue: str
    #: How long agents are asked before the next ones are.
    offer: float = 20.0
    #: How long the shopper waits before they are asked what to do.
    longest: float = 240.0
    #: What they may do then.
    choices: tuple[Choice, ...] = ("wait",)
    #: The shopper is silent.
    remind: float = 180.0
    close: float = 360.0
    reopen: float = 86400.0
    #: The agent is silent.
    nudge: float = 60.0
    hand_on: float = 300.0
    holding: tuple[HoldingStep, ...] = ()
    #: No page of theirs is there.
    shopper_gone: float = 60.0
    agent_told: float = 30.0
    agent_gone: float = 60.0

"""Decisions about browser legs: which worker carries one, its ports and codecs, and why it ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from bridge.causes import HangupCause
from config.fields import PortRange
from config.sections.trunks import Trunk
from routing.plan import CallPlan, SipEndpoint

#: The weight of the legs that one browser worker carries, which fill one CPU core.
CAPACITY = 105
#: Opus is transcoded, in a process of the worker's own: 15 such legs fill a core.
WEIGHTS: dict[Literal["passthrough", "opus"], int] = {"passthrough": 1, "opus": 7}
#: Codecs that every browser has (RFC 7874 section 3) and a phone worker mixes without resampling. Its bridge
#: runs at 8 kHz, so that G.722 would cost more and sound no better.
_CODECS = ("PCMU", "PCMA")

#: Why the leg ended, by what the browser worker says; for other words, the phone worker's cause counts.
_WHILE_RINGING = {
    "hung_up": HangupCause.DECLINED,
    "declined": HangupCause.DECLINED,
    "busy": HangupCause.BUSY,
    "no_microphone": HangupCause.UNREACHABLE,
    "no_path": HangupCause.UNREACHABLE,
    "lost": HangupCause.UNREACHABLE,
    "failed": HangupCause.INCOMPATIBLE,
}
_ONCE_ANSWERED = {"lost": HangupCause.MEDIA_TIMEOUT, "failed": HangupCause.FAILED}


@dataclass(frozen=True, slots=True)
class BrowserWorkerLoad:
    """One browser worker that may be given a leg. ``load`` is the weight of the legs that it has."""

    worker_id: int
    ready: bool
    legs: int
    load: int
    #: How many ports it has for media; a leg takes two of them while a page is being reloaded.
    ports: int

    def has_room(self, weight: int) -> bool:
        """Whether it can carry one more leg of this weight."""
        return self.load + weight <= CAPACITY and self.legs < max(1, self.ports // 2)

    @property
    def room(self) -> int:
        """How many more legs it can carry, if none of them uses Opus."""
        return max(0, min(CAPACITY - self.load, max(1, self.ports // 2) - self.legs))


def least_loaded(loads: Iterable[BrowserWorkerLoad], weight: int) -> int | None:
    """The worker for one more leg of this weight, ready ones first; None if all are full."""
    fitting = [load for load in loads if load.has_room(weight)]
    best = min(fitting, key=lambda load: (not load.ready, load.load, load.legs), default=None)
    return best.worker_id if best else None


def carve(ports: PortRange, workers: int) -> tuple[PortRange, ...]:
    """Divide a range evenly into disjoint shares; fewer than workers if there are fewer ports."""
    count = ports.last - ports.first + 1
    shares = min(workers, count)
    bounds = [ports.first + count * number // shares for number in range(shares + 1)]
    return tuple(PortRange(first, following - 1) for first, following in pairwise(bounds))


def codecs_toward(plan: CallPlan, trunks: Mapping[str, Trunk]) -> tuple[str, ...]:
    """The codecs of a call's browsers, the best first: those that its first trunk prefers."""
    endpoints = [plan.shopper, *(endpoint for step in plan.steps for endpoint in step.endpoints)]
    for endpoint in endpoints:
        trunk = trunks.get(endpoint.trunk) if isinstance(endpoint, SipEndpoint) and endpoint.trunk else None
        liked = [codec for codec in trunk.codecs if codec in _CODECS] if trunk else []
        if liked:
            return tuple(dict.fromkeys([*liked, *_CODECS]))
    return _CODECS


def cause_of_end(phone_cause: HangupCause, browser_cause: str | None, answered: bool) -> HangupCause:
    """Why a leg ended that we did not hang up, by the causes of its SIP side and of its browser side."""
    table = _ONCE_ANSWERED if answered else _WHILE_RINGING
    return table.get(browser_cause or "", phone_cause)

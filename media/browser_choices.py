"""What is decided about browser legs: who carries one, on which ports, in which codecs, and why it ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from bridge.causes import HangupCause
from config.fields import PortRange
from config.models import Trunk
from routing.plan import CallPlan, SipEndpoint

#: What one browser worker carries, in weights of legs: a core's worth.
CAPACITY = 105
#: Opus is decoded and encoded, in a process that is the worker's own: 15 such legs fill a core.
WEIGHTS: dict[Literal["passthrough", "opus"], int] = {"passthrough": 1, "opus": 7}
#: What every browser speaks (RFC 7874 section 3) and a phone worker mixes as it is: its bridge runs at 8 kHz,
#: so that G.722 would cost more and sound no better.
_CODECS = ("PCMU", "PCMA")

#: Why the leg ended, by what the browser worker says of it; what is not here is for the phone worker to say.
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
class Carrier:
    """One browser worker that may be given a leg. ``load`` is the weight of the legs that it has."""

    worker_id: int
    ready: bool
    legs: int
    load: int
    #: How many ports it has for media; a leg takes two of them while a page is being reloaded.
    ports: int

    def room_for(self, weight: int) -> bool:
        """Whether it can carry another leg of this weight."""
        return self.load + weight <= CAPACITY and self.legs < max(1, self.ports // 2)

    @property
    def room(self) -> int:
        """How many more legs it can carry, if none of them is in Opus."""
        return max(0, min(CAPACITY - self.load, max(1, self.ports // 2) - self.legs))


def least_loaded(carriers: Iterable[Carrier], weight: int) -> int | None:
    """The worker for another leg of this weight: one that is ready before one that starts; None if full."""
    fitting = [carrier for carrier in carriers if carrier.room_for(weight)]
    best = min(fitting, key=lambda carrier: (not carrier.ready, carrier.load, carrier.legs), default=None)
    return best.worker_id if best else None


def carve(ports: PortRange, workers: int) -> tuple[PortRange, ...]:
    """Disjoint shares of a range, as even as can be; fewer than there are workers where ports are fewer."""
    count = ports.last - ports.first + 1
    shares = min(workers, count)
    bounds = [ports.first + count * number // shares for number in range(shares + 1)]
    return tuple(PortRange(first, following - 1) for first, following in pairwise(bounds))


def codecs_toward(plan: CallPlan, trunks: Mapping[str, Trunk]) -> tuple[str, ...]:
    """What a call's browsers shall speak, the best first: what its first trunk likes better."""
    endpoints = [plan.shopper, *(endpoint for step in plan.steps for endpoint in step.endpoints)]
    for endpoint in endpoints:
        trunk = trunks.get(endpoint.trunk) if isinstance(endpoint, SipEndpoint) and endpoint.trunk else None
        liked = [codec for codec in trunk.codecs if codec in _CODECS] if trunk else []
        if liked:
            return tuple(dict.fromkeys([*liked, *_CODECS]))
    return _CODECS


def cause_of_end(phone_cause: HangupCause, browser_cause: str | None, answered: bool) -> HangupCause:
    """Why a leg ended that we did not hang up: by its SIP side, and by what is known of its browser."""
    table = _ONCE_ANSWERED if answered else _WHILE_RINGING
    return table.get(browser_cause or "", phone_cause)

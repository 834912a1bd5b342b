"""A bridged call as another core needs it: to go on with the call, or to finish its record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bridge.events import LegEvent
from bridge.legs import Leg
from bridge.talk_recording import TalkState
from routing.plan import CallPlan, ClickToCall, Endpoint

#: What legs reported while no core was there, each at its time in seconds.
Story = Sequence[tuple[float, LegEvent]]


@dataclass(frozen=True, slots=True)
class CallSnapshot:
    """Where a call stands that is bridged. Times are in seconds, by the clock of the call."""

    call_id: str
    plan: CallPlan
    click: ClickToCall
    requested_at: float
    bridged_at: float
    #: All its legs, those that have ended, too.
    legs: tuple[Leg, ...]
    #: The legs that the two talk on.
    shopper: str
    agent: str
    #: Whether the agent has put the shopper on hold, or consults somebody.
    held: bool
    #: Whether the shopper would be dialled again after a loss, and the phones that broke off under the call.
    redial_left: bool
    lost: tuple[Endpoint, ...]
    #: How its recording stands.
    recording: TalkState
    #: The number of the last line of its story.
    sequence: int

    @property
    def talking(self) -> tuple[str, str]:
        """The legs that must live for the call to go on."""
        return self.shopper, self.agent

    def moved(self, seconds: float) -> CallSnapshot:
        """The same by a clock that is so much ahead."""
        return replace(
            self,
            requested_at=self.requested_at + seconds,
            bridged_at=self.bridged_at + seconds,
            legs=tuple(leg.moved(seconds) for leg in self.legs),
        )


@dataclass(frozen=True, slots=True)
class KeptCall:
    """A call that a media engine kept while no core was there; its times are CLOCK_MONOTONIC's."""

    call_id: str
    #: What the core before knew of it, as that has written it down.
    memo: bytes
    #: What its legs reported since.
    story: tuple[tuple[float, LegEvent], ...]

"""The last minutes of a queue: how many of its calls were answered in time. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bridge.causes import Disposition
from reports.counts import EARLY


@dataclass(frozen=True, slots=True)
class EndedCall:
    """A call of the last hour. Times are seconds since the epoch, None where it has not come to that."""

    route: str
    requested_at: float
    bridged_at: float | None
    ended_at: float | None
    disposition: str | None


@dataclass(frozen=True, slots=True)
class Recent:
    """How many calls were decided in some minutes, and how many of them answered in time."""

    decided: int
    in_time: int

    @property
    def service_level(self) -> float | None:
        """As in reports; None where nothing is decided yet."""
        return self.in_time / self.decided if self.decided else None


def recent(calls: Iterable[EndedCall], in_time: float, now: float, minutes: int) -> Recent:
    """The calls that were asked for in so many minutes: who still waits within the time is not decided."""
    decided = answered = 0
    for call in calls:
        if call.requested_at < now - minutes * 60:
            continue
        if call.disposition == Disposition.REFUSED.value:
            continue
        if call.bridged_at is not None:
            decided += 1
            answered += call.bridged_at - call.requested_at <= in_time
        elif call.ended_at is not None:
            early = call.ended_at - call.requested_at <= EARLY
            decided += not (early and call.disposition == Disposition.CANCELLED.value)
        elif now - call.requested_at > in_time:
            decided += 1
    return Recent(decided, answered)

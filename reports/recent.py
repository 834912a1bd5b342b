"""The last minutes of a queue: how many of its calls and chats were answered in time. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bridge.causes import Disposition
from reports.counts import EARLY


@dataclass(frozen=True, slots=True)
class RecentTalk:
    """A call or chat of the last hour. Times are seconds since the epoch, None where it is not so far."""

    route: str
    requested_at: float
    answered_at: float | None
    ended_at: float | None
    #: Of a call; a chat that ended before anybody took it is ``cancelled``.
    disposition: str | None
    #: Of a chat; None for a call, whose route tells it.
    queue: str | None = None


@dataclass(frozen=True, slots=True)
class Recent:
    """How many calls and chats were decided in some minutes, and how many of them answered in time."""

    decided: int
    in_time: int

    @property
    def service_level(self) -> float | None:
        """As in reports; None where nothing is decided yet."""
        return self.in_time / self.decided if self.decided else None


def recent(talks: Iterable[RecentTalk], in_time: float, now: float, minutes: int) -> Recent:
    """What was asked for in so many minutes: who still waits within the time is not decided."""
    decided = answered = 0
    for talk in talks:
        if talk.requested_at < now - minutes * 60:
            continue
        if talk.disposition == Disposition.REFUSED.value:
            continue
        if talk.answered_at is not None:
            decided += 1
            answered += talk.answered_at - talk.requested_at <= in_time
        elif talk.ended_at is not None:
            early = talk.ended_at - talk.requested_at <= EARLY
            decided += not (early and talk.disposition == Disposition.CANCELLED.value)
        elif now - talk.requested_at > in_time:
            decided += 1
    return Recent(decided, answered)

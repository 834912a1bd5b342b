"""The call detail record: one a call, with a row per leg."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from bridge.causes import Disposition, HangupCause
from bridge.events import AudioQuality, MediaStats
from routing.identity import signs_number

LegRole = Literal["shopper", "business"]


def later(at: float | None, seconds: float) -> float | None:
    """A moment that may not have come, by a clock that is so much ahead."""
    return None if at is None else at + seconds


@dataclass(frozen=True, slots=True)
class LegRecord:
    """One leg of a finished call. Times are seconds since the epoch, UTC; None where it never happened."""

    leg_id: str
    role: LegRole
    destination: str
    label: str
    uri: str
    dialed_at: float
    ringing_at: float | None
    answered_at: float | None
    joined_at: float | None
    ended_at: float
    cause: HangupCause
    sip_status: int | None
    sip_call_id: str | None
    stats: MediaStats | None
    #: Of a leg in a browser: what the browser heard, on the average of what it told.
    heard: AudioQuality | None = None

    def moved(self, seconds: float) -> LegRecord:
        """The same leg so much later: told by another clock."""
        return replace(
            self,
            dialed_at=self.dialed_at + seconds,
            ringing_at=later(self.ringing_at, seconds),
            answered_at=later(self.answered_at, seconds),
            joined_at=later(self.joined_at, seconds),
            ended_at=self.ended_at + seconds,
        )


@dataclass(frozen=True, slots=True)
class NotedLeg:
    """A leg of a call that lives: its row so far, of which the end counts only where it is ``over``."""

    call_id: str
    #: Place among the call's legs, from 0.
    position: int
    leg: LegRecord
    over: bool


@dataclass(frozen=True, slots=True)
class WrapUp:
    """What an agent wrote about a call: a code of the desk's, a note, or both; ``at`` in epoch seconds."""

    agent: str
    code: str | None
    note: str | None
    at: float


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One finished call. ``disposition`` is why it counts; ``cause`` is the hangup cause behind it."""

    call_id: str
    site: str
    route: str
    number: str
    page: str
    requested_at: float
    bridged_at: float | None
    ended_at: float
    disposition: Disposition
    cause: HangupCause | None
    legs: tuple[LegRecord, ...]
    #: Of a refused request: the stable id of the problem that the page was told.
    reason: str | None = None
    #: What the page claimed of the shopper, and what the retailer's server had signed.
    context: Mapping[str, str] = field(default_factory=dict)
    signed: Mapping[str, str] = field(default_factory=dict)
    #: What the agents wrote about it, also after its end, the oldest first.
    wrap_ups: tuple[WrapUp, ...] = ()
    #: Whether the number is the shopper's for certain: its phone was answered, or it was signed. Else anybody
    #: may have typed it.
    number_verified: bool = False
    #: The chat that it came of.
    chat_id: str | None = None

    @property
    def talk_seconds(self) -> float:
        """How long the two sides were bridged, in seconds."""
        # Never negative, though an old record may be of a clock that was set back under the call.
        return max(0.0, self.ended_at - self.bridged_at) if self.bridged_at is not None else 0.0

    def moved(self, seconds: float) -> CallRecord:
        """The same call so much later: told by another clock."""
        return replace(
            self,
            requested_at=self.requested_at + seconds,
            bridged_at=None if self.bridged_at is None else self.bridged_at + seconds,
            ended_at=self.ended_at + seconds,
            legs=tuple(leg.moved(seconds) for leg in self.legs),
        )


def number_is_verified(number: str, signed: Mapping[str, str], legs: Iterable[LegRecord]) -> bool:
    """Whether the phone of the shopper's number was answered in a call, or the number was signed."""
    answered = any(
        leg.role == "shopper" and leg.answered_at is not None and leg.uri.startswith(("sip:", "sips:"))
        for leg in legs
    )
    return bool(number) and (answered or signs_number(signed, number))

"""Which calls go on while no core is there, and what becomes of them. Pure.

The core tells of each call that is bridged (:meth:`CallKeeping.keep`). When it is gone, those calls go on
talking, and everything else ends. One who hangs up ends the call for the other one, too: nobody is left
alone. All of that is remembered for the next core.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from bridge.causes import HangupCause
from bridge.commands import HangUp, MediaCommand, SendDtmf
from bridge.events import LegDtmf, LegEnded, LegEvent
from bridge.snapshot import KeptCall

#: Events of one call that are remembered; beyond that, only the ends of its legs.
MOST_EVENTS = 500


@dataclass(slots=True)
class _Kept:
    call_id: str
    legs: tuple[str, str]
    memo: bytes
    story: list[tuple[float, LegEvent]] = field(default_factory=list)
    ended: set[str] = field(default_factory=set)

    @property
    def over(self) -> bool:
        return len(self.ended) == len(self.legs)

    def other(self, leg_id: str) -> str:
        """The leg that this one talks to."""
        one, other = self.legs
        return other if leg_id == one else one


class CallKeeping:
    """The calls that are bridged. All times are in seconds, by one clock."""

    def __init__(self) -> None:
        #: Whether no core is there.
        self.alone = False
        self._calls: dict[str, _Kept] = {}
        self._of_leg: dict[str, _Kept] = {}

    @property
    def talking(self) -> bool:
        """Whether any call goes on."""
        return any(not call.over for call in self._calls.values())

    @property
    def known(self) -> bool:
        """Whether there is anything to tell the next core."""
        return bool(self._calls)

    def keep(self, call_id: str, legs: tuple[str, str], memo: bytes) -> None:
        """This call is bridged, on these legs; or without a memo: it is not, or not any more."""
        self._forget(call_id)
        if memo:
            call = self._calls[call_id] = _Kept(call_id, legs, memo)
            self._of_leg |= dict.fromkeys(legs, call)

    def core_lost(self, live: Collection[str]) -> list[MediaCommand]:
        """The core is gone, and these legs live: everything but bridged calls ends."""
        self.alone = True
        for call in list(self._calls.values()):
            if not set(call.legs) <= set(live):
                self._forget(call.call_id)
        return [HangUp(leg, HangupCause.CANCELLED) for leg in live if leg not in self._of_leg]

    def took(self, event: LegEvent, at: float, *, carries: bool = False) -> list[MediaCommand]:
        """A leg reports something while no core is there.

        ``carries``: its keys are for the leg that it talks to, and have to be sent there.
        """
        call, leg_id = self._of_leg.get(event.leg_id), event.leg_id
        if call is None or leg_id in call.ended:
            return []
        other = call.other(leg_id)
        if isinstance(event, LegEnded):
            call.ended.add(leg_id)
        elif len(call.story) >= MOST_EVENTS:
            return []
        call.story.append((at, event))
        match event:
            case LegEnded() if other not in call.ended:
                return [HangUp(other, HangupCause.PEER_ENDED)]
            case LegDtmf(digit=digit) if carries and other not in call.ended:
                return [SendDtmf(other, digit)]
        return []

    def told(self) -> tuple[KeptCall, ...]:
        """What the next core is told."""
        return tuple(KeptCall(each.call_id, each.memo, tuple(each.story)) for each in self._calls.values())

    def adopted(self, call_ids: Collection[str]) -> list[MediaCommand]:
        """Another core is there, and goes on with these calls; it does not know the others, which end."""
        self.alone = False
        unknown = [call for call in self._calls.values() if call.call_id not in call_ids]
        ended = self._end(unknown)
        for call in [call for call in self._calls.values() if call.over or call in unknown]:
            self._forget(call.call_id)
        return ended

    def time_over(self) -> list[MediaCommand]:
        """No core has come: every call ends."""
        return self._end(list(self._calls.values()))

    def _end(self, calls: list[_Kept]) -> list[MediaCommand]:
        return [
            HangUp(leg, HangupCause.CORE_LOST) for call in calls for leg in call.legs if leg not in call.ended
        ]

    def _forget(self, call_id: str) -> None:
        call = self._calls.pop(call_id, None)
        for leg in call.legs if call else ():
            self._of_leg.pop(leg, None)

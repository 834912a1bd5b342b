"""Tells which packets of telephone-event are one press of a key (RFC 4733 section 2.5).

Senders differ: some leave out the marker, send nothing but the end, lose it, give every packet a timestamp of
its own, or one timestamp to two presses. So a press is told by its first packet, whichever that is, and what
follows is judged by what a hand can do.
"""

from __future__ import annotations

import struct
from collections import deque
from dataclasses import dataclass

from sip.rtp import Packet, signed

#: Event codes 0 to 15 (RFC 4733 section 3.2). 16 is a hook flash and no key.
KEYS = "0123456789*#ABCD"
_EVENT = struct.Struct("!BBH")
_END = 0x80
_CLOCK = 8000
#: Seconds between two packets of one press, at most.
_LARGEST_PAUSE = 0.1
#: A timestamp that comes again after so many seconds is a new press.
_REUSED = 0.2
#: Timestamps may be off by so much where a long press goes on in a new segment (section 2.5.1.3): 60 ms.
_SLACK = 480
_REMEMBERED = 16


@dataclass(slots=True)
class _Press:
    key: str
    ssrc: int
    timestamp: int
    duration: int
    ended: bool
    heard_at: float


class Keypad:
    """The presses of one leg. Times are seconds of one clock."""

    def __init__(self) -> None:
        self._presses: deque[_Press] = deque(maxlen=_REMEMBERED)

    def hear(self, packet: Packet, now: float) -> str | None:
        """The key, at the first packet of a press; None for a further one and for what is no key."""
        if len(packet.payload) < _EVENT.size:
            return None
        event, flags, duration = _EVENT.unpack_from(packet.payload)
        if event >= len(KEYS):
            return None
        heard = _Press(KEYS[event], packet.ssrc, packet.timestamp, duration, bool(flags & _END), now)
        for press in reversed(self._presses):
            if _is_same(press, heard, packet.marker):
                _go_on(press, heard)
                return None
        self._presses.append(heard)
        return heard.key


def _is_same(press: _Press, heard: _Press, marker: bool) -> bool:
    if press.key != heard.key or press.ssrc != heard.ssrc:
        return False
    pause = heard.heard_at - press.heard_at
    if press.timestamp == heard.timestamp:
        pressed_again = not heard.ended and (marker or heard.duration < press.duration)
        return not (press.ended and pause > _REUSED and (pressed_again or pause > 1.0))
    if pause > _LARGEST_PAUSE:
        return False
    if not press.ended:
        return True  # nobody lets go of a key and presses it again so soon, without an end in between
    return heard.ended and heard.duration >= press.duration


def _go_on(press: _Press, heard: _Press) -> None:
    if signed(heard.timestamp - press.timestamp, 32) >= 0:
        press.timestamp, press.duration = heard.timestamp, heard.duration
    press.ended = press.ended or heard.ended
    press.heard_at = heard.heard_at

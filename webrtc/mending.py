"""A stream of Opus packets that come late, in the wrong order or not at all, made whole.

A packet that is in order passes at once. One behind a gap waits a moment for what is missing; then the gap is
mended: its last 20 ms from the correction in the packet behind it (RFC 6716 section 2.1.7), the rest by
concealment. Time is given by the sender's timestamps alone, so the phone's own jitter buffer sees the true
clock, and nothing drifts.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from webrtc.rtp import Packet, signed

#: Seconds that a packet waits for an earlier one.
HOLD = 0.06
#: Missing packets that are mended; a longer gap is left for the phone to hear as one.
LONGEST_MEND = 6
#: Packets that wait at most.
_MOST_WAITING = 12
#: Ticks of RTP's Opus clock (RFC 7587 section 4.1) in 20 ms.
_TICKS = 960


class Decoder(Protocol):
    """What mending asks of libopus."""

    def decode(self, packet: bytes) -> bytes:
        """Samples of a packet."""

    def recover(self, following: bytes) -> bytes:
        """The 20 ms before a packet, from what it carries of them."""

    def conceal(self) -> bytes:
        """20 ms that nothing is known of."""


class Stretch(NamedTuple):
    """Samples and their time: ``sequence`` and ``ticks``, of the 48 kHz clock, count on without wrapping."""

    sequence: int
    ticks: int
    samples: bytes


class Mending:
    """One source. Times are seconds of one clock."""

    def __init__(self, decoder: Decoder) -> None:
        self.mended = self.late = 0
        self._decoder = decoder
        #: By sequence number, counted on without wrapping: when it came, its ticks and its payload.
        self._waiting: dict[int, tuple[float, int, bytes]] = {}
        self._next: int | None = None
        self._ticks = 0

    @property
    def due(self) -> float | None:
        """When the oldest packet has waited for long enough; None while none waits."""
        return min(self._waiting.values())[0] + HOLD if self._waiting else None

    def add(self, packet: Packet, now: float) -> list[Stretch]:
        """What can be played now that this packet is here."""
        if self._next is None:
            self._next, self._ticks = packet.sequence, packet.timestamp
        ahead = signed(packet.sequence - self._next)
        if ahead < 0:
            self.late += 1
            return []
        ticks = self._ticks + signed(packet.timestamp - self._ticks, 32)
        self._waiting[self._next + ahead] = (now, ticks, packet.payload)
        return self._play(now)

    def release(self, now: float) -> list[Stretch]:
        """What can be played because enough time has passed."""
        return self._play(now)

    def _play(self, now: float) -> list[Stretch]:
        played: list[Stretch] = []
        while self._waiting:
            first = min(self._waiting)
            _, ticks, payload = self._waiting[first]
            missing = first - self._require_next()
            if missing:
                due = self.due
                if due is not None and now < due and len(self._waiting) < _MOST_WAITING:
                    break
            # Whatever it makes the decoder do, it goes: a broken packet is as good as a lost one.
            del self._waiting[first]
            if 0 < missing <= LONGEST_MEND:
                played += self._mend(first, missing, ticks, payload)
            played.append(Stretch(first, ticks, self._decoder.decode(payload)))
            self._next, self._ticks = first + 1, ticks
        return played

    def _mend(self, first: int, missing: int, ticks: int, payload: bytes) -> list[Stretch]:
        self.mended += missing
        gap = [
            Stretch(first - back, ticks - back * _TICKS, self._decoder.conceal())
            for back in range(missing, 1, -1)
        ]
        return [*gap, Stretch(first - 1, ticks - _TICKS, self._decoder.recover(payload))]

    def _require_next(self) -> int:
        if self._next is None:
            raise RuntimeError("nothing has been added yet")
        return self._next

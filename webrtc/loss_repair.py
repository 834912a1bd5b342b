"""Repairs a stream of Opus packets that arrive late, out of order or not at all.

A packet in order passes at once. A packet after a gap waits briefly for the missing ones. Then the gap is
repaired: its last 20 ms from the error correction in the packet after it (RFC 6716 section 2.1.7), the rest
by concealment. Times come from the sender's timestamps alone, so that the phone's jitter buffer sees the
sender's clock and nothing drifts.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from webrtc.rtp import RtpPacket, signed

#: Seconds that a packet waits for earlier ones.
HOLD = 0.06
#: Missing packets that are repaired at most; a longer gap stays a gap.
LONGEST_REPAIR = 6
#: Packets that wait at most.
_MOST_WAITING = 12
#: Ticks of RTP's Opus clock (RFC 7587 section 4.1) in 20 ms.
_TICKS = 960


class LossDecoder(Protocol):
    """What the repair needs from libopus."""

    def decode(self, packet: bytes) -> bytes:
        """Samples of a packet."""

    def recover(self, following: bytes) -> bytes:
        """The 20 ms before a packet, from its error correction."""

    def conceal(self) -> bytes:
        """20 ms of concealment."""


class Stretch(NamedTuple):
    """Samples and their time: ``sequence`` and ``ticks``, of the 48 kHz clock, count on without wrapping."""

    sequence: int
    ticks: int
    samples: bytes


class LossRepair:
    """One source. Times are seconds of one clock."""

    def __init__(self, decoder: LossDecoder) -> None:
        self.repaired = self.late = 0
        self._decoder = decoder
        #: By sequence number without wrapping: when it arrived, its ticks and its payload.
        self._waiting: dict[int, tuple[float, int, bytes]] = {}
        self._next: int | None = None
        self._ticks = 0

    @property
    def due(self) -> float | None:
        """When the oldest waiting packet is played at the latest; None if none waits."""
        return min(self._waiting.values())[0] + HOLD if self._waiting else None

    def add(self, packet: RtpPacket, now: float) -> list[Stretch]:
        """Take a packet; returns what can be played now."""
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
        """What can be played because packets have waited long enough."""
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
            # Remove it first: if the decoder fails on it, a broken packet is the same as a lost one.
            del self._waiting[first]
            if 0 < missing <= LONGEST_REPAIR:
                played += self._repair(first, missing, ticks, payload)
            played.append(Stretch(first, ticks, self._decoder.decode(payload)))
            self._next, self._ticks = first + 1, ticks
        return played

    def _repair(self, first: int, missing: int, ticks: int, payload: bytes) -> list[Stretch]:
        self.repaired += missing
        gap = [
            Stretch(first - back, ticks - back * _TICKS, self._decoder.conceal())
            for back in range(missing, 1, -1)
        ]
        return [*gap, Stretch(first - 1, ticks - _TICKS, self._decoder.recover(payload))]

    def _require_next(self) -> int:
        if self._next is None:
            raise RuntimeError("nothing has been added yet")
        return self._next

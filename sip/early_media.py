"""Whether early media arrives on a ringing leg (RFC 3960 section 3.2): an SDP alone brings none."""

from __future__ import annotations

from dataclasses import dataclass

#: Packets that make it a stream and no remnant.
_STREAM = 3
#: Seconds without a packet after which it has stopped. A far side that sends nothing between the rings of its
#: ringback tone is silent for 4 s at a time, in some countries 5 (ITU-T E.180 supplement 2).
_STOPPED = 6.0


@dataclass(slots=True)
class EarlyMedia:
    """One leg's early media. Times are seconds of one clock."""

    arrives: bool = False
    _packets: int = 0
    _new: int = 0
    _heard_at: float = 0.0

    def hear(self, packets: int, now: float) -> bool:
        """So many packets have come in all; whether that changes ``arrives``. A new stream counts from 0."""
        before = self.arrives
        if packets != self._packets:
            self._new += packets - self._packets if packets > self._packets else packets
            self._packets, self._heard_at = packets, now
            self.arrives = self.arrives or self._new >= _STREAM
        elif self.arrives and now - self._heard_at >= _STOPPED:
            self.arrives, self._new = False, 0
        return self.arrives is not before

"""RTP headers (RFC 3550 section 5.1): reading them, and rewriting many sources into one seamless stream."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import NamedTuple

_HEADER = struct.Struct("!BBHII")
#: A larger jump, in packets, is a new start and not loss (RFC 3550 appendix A.1, MAX_DROPOUT).
_LARGEST_GAP = 3000
_PLAIN = 0x80

#: Static payload types and clock rates (RFC 3551 section 6); G722's clock really is 8000.
STATIC_TYPES = {"PCMU": 0, "PCMA": 8, "G722": 9}
CLOCK_RATE = 8000
#: 20 ms, in ticks of the clock and in bytes: all three codecs make one byte a tick.
FRAME = 160
FRAME_SECONDS = FRAME / CLOCK_RATE
#: A byte of silence in each codec. In G722 it decodes to a level below hearing.
SILENCE = {"PCMU": b"\xff", "PCMA": b"\xd5", "G722": b"\xfa"}


class RtpPacket(NamedTuple):
    """One RTP packet, without its contributing sources, header extension and padding."""

    marker: bool
    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


def read(data: bytes) -> RtpPacket | None:
    """Parse a packet; None if it is not RTP."""
    if len(data) < _HEADER.size:
        return None
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
    if first == _PLAIN:
        payload = data[12:]
    else:
        bounds = _payload_bounds(first, data)
        if bounds is None:
            return None
        payload = data[bounds[0] : bounds[1]]
    return RtpPacket(second > 0x7F, second & 0x7F, sequence, timestamp, ssrc, payload)


def write(packet: RtpPacket) -> bytes:
    """The packet as bytes."""
    return (
        _HEADER.pack(
            _PLAIN,
            packet.payload_type | (0x80 if packet.marker else 0),
            packet.sequence & 0xFFFF,
            packet.timestamp & 0xFFFFFFFF,
            packet.ssrc,
        )
        + packet.payload
    )


def is_rtcp(data: bytes) -> bool:
    """Whether a packet on a port shared with RTP is RTCP (RFC 5761 section 4)."""
    return len(data) >= 2 and 192 <= data[1] <= 223


def signed(difference: int, bits: int = 16) -> int:
    """The difference of two wrapping numbers, taken the shorter way round."""
    half = 1 << (bits - 1)
    return ((difference + half) & ((1 << bits) - 1)) - half


def _payload_bounds(first: int, data: bytes) -> tuple[int, int] | None:
    if first >> 6 != 2:
        return None
    start = 12 + 4 * (first & 0x0F)
    if first & 0x10:
        if len(data) < start + 4:
            return None
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
    end = len(data)
    if first & 0x20:
        end -= data[-1]
    return (start, end) if start <= end else None


@dataclass(slots=True)
class _Source:
    """How one source maps to our stream: its sequence number ``highest`` is ``sent_as`` in ours."""

    ssrc: int
    highest: int
    sent_as: int
    #: Nothing is sent at or below this number: it belongs to the source before.
    floor: int
    timestamp_offset: int


class Seamless:
    """One outgoing stream made of many sources in turn: one SSRC, sequence numbers with gaps only for real
    loss, and timestamps that follow the clock across a change of source. Times are seconds of one clock.
    """

    def __init__(
        self,
        ssrc: int,
        payload_type: int,
        sequence: int,
        timestamp: int,
        rate: int = CLOCK_RATE,
        frame: int = FRAME,
    ) -> None:
        self.ssrc = ssrc
        self.payload_type = payload_type
        self.packets = 0
        self.octets = 0
        #: What was sent last: its sequence number counts on without wrapping.
        self._sequence = sequence
        self.timestamp = timestamp
        self.sent_at: float | None = None
        self._rate = rate
        self._frame = frame
        self._source: _Source | None = None

    def forward(self, packet: RtpPacket, now: float) -> bytes | None:
        """The packet as part of this stream; None if it is too late to fit in."""
        source = self._source
        if source is None or source.ssrc != packet.ssrc:
            return self._begin(packet, now)
        ahead = signed(packet.sequence - source.highest)
        if abs(ahead) > _LARGEST_GAP:
            return self._begin(packet, now)
        sequence = source.sent_as + ahead
        if sequence <= source.floor:
            return None
        timestamp = (packet.timestamp + source.timestamp_offset) & 0xFFFFFFFF
        if ahead > 0:
            source.highest, source.sent_as = packet.sequence, sequence
            self._sequence, self.timestamp, self.sent_at = sequence, timestamp, now
        return self._pack(packet.marker, sequence, timestamp, packet.payload)

    def fill(self, payload: bytes, now: float) -> bytes:
        """A packet that we make ourselves, such as silence, after the last one sent."""
        begins = self._source is not None or self.sent_at is None
        self._source = None
        self._step(now)
        return self._pack(begins, self._sequence, self.timestamp, payload)

    def _begin(self, packet: RtpPacket, now: float) -> bytes:
        floor = self._sequence
        self._step(now)
        self._source = _Source(
            packet.ssrc,
            packet.sequence,
            self._sequence,
            floor,
            (self.timestamp - packet.timestamp) & 0xFFFFFFFF,
        )
        return self._pack(True, self._sequence, self.timestamp, packet.payload)

    def _step(self, now: float) -> None:
        """Advance to the next packet, by whole frames of the time that passed."""
        frames = 1
        if self.sent_at is not None:
            frames = max(1, round((now - self.sent_at) * self._rate / self._frame))
        self._sequence += 1
        self.timestamp = (self.timestamp + frames * self._frame) & 0xFFFFFFFF
        self.sent_at = now

    def _pack(self, marker: bool, sequence: int, timestamp: int, payload: bytes) -> bytes:
        self.packets += 1
        self.octets += len(payload)
        return (
            _HEADER.pack(
                _PLAIN, self.payload_type | (0x80 if marker else 0), sequence & 0xFFFF, timestamp, self.ssrc
            )
            + payload
        )

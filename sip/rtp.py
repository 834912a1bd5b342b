"""RTP packets as the few that this worker's own code gets to see (RFC 3550 section 5.1)."""

from __future__ import annotations

import struct
from typing import NamedTuple

_HEADER = struct.Struct("!BBHII")

PCMU, PCMA, G722 = 0, 8, 9
#: Comfort noise (RFC 3389), and the number that early implementations gave it.
COMFORT_NOISE = (13, 19)
#: Payload types that an SDP gives a meaning. Our codecs have static ones: here is only telephone-event.
DYNAMIC = range(96, 128)


class Packet(NamedTuple):
    """One RTP packet, without its contributing sources, header extension and padding."""

    marker: bool
    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


def read(data: bytes) -> Packet | None:
    """Take a packet apart; None where it is none."""
    if len(data) < _HEADER.size or data[0] >> 6 != 2:
        return None
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
    start, end = _HEADER.size + 4 * (first & 0x0F), len(data)
    if first & 0x10:
        if end < start + 4:
            return None
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
    if first & 0x20:
        end -= data[-1]
    if start > end:
        return None
    return Packet(second > 0x7F, second & 0x7F, sequence, timestamp, ssrc, data[start:end])


def write(packet: Packet) -> bytes:
    """The packet as it goes on the wire."""
    kind = packet.payload_type | (0x80 if packet.marker else 0)
    head = _HEADER.pack(0x80, kind, packet.sequence, packet.timestamp, packet.ssrc)
    return head + packet.payload


def signed(difference: int, bits: int = 16) -> int:
    """A difference of wrapping numbers, as the nearer way round."""
    half = 1 << (bits - 1)
    return ((difference + half) & ((1 << bits) - 1)) - half


def _ulaw_to_linear(byte: int) -> int:
    byte = ~byte & 0xFF
    value = ((((byte & 0x0F) << 3) + 132) << (byte >> 4 & 7)) - 132
    return -value if byte & 0x80 else value


def _alaw_to_linear(byte: int) -> int:
    byte ^= 0x55
    exponent, value = byte >> 4 & 7, (byte & 0x0F) << 4
    value = value + 8 if exponent == 0 else (value + 264) << (exponent - 1)
    return value if byte & 0x80 else -value


def _nearest(samples: list[int], wanted: int) -> int:
    return min(range(256), key=lambda byte: (abs(samples[byte] - wanted), byte))


#: Samples that the bytes of PCMU stand for.
ULAW = [_ulaw_to_linear(byte) for byte in range(256)]
_ALAW = [_alaw_to_linear(byte) for byte in range(256)]
#: From one law of G.711 to the other, a byte a sample, for ``bytes.translate``.
TRANSLATIONS: dict[tuple[int, int], bytes] = {
    (PCMU, PCMA): bytes(_nearest(_ALAW, sample) for sample in ULAW),
    (PCMA, PCMU): bytes(_nearest(ULAW, sample) for sample in _ALAW),
}

"""RTP that a placeholder says to its leg, which is joined with nobody: a key, or a little silence. Pure."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping

#: Seconds between packets, how many tell of the key, and how often its end is told (RFC 4733, 2.5.1.4).
STEP = 0.02
_TOLD, _ENDS = 6, 3
_SAMPLES = 160
_VOLUME = 10  # -10 dBm0
_KEYS = "0123456789*#ABCD"
#: By codec: its payload type, and a sample of silence (G.711).
_SILENT: Mapping[str, tuple[int, bytes]] = {"PCMU": (0, b"\xff"), "PCMA": (8, b"\xd5")}
#: One may be lost.
_SILENT_PACKETS = 3


def packets_of(digit: str, number: int) -> Iterator[bytes]:
    """The packets of one press under this payload type, each to be sent ``STEP`` seconds after the last."""
    event = _KEYS.index(digit)
    sequence = secrets.randbelow(1 << 15)
    source = secrets.token_bytes(4) + secrets.token_bytes(4)  # timestamp and SSRC
    for turn in range(_TOLD + _ENDS):
        ended = turn >= _TOLD
        head = bytes((0x80, number | (0x80 if turn == 0 else 0))) + (sequence + turn).to_bytes(2, "big")
        length = _SAMPLES * min(turn + 1, _TOLD)
        yield head + source + bytes((event, _VOLUME | (0x80 if ended else 0))) + length.to_bytes(2, "big")


def silence_of(codec: str, milliseconds: int) -> list[bytes]:
    """A few packets of silence in a row, each so long; none where the codec is not G.711."""
    if codec not in _SILENT:
        return []
    (kind, sample), samples = _SILENT[codec], 8 * milliseconds
    sequence, stamp, source = secrets.randbelow(1 << 15), secrets.randbelow(1 << 31), secrets.token_bytes(4)
    return [
        bytes((0x80, kind | (0x80 if turn == 0 else 0)))
        + (sequence + turn).to_bytes(2, "big")
        + (stamp + samples * turn).to_bytes(4, "big")
        + source
        + sample * samples
        for turn in range(_SILENT_PACKETS)
    ]

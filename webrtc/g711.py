"""G.711 by table: packets of µ-law or A-law to 16-bit samples in native byte order, and back."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from operator import itemgetter

_LOW, _HIGH = (0, 1) if sys.byteorder == "little" else (1, 0)


def _ulaw_to_linear(code: int) -> int:
    code = ~code & 0xFF
    magnitude = ((((code & 0x0F) << 3) + 132) << (code >> 4 & 7)) - 132
    return -magnitude if code & 0x80 else magnitude


def _alaw_to_linear(code: int) -> int:
    code ^= 0x55
    segment, step = code >> 4 & 7, (code & 0x0F) << 4
    magnitude = step + 8 if segment == 0 else (step + 264) << (segment - 1)
    return magnitude if code & 0x80 else -magnitude


_LINEAR: dict[str, Callable[[int], int]] = {"PCMU": _ulaw_to_linear, "PCMA": _alaw_to_linear}


@cache
def _halves(codec: str) -> tuple[bytes, bytes]:
    """The low and the high byte of the sample of each code."""
    samples = [_LINEAR[codec](code) & 0xFFFF for code in range(256)]
    return bytes(sample & 0xFF for sample in samples), bytes(sample >> 8 for sample in samples)


@cache
def _codes(codec: str) -> bytes:
    """The nearest code of each sample, by the sample as an unsigned number."""
    known = sorted((_LINEAR[codec](code), code) for code in range(256))
    table, at = bytearray(65536), 0
    for sample in range(-32768, 32768):
        while at + 1 < 256 and abs(known[at + 1][0] - sample) <= abs(known[at][0] - sample):
            at += 1
        table[sample & 0xFFFF] = known[at][1]
    return bytes(table)


def expand(codec: str, payload: bytes) -> bytes:
    """Samples of a packet."""
    low, high = _halves(codec)
    samples = bytearray(2 * len(payload))
    samples[_LOW::2] = payload.translate(low)
    samples[_HIGH::2] = payload.translate(high)
    return bytes(samples)


def compress(codec: str, samples: bytes) -> bytes:
    """A packet of these samples; there are at least two."""
    return bytes(itemgetter(*memoryview(samples).cast("H"))(_codes(codec)))

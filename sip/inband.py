"""Detects keys as tones in the audio (ITU-T Q.23, Q.24), for a far side without telephone-event."""

from __future__ import annotations

import math

from sip.conversion import Converter, convertible
from sip.rtp import PCMU, ULAW, Packet

_RATE = 8000
_ROWS = (697.0, 770.0, 852.0, 941.0)
_COLUMNS = (1209.0, 1336.0, 1477.0, 1633.0)
_KEYS = ("123A", "456B", "789C", "*0#D")
_COEFFICIENTS = tuple(2 * math.cos(2 * math.pi * hertz / _RATE) for hertz in (*_ROWS, *_COLUMNS))
#: Samples that are looked at together, 20 ms, and from one look to the next. A key lasts at least 40 ms
#: (Q.24): three looks in a row find it.
_BLOCK, _STEP = 160, 80
_LOOKS = 3
#: Looks without the key after which the same key counts as pressed again: 40 ms.
_RELEASE = 4
#: Below this mean square a block is too quiet for a key (some -36 dBm0).
_QUIET = 200.0**2
#: The part of the block's energy that the two tones must have, because speech has other tones. In 13 minutes
#: of recorded speech nothing was taken for a key; tones that are off by 1.5 % are (Q.24).
_PURITY = 0.6
#: How much stronger one of the two may be: 9 dB, as a ratio of energies.
_TWIST = 8.0


class Tones:
    """Detects keys in one leg's audio, in any codec."""

    def __init__(self) -> None:
        self._listener = ToneListener()
        self._converters: dict[int, Converter] = {}

    def hear(self, packet: Packet) -> str:
        """The keys that this packet completes; mostly none."""
        kind = packet.payload_type
        if not convertible(kind, PCMU):
            return ""
        if kind not in self._converters:
            self._converters[kind] = Converter(kind, PCMU)
        return self._listener.hear(self._converters[kind].convert(packet.payload))


class ToneListener:
    """Detects keys in one stream of PCMU; each press is reported once."""

    def __init__(self) -> None:
        self._samples: list[int] = []
        self._candidate = ""
        self._looks = 0
        self._pressed = ""
        self._without = 0

    def hear(self, payload: bytes) -> str:
        """The keys that this packet completes; mostly none."""
        self._samples += [ULAW[byte] for byte in payload]
        keys = ""
        start = 0
        while start + _BLOCK <= len(self._samples):
            keys += self._look(self._samples[start : start + _BLOCK])
            start += _STEP
        del self._samples[:start]
        return keys

    def _look(self, block: list[int]) -> str:
        key = key_in(block)
        self._looks = self._looks + 1 if key and key == self._candidate else 1
        self._candidate = key
        if key and key == self._pressed:
            self._without = 0
            return ""
        self._without += 1
        if self._without >= _RELEASE:
            self._pressed = ""
        if key and self._looks >= _LOOKS and key != self._pressed:
            self._pressed, self._without = key, 0
            return key
        return ""


def key_in(block: list[int]) -> str:
    """The key whose two tones this block of samples has; empty for none."""
    energy = sum(sample * sample for sample in block)
    if energy < _QUIET * len(block):
        return ""
    levels = [_goertzel(block, coefficient) for coefficient in _COEFFICIENTS]
    row, column = levels.index(max(levels[:4])), levels.index(max(levels[4:]), 4)
    low, high = levels[row], levels[column]
    if (low + high) * 2 / len(block) < _PURITY * energy or not 1 / _TWIST <= low / max(high, 1e-9) <= _TWIST:
        return ""
    return _KEYS[row][column - 4]


def _goertzel(block: list[int], coefficient: float) -> float:
    """Energy of one frequency; of a pure tone, half the number of samples times the block's energy."""
    before = last = 0.0
    for sample in block:
        before, last = last, sample + coefficient * last - before
    return last * last + before * before - coefficient * last * before

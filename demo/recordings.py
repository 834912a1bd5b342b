"""Recordings as pictures: how loud a WAV file is over time. Pure."""

from __future__ import annotations

import array
import sys
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

#: Speech that fills less than this of the scale is drawn as if it filled it all.
_LOUD = 0.5


@dataclass(frozen=True, slots=True)
class Waveform:
    """``peaks`` are evenly spaced over ``seconds``, 0 to 1."""

    seconds: float
    peaks: tuple[float, ...]


def measure(sound: Path | BinaryIO, points: int = 160) -> Waveform:
    """The loudness of a WAV file (mono, PCM 16 bit)."""
    with wave.open(str(sound) if isinstance(sound, Path) else sound) as file:
        samples = array.array("h", file.readframes(file.getnframes()))
        seconds = file.getnframes() / file.getframerate()
    if sys.byteorder == "big":
        samples.byteswap()
    step = max(1, len(samples) / points)
    peaks = []
    for index in range(min(points, len(samples))):
        part = samples[int(index * step) : int((index + 1) * step)]
        peaks.append(max(max(part), -min(part)) / 32768 if part else 0.0)
    scale = max(max(peaks, default=0.0), _LOUD)
    return Waveform(round(seconds, 2), tuple(round(min(1.0, peak / scale), 3) for peak in peaks))

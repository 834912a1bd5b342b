"""Who hears whom: the tones in a WAV file, with numpy. "Audio works" means that each hears only the other."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

#: The tones that tests and demo use, in Hz.
SHOPPER_HZ = 440
BUSINESS_HZ = 880
#: A tone at or above the first level is heard, one below the second is not.
HEARD_DB = -32.0
ABSENT_DB = -40.0
_HEADER_BYTES = 44


@dataclasses.dataclass(frozen=True, slots=True)
class Sound:
    """Samples between -1 and 1."""

    samples: npt.NDArray[np.float64]
    rate: int

    @classmethod
    def read(cls, path: Path | str) -> Sound:
        """A 16 bit mono WAV file, even one still being written (whose header has no length yet)."""
        data = Path(path).read_bytes()
        if data[:4] != b"RIFF" or data[36:40] != b"data":
            raise ValueError(f"{path} is no plain WAV file of 16 bit PCM")
        body = data[_HEADER_BYTES:]
        samples = np.frombuffer(body[: len(body) // 2 * 2], "<i2") / 32768.0
        return cls(samples, int.from_bytes(data[24:28], "little"))

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / self.rate

    def between(self, start: float, end: float | None = None) -> Sound:
        """The part from ``start`` to ``end`` seconds; a negative ``start`` counts from the end."""
        first = int((start if start >= 0 else max(self.seconds + start, 0.0)) * self.rate)
        return Sound(self.samples[first : None if end is None else int(end * self.rate)], self.rate)

    def level(self, hz: float) -> float:
        """How loud one tone is, in dB of a full-scale sine; -120 where there is nothing."""
        if not len(self.samples):
            return -120.0
        window = np.hanning(len(self.samples))
        wave = np.exp(-2j * math.pi * hz * np.arange(len(self.samples)) / self.rate)
        amplitude = 2 * abs(np.dot(self.samples * window, wave)) / max(float(window.sum()), 1.0)
        return max(20 * math.log10(max(amplitude, 1e-6)), -120.0)

    def levels(self, tones: Iterable[float]) -> dict[float, float]:
        """The level of each tone, rounded to whole dB."""
        return {hz: round(self.level(hz)) for hz in tones}

    def timeline(self, tones: Iterable[float], step: float = 0.1) -> list[tuple[float, tuple[float, ...]]]:
        """The tones heard in each ``step`` seconds, as ``(second, tones)``."""
        asked = tuple(tones)
        starts = np.arange(0, max(self.seconds - step / 2, 0), step)
        return [
            (
                round(float(start), 3),
                tuple(
                    hz
                    for hz in asked
                    if self.between(float(start), float(start) + step).level(hz) >= HEARD_DB
                ),
            )
            for start in starts
        ]


def heard(
    path: Path | str,
    tones: Iterable[float] = (SHOPPER_HZ, BUSINESS_HZ),
    start: float = 0,
    end: float | None = None,
) -> dict[float, float]:
    """The level in dB of each tone in (a part of) a WAV file."""
    return Sound.read(path).between(start, end).levels(tones)


def only_hears(
    path: Path | str,
    hz: float | None,
    *,
    not_hz: float | Iterable[float] = (),
    start: float = 0,
    end: float | None = None,
) -> bool:
    """Whether ``hz`` (None: nothing) is heard in (a part of) a WAV file, and none of ``not_hz``."""
    sound = Sound.read(path).between(start, end)
    others = (not_hz,) if isinstance(not_hz, int | float) else tuple(not_hz)
    wanted = hz is None or sound.level(hz) >= HEARD_DB
    return wanted and all(sound.level(other) < ABSENT_DB for other in others)

"""WAV files for tests to play."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt

RATE = 8000


def write(path: Path, samples: npt.NDArray[np.float64]) -> Path:
    """Samples between -1 and 1 as PCM 16 bit, mono, 8 kHz."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


def tone_file(path: Path, hz: float, seconds: float = 1.0) -> Path:
    """A tone at -20 dB."""
    return write(path, 0.1 * np.sin(2 * np.pi * hz * np.arange(int(RATE * seconds)) / RATE))

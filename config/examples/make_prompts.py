"""Writes the example recordings: a chime as greeting, a slow arpeggio as music. Standard library only.

Run as ``python config/examples/make_prompts.py``; the files come out the same each time.
"""

from __future__ import annotations

import math
import struct
import wave
from pathlib import Path

RATE = 8000
PROMPTS = Path(__file__).parent / "prompts"
#: Name, and its notes as (Hz, seconds).
TUNES = {
    "greeting": ((659.3, 0.25), (523.3, 0.25), (784.0, 0.5)),
    "music": ((261.6, 0.5), (329.6, 0.5), (392.0, 0.5), (523.3, 1.0)),
}


def note(hertz: float, seconds: float) -> list[int]:
    """Samples of a struck bell: a sine that fades."""
    count = int(RATE * seconds)
    return [
        round(8000 * math.sin(2 * math.pi * hertz * index / RATE) * (1 - index / count) ** 2)
        for index in range(count)
    ]


def main() -> None:
    """Write every tune."""
    for name, notes in TUNES.items():
        samples = [sample for hertz, seconds in notes for sample in note(hertz, seconds)]
        with wave.open(str(PROMPTS / f"{name}.wav"), "wb") as out:
            out.setparams((1, 2, RATE, len(samples), "NONE", ""))
            out.writeframes(struct.pack(f"<{len(samples)}h", *samples))


if __name__ == "__main__":
    main()

"""Speaks the demo's sentences with espeak-ng into ``demo/sounds/``: run once, the files are committed.

    python -m demo.make_sounds

Needs ``espeak-ng`` and ``sox``. The files are WAV, 8 kHz, mono, PCM 16 bit: what a telephone carries.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

SOUNDS = Path(__file__).with_name("sounds")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One spoken clip: an espeak-ng voice, its speed in words a minute, its pitch (0-99), and the text."""

    name: str
    voice: str
    speed: int
    pitch: int
    text: str


SENTENCES = (
    Sentence("greeting", "en-us+f4", 165, 52, "Thank you for calling Acme Bikes. We are ringing the store for you."),
    Sentence("shopper_hello", "en-us+m3", 160, 42, "Hello?"),
    Sentence("shopper_asks", "en-us+m3", 165, 42, "Hi! Do you still have the Harbor bike in blue?"),
    Sentence("shopper_thanks", "en-us+m3", 165, 42, "Yes please. Thank you, and goodbye!"),
    Sentence("boston_welcomes", "en-gb+f2", 165, 60, "Acme Bikes in Boston, Alice speaking. How can I help?"),
    Sentence("centre_welcomes", "en-gb-scotland+m7", 165, 48, "Acme Bikes call centre, this is Ben. How can I help?"),
    Sentence("boston_offers", "en-gb+f2", 165, 60, "Yes, we have two left. Shall I put one aside for you?"),
    Sentence("centre_offers", "en-gb-scotland+m7", 165, 48, "Yes, there are two left. Shall I put one aside for you?"),
)  # fmt: skip


def speak(sentence: Sentence) -> Path:
    """Write one clip: spoken, brought to telephone bandwidth and level, without silence around it."""
    target = SOUNDS / f"{sentence.name}.wav"
    spoken = subprocess.run(
        ["espeak-ng", "-v", sentence.voice, "-s", str(sentence.speed), "-p", str(sentence.pitch),
         "--stdout", sentence.text],
        check=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    trim = ["silence", "1", "0.02", "0.5%", "reverse"]
    subprocess.run(
        ["sox", "-D", "--ignore-length", "-t", "wav", "-", "-r", "8000", "-c", "1", "-b", "16", str(target),
         "highpass", "200", "norm", "-4", *trim, *trim],
        check=True, input=spoken.stdout,
    )  # fmt: skip
    return target


def main() -> None:
    """Speak every sentence anew."""
    SOUNDS.mkdir(exist_ok=True)
    for sentence in SENTENCES:
        path = speak(sentence)
        print(f"{path.stat().st_size / 1024:6.0f} KiB  {path.name}")


if __name__ == "__main__":
    main()

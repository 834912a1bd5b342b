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
    """One spoken clip: an espeak-ng voice, its pitch (0-99), and the text."""

    name: str
    voice: str
    pitch: int
    text: str


_WORDS_A_MINUTE = 165
_ACME, _SAM, _ALICE, _BEN = ("en-us+f4", 52), ("en-us+m3", 42), ("en-gb+f2", 60), ("en-gb-scotland+m7", 48)
_HANK = ("en-us+m7", 34)
#: To somebody who talks by PC, and is a real person.
_LISTENS = (
    "I am only a recording on your computer, but this call is real. Say something! "
    "When you have hung up, the page plays what I heard."
)
_LEAVES = "It was nice to hear you. Goodbye!"
SENTENCES = (
    Sentence("greeting", *_ACME, "Thank you for calling Acme Bikes. We are ringing the store for you."),
    Sentence("shopper_hello", *_SAM, "Hello?"),
    Sentence("shopper_asks", *_SAM, "Hi! Do you still have the Harbor bike in blue?"),
    Sentence("shopper_thanks", *_SAM, "Yes please. Thank you, and goodbye!"),
    Sentence("boston_welcomes", *_ALICE, "Acme Bikes in Boston, Alice speaking. How can I help?"),
    Sentence("centre_welcomes", *_BEN, "Acme Bikes call centre, this is Ben. How can I help?"),
    Sentence("boston_offers", *_ALICE, "Yes, we have two left. Shall I put one aside for you?"),
    Sentence("centre_offers", *_BEN, "Yes, there are two left. Shall I put one aside for you?"),
    Sentence("boston_listens", *_ALICE, _LISTENS),
    Sentence("centre_listens", *_BEN, _LISTENS),
    Sentence("boston_leaves", *_ALICE, _LEAVES),
    Sentence("centre_leaves", *_BEN, _LEAVES),
    Sentence("coolway_greeting", *_ACME, "Coolway Radiators. We are ringing the workshop."),
    Sentence("coolway_welcomes", *_HANK, "Coolway, Hank speaking. I see the vehicle in front of me."),
    Sentence("shopper_needs", *_SAM, "Hi! Do you have that radiator?"),
    Sentence("coolway_offers", *_HANK, "Yes, it is on the shelf. Shall I keep it for you?"),
    Sentence("coolway_listens", *_HANK, _LISTENS),
    Sentence("coolway_leaves", *_HANK, _LEAVES),
    Sentence(
        "message_greeting",
        *_ACME,
        "Nobody can take your call now. Please leave a message after the tone, "
        "and press the hash key when you have finished.",
    ),
    Sentence(
        "shopper_message",
        *_SAM,
        "Hi, this is Sam. Do you still have the Harbor bike in blue? Please call me back. Thank you!",
    ),
    Sentence(
        "boston_voicemail",
        *_ALICE,
        "Hello! You have reached Acme Bikes in Boston. We are all out on a ride just now. "
        "Please leave your name and your number after the beep, and we will call you back.",
    ),
)


def speak(sentence: Sentence) -> Path:
    """Write one clip: spoken, brought to telephone bandwidth and level, without silence around it."""
    target = SOUNDS / f"{sentence.name}.wav"
    spoken = subprocess.run(
        ["espeak-ng", "-v", sentence.voice, "-s", str(_WORDS_A_MINUTE), "-p", str(sentence.pitch),
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
    """Speak every sentence again."""
    SOUNDS.mkdir(exist_ok=True)
    for sentence in SENTENCES:
        path = speak(sentence)
        print(f"{path.stat().st_size / 1024:6.0f} KiB  {path.name}")


if __name__ == "__main__":
    main()

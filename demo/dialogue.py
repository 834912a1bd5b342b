"""Who says what, and when: tracks made of the spoken sentences in ``demo/sounds/``, silence between them."""

from __future__ import annotations

import wave
from dataclasses import dataclass
from pathlib import Path

SOUNDS = Path(__file__).with_name("sounds")
GREETING = SOUNDS / "greeting.wav"
MESSAGE_GREETING = SOUNDS / "message_greeting.wav"
COOLWAY_GREETING = SOUNDS / "coolway_greeting.wav"
_RATE = 8000
#: A phone repeats its track; nobody shall hear the repetition.
_TRACK_SECONDS = 120.0
#: Seconds from the store's answer until the shopper hangs up.
TALK_SECONDS = 14.2


@dataclass(frozen=True, slots=True)
class SpokenLine:
    """A sentence, and the second at which it begins."""

    at: float
    sentence: str


#: From the shopper's answer.
SHOPPER_ANSWERS = (SpokenLine(0.3, "shopper_hello"),)
#: From the end of the message's greeting; the tone comes first.
SHOPPER_MESSAGE = (SpokenLine(1.2, "shopper_message"),)
#: From the machine's answer.
VOICEMAIL = (SpokenLine(0.5, "boston_voicemail"),)
#: From the store's answer, all of them: together they make a conversation.
SHOPPER_TALKS = (SpokenLine(4.3, "shopper_asks"), SpokenLine(11.2, "shopper_thanks"))
STORE_TALKS = {
    "boston": (SpokenLine(0.4, "boston_welcomes"), SpokenLine(7.4, "boston_offers")),
    "cambridge": (SpokenLine(0.4, "boston_welcomes"), SpokenLine(7.4, "boston_offers")),
    "call-centre": (SpokenLine(0.4, "centre_welcomes"), SpokenLine(7.4, "centre_offers")),
    "coolway": (SpokenLine(0.4, "coolway_welcomes"), SpokenLine(7.4, "coolway_offers")),
}
#: What shoppers say to people they do not ask about a bike.
SHOPPER_TALKS_TO = {"coolway": (SpokenLine(5.2, "shopper_needs"), SpokenLine(11.2, "shopper_thanks"))}
#: From the store's answer, to a shopper who talks by PC: a real person, whose words nobody can know.
STORE_TALKS_TO_PC = {
    "boston": (
        SpokenLine(0.4, "boston_welcomes"),
        SpokenLine(8.0, "boston_listens"),
        SpokenLine(45.0, "boston_leaves"),
    ),
    "cambridge": (
        SpokenLine(0.4, "boston_welcomes"),
        SpokenLine(8.0, "boston_listens"),
        SpokenLine(45.0, "boston_leaves"),
    ),
    "call-centre": (
        SpokenLine(0.4, "centre_welcomes"),
        SpokenLine(8.0, "centre_listens"),
        SpokenLine(45.0, "centre_leaves"),
    ),
    "coolway": (
        SpokenLine(0.4, "coolway_welcomes"),
        SpokenLine(8.0, "coolway_listens"),
        SpokenLine(45.0, "coolway_leaves"),
    ),
}
#: From the store's answer until it hangs up on a shopper by PC.
PC_SECONDS = 48.0


def seconds_of(sentence: str) -> float:
    """How long a spoken sentence takes."""
    with wave.open(str(SOUNDS / f"{sentence}.wav")) as file:
        return float(file.getnframes() / file.getframerate())


def write_track(lines: tuple[SpokenLine, ...], target: Path) -> Path:
    """Write a WAV file (8 kHz, mono, PCM 16 bit) in which each line begins at its time."""
    track = bytearray()
    for line in lines:
        track += bytes(max(0, round(line.at * _RATE) * 2 - len(track)))
        with wave.open(str(SOUNDS / f"{line.sentence}.wav")) as sentence:
            track += sentence.readframes(sentence.getnframes())
    track += bytes(max(0, round(_TRACK_SECONDS * _RATE) * 2 - len(track)))
    with wave.open(str(target), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(track)
    return target

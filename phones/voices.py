"""What a phone says, as pjsua2 plays it, and an ear for a tone in what it hears."""

from __future__ import annotations

import array
import cmath
import collections
import functools
import math
import os
import random
import tempfile
import wave
from typing import IO, Any, ClassVar

import pjsua2 as pj

from phones import wire

_RATE = 8000
#: Length of one round of a looped tone; pjmedia takes at most a 16 bit number.
_TONE_MS = 30_000
#: What a :class:`ToneEar` listens to at a time, in samples.
_STRETCH = _RATE // 10
#: Amplitude from which a tone counts, and how much of all that is heard it must be.
_LOUD, _PURE = 500.0, 0.5


def voice_of(speech: wire.PhoneSpeech) -> Any:
    """A source that says this for as long as something is connected to it."""
    if speech.wav is not None:
        return _player(speech.wav)
    if speech.talk:
        return _player(_talk().name)
    tones = pj.ToneGenerator()
    tones.createToneGenerator()
    if speech.hz is not None:
        tone = pj.ToneDesc()
        tone.freq1, tone.freq2, tone.on_msec, tone.off_msec = speech.hz, 0, _TONE_MS, 0
        sequence = pj.ToneDescVector()
        sequence.append(tone)
        tones.play(sequence, True)
    return tones


def prepare(script: wire.Script) -> None:
    """Make ahead what the script says: that takes 0.2 s, in which the phone would answer nobody."""
    spoken = (script.speak, script.speak_early, *(part.speech for part in script.first))
    if any(speech is not None and speech.talk for speech in spoken):
        _talk()


@functools.cache
def _talk() -> IO[bytes]:
    file = tempfile.NamedTemporaryFile(suffix=".wav")  # noqa: SIM115 - for as long as the phone lives
    write_talk(file.name, 10.0)
    return file


def write_talk(path: str | os.PathLike[str], seconds: float, seed: int = 1) -> None:
    """Noise as lively as speech, in a WAV file: syllables of a hum and its overtones, with pauses for breath.

    It begins with a syllable; the same seed says the same.
    """
    dice = random.Random(seed)  # noqa: S311 - nothing to guess here
    samples = array.array("h")
    while len(samples) < seconds * _RATE:
        for _ in range(dice.randint(4, 9)):
            samples.extend(_syllable(dice))
            samples.extend([0] * int(dice.uniform(0.02, 0.08) * _RATE))
        samples.extend([0] * int(dice.uniform(0.15, 0.25) * _RATE))
    with wave.open(os.fspath(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(samples[: int(seconds * _RATE)].tobytes())


def _syllable(dice: random.Random) -> list[int]:
    length, pitch, loud = (
        int(dice.uniform(0.12, 0.28) * _RATE),
        dice.uniform(100, 160),
        dice.uniform(3e3, 9e3),
    )
    turn = 2 * math.pi * pitch / _RATE
    return [
        round(
            math.sin(math.pi * n / length)
            * loud
            * (math.sin(turn * n) + math.sin(5 * turn * n) + dice.uniform(-1, 1))
            / 3
        )
        for n in range(length)
    ]


def _player(path: str) -> Any:
    player = pj.AudioMediaPlayer()
    player.createPlayer(path)
    return player


class ToneEar(pj.AudioMediaPort):  # type: ignore[misc]
    """Hears whether one tone sounds. Connect what it is to listen to."""

    #: Every ear there was: the media thread may be in one, so taking it apart could crash the phone.
    _kept: ClassVar[list[pj.AudioMediaPort]] = []

    def __init__(self, hz: int) -> None:
        super().__init__()
        self._turn = 2j * math.pi * hz / _RATE
        self._frames: collections.deque[bytes] = collections.deque(maxlen=_STRETCH // 160)
        shape = pj.MediaFormatAudio()
        shape.init(pj.PJMEDIA_FORMAT_PCM, _RATE, 1, 20_000, 16)
        self._kept.append(self)
        self.createPort("ear", shape)

    def onFrameReceived(self, frame: Any) -> None:  # noqa: N802 - pjsua2's name
        """20 ms have come; on pjsua2's media thread."""
        self._frames.append(bytes(frame.buf))

    def hears(self) -> bool:
        """Whether the tone sounded through the last 0.1 s."""
        samples = array.array("h", b"".join(list(self._frames)))
        if len(samples) < _STRETCH:
            return False
        amplitude = abs(sum(s * cmath.exp(-self._turn * n) for n, s in enumerate(samples))) * 2 / len(samples)
        power = sum(s * s for s in samples) / len(samples)
        return amplitude >= _LOUD and amplitude**2 / 2 >= _PURE * power

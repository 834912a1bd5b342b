"""The file of a message: a private WAV (8 kHz, 16 bit, mono), cut to what was said."""

from __future__ import annotations

import os
import wave
from array import array
from pathlib import Path

from sip.voice import Voice, VoiceThresholds, level_of

#: It takes more for a voice than a judge does, because what counts as silence here is cut off.
MESSAGE_EAR = VoiceThresholds(quietest=5, above_noise=5, longest_echo=0)
#: Seconds kept after the last voice, so that no word is cut.
KEPT_SILENCE = 0.2
#: Samples a second: those of G.711.
CLOCK_RATE = 8000
#: Characters of a path that every engine can write: what fits into PJSIP's ``PJ_MAXPATH``.
LONGEST_PATH = 259
_FRAME = CLOCK_RATE // 50
#: Offsets in a plain WAV file: of the file's length, the data's length, and the samples.
_FILE_LENGTH, _DATA_LENGTH, HEADER_LENGTH = 4, 40, 44
_WIDTH = 2


def make_private(path: Path) -> None:
    """Make an empty private file, and the private folders that it needs."""
    for folder in reversed(path.parents):
        # mkdir(parents=True) would give the mode only to the last one.
        folder.mkdir(mode=0o700, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600))


def is_written(path: Path) -> bool:
    """Whether its writer has finished: the header has a length, and it is the file's."""
    try:
        with path.open("rb") as file:
            header = file.read(HEADER_LENGTH)
    except OSError:
        return False
    length = int.from_bytes(header[_FILE_LENGTH : _FILE_LENGTH + 4], "little")
    return len(header) == HEADER_LENGTH and length + 8 == path.stat().st_size


def cut(path: Path, longest: float) -> float:
    """Cut off the silence at the end, and what is longer than ``longest`` seconds; put the file on disk.

    The header is put right even where PJSIP could not. Returns the seconds that are left; a file of which
    nothing is left is removed. OSError where the disk refuses.
    """
    with path.open("r+b") as file:
        body = file.read()[HEADER_LENGTH:]
        samples = array("h")
        samples.frombytes(body[: len(body) // _WIDTH * _WIDTH])
        kept = min(spoken(samples), round(longest * CLOCK_RATE))
        if kept:
            size = kept * _WIDTH
            file.truncate(HEADER_LENGTH + size)
            for at, length in ((_FILE_LENGTH, HEADER_LENGTH - 8 + size), (_DATA_LENGTH, size)):
                file.seek(at)
                file.write(length.to_bytes(4, "little"))
            file.flush()
            os.fsync(file.fileno())
    if not kept:
        path.unlink()
        return 0.0
    with wave.open(str(path)) as proof:
        seconds: float = proof.getnframes() / proof.getframerate()
    return seconds


def spoken(samples: array[int]) -> int:
    """How many samples to keep: up to a moment after the last voice; none without a voice."""
    voice = Voice(MESSAGE_EAR, _FRAME / CLOCK_RATE)
    last = 0
    for start in range(0, len(samples), _FRAME):
        if voice.hears(level_of(samples[start : start + _FRAME])):
            last = start + _FRAME
    return min(len(samples), last + round(KEPT_SILENCE * CLOCK_RATE)) if last else 0

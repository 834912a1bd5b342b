"""A message on its way to disk: PJSIP writes a WAV file (8 kHz, 16 bit, mono), we cut it to what was said."""

from __future__ import annotations

import os
import wave
from array import array
from pathlib import Path

import pjsua2 as pj

from bridge.commands import Record
from sip.audio import CLOCK_RATE
from sip.voice import Ear, Voice, level_of

#: More willing to hear a voice than a judge is: what is taken for silence here is lost.
MESSAGE_EAR = Ear(quietest=5, above_noise=5, longest_echo=0)
#: Seconds kept after the last voice, so that no word loses its end.
KEPT_SILENCE = 0.2
#: Seconds recorded beyond the longest, and cut off: our clock and the audio's are two.
_SPARE = 0.2
_FRAME = CLOCK_RATE // 50
#: Of a plain WAV file: where the file's and the data's lengths stand, and where the samples begin.
_FILE_LENGTH, _DATA_LENGTH, _HEADER = 4, 40, 44
_WIDTH = 2


class Recording:
    """One recording that runs. OSError where its file cannot be made, ``pj.Error`` where PJSIP refuses it.

    The path must end in ``.wav``. A file that is there already is not touched: it is somebody's message.
    """

    def __init__(self, command: Record, silence: pj.AudioMedia, tick: float) -> None:
        self.path = Path(command.path)
        self.longest = command.longest
        self._voice = Voice(MESSAGE_EAR, tick)
        self._most_ticks = round((command.longest + _SPARE) / tick)
        self._most_silent = round(command.silence / tick)
        self._ticks = self._silent = 0
        make_private(self.path)
        recorder = pj.AudioMediaRecorder()
        try:
            recorder.createRecorder(str(self.path))
        except pj.Error:
            self.path.unlink(missing_ok=True)
            raise
        self._recorder: pj.AudioMediaRecorder | None = recorder
        # A source that never goes: the file keeps time while the leg's audio comes and goes.
        silence.startTransmit(recorder)

    def connect(self, port: pj.AudioMedia) -> None:
        """Record this from now on."""
        if self._recorder is not None:
            port.startTransmit(self._recorder)

    def hear(self, level: int) -> bool:
        """One tick: how loud the leg is. Returns whether the recording is to end now."""
        self._ticks += 1
        self._silent = 0 if self._voice.hears(level) else self._silent + 1
        return self._ticks >= self._most_ticks or self._silent >= self._most_silent

    def close(self) -> None:
        """Stop recording; PJSIP writes the rest of the file a moment later, on its own thread."""
        self._recorder = None


def make_private(path: Path) -> None:
    """Make an empty file that we alone may read, and the folders it needs, likewise."""
    for folder in reversed(path.parents):
        # Not mkdir's own way, which gives the mode to the last one only.
        folder.mkdir(mode=0o700, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600))


def is_written(path: Path) -> bool:
    """Whether PJSIP has written its last: the header has got a length, and it is the file's."""
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER)
    except OSError:
        return False
    length = int.from_bytes(header[_FILE_LENGTH : _FILE_LENGTH + 4], "little")
    return len(header) == _HEADER and length + 8 == path.stat().st_size


def cut(path: Path, longest: float) -> float:
    """Cut off the silence at the end, and what is longer than ``longest`` seconds; put the file on disk.

    The header is put right even where PJSIP could not. Returns the seconds that are left; a file of which
    nothing is left is removed. OSError where the disk refuses.
    """
    with path.open("r+b") as file:
        body = file.read()[_HEADER:]
        samples = array("h")
        samples.frombytes(body[: len(body) // _WIDTH * _WIDTH])
        kept = min(spoken(samples), round(longest * CLOCK_RATE))
        if kept:
            size = kept * _WIDTH
            file.truncate(_HEADER + size)
            for at, length in ((_FILE_LENGTH, _HEADER - 8 + size), (_DATA_LENGTH, size)):
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
    """How many of the samples are to be kept: up to a moment after the last voice; none without a voice."""
    voice = Voice(MESSAGE_EAR, _FRAME / CLOCK_RATE)
    last = 0
    for start in range(0, len(samples), _FRAME):
        if voice.hears(level_of(samples[start : start + _FRAME])):
            last = start + _FRAME
    return min(len(samples), last + round(KEPT_SILENCE * CLOCK_RATE)) if last else 0

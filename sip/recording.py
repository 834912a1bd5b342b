"""Records messages and talks: PJSIP writes WAV files (8 kHz, 16 bit, mono).

From a message the silence at its end is cut off.
"""

from __future__ import annotations

from pathlib import Path

import pjsua2 as pj

from bridge.commands import RecordLeg
from sip.message_file import MESSAGE_EAR, make_private
from sip.voice import Voice

#: Seconds recorded beyond the longest and cut off, because our clock and the audio's differ.
_SPARE = 0.2


class WrittenTrack:
    """A file that is written. OSError if it cannot be made, ``pj.Error`` if PJSIP refuses it.

    The path must end in ``.wav``. A file that is there already is not touched: it is somebody's.
    """

    def __init__(self, path: str, silence: pj.AudioMedia) -> None:
        self.path = Path(path)
        make_private(self.path)
        recorder = pj.AudioMediaRecorder()
        try:
            recorder.createRecorder(path)
        except pj.Error:
            self.path.unlink(missing_ok=True)
            raise
        self._recorder: pj.AudioMediaRecorder | None = recorder
        # A source that never stops, so that the file keeps time while the leg's audio comes and goes.
        silence.startTransmit(recorder)

    def connect(self, port: pj.AudioMedia) -> None:
        """Record this from now on."""
        if self._recorder is not None:
            port.startTransmit(self._recorder)

    def close(self) -> None:
        """Stop recording; PJSIP writes the rest of the file a moment later, on its own thread."""
        self._recorder = None


class MessageRecording(WrittenTrack):
    """A message that is recorded; as a track."""

    def __init__(self, command: RecordLeg, silence: pj.AudioMedia, tick: float) -> None:
        super().__init__(command.path, silence)
        self.longest = command.longest
        self._voice = Voice(MESSAGE_EAR, tick)
        self._most_ticks = round((command.longest + _SPARE) / tick)
        self._most_silent = round(command.silence / tick)
        self._ticks = self._silent = 0

    def hear(self, level: int) -> bool:
        """Take the leg's level of one tick; returns whether the recording should end now."""
        self._ticks += 1
        self._silent = 0 if self._voice.hears(level) else self._silent + 1
        return self._ticks >= self._most_ticks or self._silent >= self._most_silent

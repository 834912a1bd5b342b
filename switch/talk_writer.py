"""The file of what a leg says while it talks: it grows on disk, however long the talk."""

from __future__ import annotations

import asyncio
from array import array
from dataclasses import dataclass
from pathlib import Path

from sip.message_file import CLOCK_RATE, HEADER_LENGTH, make_private
from switch.ears import Ear
from switch.ng import NgError

#: Samples that are written at once: a second.
_PIECE = CLOCK_RATE


class TalkWriter:
    """Writes frames into a file, each second, on another thread: the disk may be slow.

    The header stays empty: whoever puts the two sides together writes one. OSError where the file cannot be
    made; what fails later makes ``finish`` say so.
    """

    def __init__(self, path: Path) -> None:
        make_private(path)
        self._file = path.open("r+b", buffering=0)
        self._samples = array("h")
        self._writing: asyncio.Task[None] | None = None
        self._failed: OSError | None = None
        self._due = bytes(HEADER_LENGTH)

    def hear(self, frame: array[int]) -> None:
        """20 ms."""
        self._samples.extend(frame)
        if len(self._samples) >= _PIECE and self._writing is None and self._failed is None:
            self._writing = asyncio.ensure_future(self._write())

    async def finish(self) -> OSError | None:
        """Write the rest; why the disk did not take all of it."""
        if self._writing is not None:
            await self._writing
        if self._failed is None:
            await self._write()
        self._file.close()
        return self._failed

    async def _write(self) -> None:
        due, self._due = self._due + self._samples.tobytes(), b""
        del self._samples[:]
        try:
            await asyncio.to_thread(self._put, due)
        except OSError as error:
            self._failed = error
        finally:
            self._writing = None

    def _put(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            left = left[self._file.write(left) :]


@dataclass(slots=True)
class HeardTalk:
    """A leg that is recorded."""

    path: str
    writer: TalkWriter
    ear: Ear
    #: What rtpengine knows the subscription by.
    subscription: str = ""
    #: Why rtpengine did not send some of what the leg said.
    missed: NgError | None = None

"""The file of a recorded talk: its two sides put together, the shopper on the left."""

from __future__ import annotations

import io
import os
import struct
import sys
from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from bridge.talk_recording import sides_of
from sip.message_file import CLOCK_RATE, HEADER_LENGTH, make_private

#: Samples of each side that are put together at once: half a minute.
_PIECE = 30 * CLOCK_RATE
_WIDTH, _SIDES = 2, 2
#: A WAV file knows its length in 32 bits; longer ones are cut: after 37 hours.
_MOST = 2**32 - 2**16


def merge(sides: tuple[Path, Path], path: Path) -> float:
    """Make one file of two, and delete the two; its seconds, 0 where neither side has a sound.

    The sides' headers may be unfinished, as a process that died leaves them. A side that ends sooner, or is
    missing, is silent from there on. Again, after a crash in the middle, comes to the same. OSError where the
    disk refuses; then the two are there still, or the one file is complete.
    """
    there = [side for side in sides if side.exists()]
    if path.is_file():  # it has its name once it is complete: of the two, one may be gone already
        _unlink(there)
        return max(0, path.stat().st_size - HEADER_LENGTH) / (_WIDTH * _SIDES * CLOCK_RATE)
    frames = max((_frames(side) for side in there), default=0)
    frames = min(frames, _MOST // (_WIDTH * _SIDES))
    if frames:
        part = _part(path)
        part.unlink(missing_ok=True)
        make_private(part)
        try:
            with part.open("r+b") as out:
                out.write(_header(frames))
                _write(sides, frames, out)
                out.flush()
                os.fsync(out.fileno())
            part.replace(path)
        except OSError:
            part.unlink(missing_ok=True)
            raise
    _unlink(there)
    return frames / CLOCK_RATE


def delete(path: Path) -> None:
    """Delete a recording, and what is there of one that was never put together. OSError."""
    _unlink((*map(Path, sides_of(str(path.parent), path.stem)), _part(path), path))


def _unlink(files: Iterable[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)


def _part(path: Path) -> Path:
    return path.with_name(f"{path.stem}.part")


def _write(sides: tuple[Path, Path], frames: int, out: BinaryIO) -> None:
    with _opened(sides[0]) as left, _opened(sides[1]) as right:
        for at in range(0, frames, _PIECE):
            count = min(_PIECE, frames - at)
            both = array("h", bytes(count * _WIDTH * _SIDES))
            both[0::2], both[1::2] = _read(left, count), _read(right, count)
            out.write(_little(both).tobytes())


def _opened(side: Path) -> BinaryIO:
    file: BinaryIO = side.open("rb") if side.exists() else io.BytesIO()
    file.seek(HEADER_LENGTH)
    return file


def _read(file: BinaryIO, count: int) -> array[int]:
    data = file.read(count * _WIDTH)
    samples = array("h", data[: len(data) // _WIDTH * _WIDTH])
    samples.extend([0] * (count - len(samples)))
    return _little(samples)


def _frames(side: Path) -> int:
    return max(0, side.stat().st_size - HEADER_LENGTH) // _WIDTH


def _little(samples: array[int]) -> array[int]:
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def _header(frames: int) -> bytes:
    """Of PCM, 16 bits, two channels."""
    size, block = frames * _WIDTH * _SIDES, _WIDTH * _SIDES
    form = (16, 1, _SIDES, CLOCK_RATE, CLOCK_RATE * block, block, 8 * _WIDTH)
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", HEADER_LENGTH - 8 + size, b"WAVE", b"fmt ", *form, b"data", size
    )

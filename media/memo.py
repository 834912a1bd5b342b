"""What a core writes down of a bridged call for the next one; media engines keep it unread."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.snapshot import CallSnapshot
from media.frames import Codec, FrameError


@dataclass(frozen=True, slots=True)
class Memo:
    """A call, and by how many seconds its clock was ahead of CLOCK_MONOTONIC.

    ``keepsake`` is whatever other parts of the core want the next one to know of the call.
    """

    known: CallSnapshot
    ahead: float
    keepsake: bytes = b""


_MEMOS: Codec[Memo] = Codec(Memo)
_VERSION = _MEMOS.fingerprint.encode()
#: The length that is before every message.
_HEAD = 4


def write(memo: Memo) -> bytes:
    """The memo as bytes."""
    return _VERSION + _MEMOS.dump(memo)[_HEAD:]


def read(text: bytes) -> Memo:
    """Read what :func:`write` wrote; ValueError for anything else, what another version wrote, too."""
    if not text.startswith(_VERSION):
        raise ValueError("a memo of another version")
    try:
        return _MEMOS.load(text[len(_VERSION) :])
    except FrameError as error:
        raise ValueError(str(error)) from error

"""Speaks a text into a WAV file with espeak-ng, in a short-lived process.

The text goes through a pipe, because other users of the machine can read a command line.
"""

from __future__ import annotations

import asyncio
import os
import re
import unicodedata
from pathlib import Path

from media.processes import Child

PROGRAM = "espeak-ng"
DEFAULT_VOICE = "en-us"
#: Characters of a text that are spoken at most; a pipe takes so many at once, in any encoding.
LONGEST_TEXT = 1000
#: Out of 200; about as loud as the recorded prompts.
_AMPLITUDE = 86
#: A voice is a name, or a folder and a name; never an option, and never a path outside espeak-ng's files.
_VOICE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z][A-Za-z0-9_+-]*)?")
#: Bytes of a WAV file without samples.
_EMPTY_WAV = 44


class EspeakError(Exception):
    """Nothing was spoken; the text says why. ``refused``: espeak-ng itself failed, perhaps at the voice."""

    def __init__(self, reason: str, refused: bool = False) -> None:
        super().__init__(reason)
        self.refused = refused


def clean(text: str) -> str:
    """The text as it may be spoken: of bounded length, and without control characters.

    Control characters could give espeak-ng commands, such as to play a file.
    """
    visible = "".join(
        " " if unicodedata.category(sign) in ("Cc", "Cn", "Co", "Cs") else sign for sign in text
    )
    return " ".join(visible.split())[:LONGEST_TEXT]


async def render(text: str, voice: str, path: str, seconds: float, program: str = PROGRAM) -> None:
    """Speak a text into a WAV file, 16 bits and mono, at 22,050 Hz; PJSIP plays that at its own rate.

    Raises :class:`EspeakError` if that fails or takes longer than ``seconds``.
    """
    if not _VOICE.fullmatch(voice):
        raise EspeakError(f"{voice!r} is not the name of a voice", refused=True)
    loop = asyncio.get_running_loop()
    exited: asyncio.Future[int] = loop.create_future()

    def on_exit(status: int) -> None:
        if exited.done():  # nobody is waiting any longer
            Path(path).unlink(missing_ok=True)
        else:
            exited.set_result(status)

    try:
        child = Child(loop, _spawn(program, clean(text), voice, path), on_exit)
    except OSError as error:
        raise EspeakError(f"{program} cannot be started: {error.strerror}") from error
    try:
        async with asyncio.timeout(seconds):
            status = await exited
    except TimeoutError as error:
        raise EspeakError(f"{program} took longer than {seconds} s") from error
    finally:
        child.kill()
    if status:
        raise EspeakError(f"{program} failed with status {status}", refused=status > 0)
    if _is_empty(Path(path)):
        raise EspeakError(f"{program} wrote no audio: nothing to say, or the disk is full")


def _is_empty(file: Path) -> bool:
    return not file.exists() or file.stat().st_size <= _EMPTY_WAV


def _spawn(program: str, text: str, voice: str, path: str) -> int:
    """Start the process, which takes less than a millisecond; returns its pid."""
    ours, theirs = os.pipe()
    try:
        os.write(theirs, text.encode())
    finally:
        os.close(theirs)
    try:
        return os.posix_spawnp(
            program,
            [program, "-b", "1", "-a", str(_AMPLITUDE), "-v", voice, "-w", path, "--stdin"],
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, ours, 0),
                (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
            setpgroup=0,  # a Ctrl-C in the terminal is for the core alone
        )
    finally:
        os.close(ours)

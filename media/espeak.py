"""espeak-ng: a text becomes a WAV file, by a short-lived process of its own.

The text goes in by a pipe, never by a command line, where other users of the machine could read it.
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
#: Characters of a text that are spoken; a pipe takes them all at once, whatever they are.
LONGEST_TEXT = 1000
#: Of 200: about as loud as the recorded prompts.
_AMPLITUDE = 86
#: A voice is a name or one in a folder; never an option, and never a way out of espeak-ng's own files.
_VOICE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z][A-Za-z0-9_+-]*)?")
#: A WAV file's header alone.
_EMPTY_WAV = 44


class EspeakError(Exception):
    """Nothing was spoken; in words, why. ``refused`` where espeak-ng itself says so, perhaps of the voice."""

    def __init__(self, reason: str, refused: bool = False) -> None:
        super().__init__(reason)
        self.refused = refused


def clean(text: str) -> str:
    """The text as it may be spoken: of bounded length, and without control characters.

    By those espeak-ng could be told more than a text: to play a file, for one.
    """
    visible = "".join(
        " " if unicodedata.category(sign) in ("Cc", "Cn", "Co", "Cs") else sign for sign in text
    )
    return " ".join(visible.split())[:LONGEST_TEXT]


async def render(text: str, voice: str, path: str, seconds: float, program: str = PROGRAM) -> None:
    """Speak a text into a WAV file, 16 bits and mono, at 22,050 Hz; PJSIP plays that at its own rate.

    :class:`EspeakError` if it cannot be done within so many seconds.
    """
    if not _VOICE.fullmatch(voice):
        raise EspeakError(f"{voice!r} is no name of a voice", refused=True)
    loop = asyncio.get_running_loop()
    exited: asyncio.Future[int] = loop.create_future()

    def on_exit(status: int) -> None:
        if exited.done():  # nobody waits any more
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
        raise EspeakError(f"{program} found nothing to say, or no room for it")


def _is_empty(file: Path) -> bool:
    return not file.exists() or file.stat().st_size <= _EMPTY_WAV


def _spawn(program: str, text: str, voice: str, path: str) -> int:
    """Start the process, which takes under a millisecond; its pid."""
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

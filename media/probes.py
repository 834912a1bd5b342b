"""Checks what calls may need of this machine: recording a message, speaking a text. Blocks."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from config.models import Config
from media.espeak import DEFAULT_VOICE, PROGRAM

#: Bytes a second of a recording: 8 kHz, 16 bit, mono; and what a header and a file system add.
_RATE, _MORE = 16_000, 64 * 1024
#: Bytes by which the database must be able to grow: some hundred calls.
_ROOM = 1024 * 1024
#: Seconds that a short text may take.
_PATIENCE = 10.0
#: A WAV file's header alone.
_EMPTY_WAV = 44


@dataclass(frozen=True, slots=True)
class Usable:
    """What is wrong with each thing that calls may need, in words; empty if nothing is."""

    recordings: str = ""
    speech: str = ""
    #: The disk of the database.
    database: str = ""

    @property
    def can_record(self) -> bool:
        """Whether a message can be taken."""
        return not self.recordings


def look(config: Config, program: str = PROGRAM) -> Usable:
    """Check everything."""
    return Usable(
        recordings_problem(config),
        speech_problem(DEFAULT_VOICE, program),
        database_problem(config.server.database.file),
    )


def database_problem(file: Path | None) -> str:
    """Why a database in a file could not grow; empty if it can, or is not on this machine."""
    if file is None:
        return ""
    return folder_problem(file.parent, _ROOM, file.stat().st_size if file.exists() else 0)


def recordings_problem(config: Config) -> str:
    """Why the longest message could not be recorded; empty if it could, or without mailboxes.

    Makes the folder, as a recording would.
    """
    if not config.mailboxes:
        return ""
    folder = config.server.recordings
    try:
        for each in reversed((folder, *folder.parents)):
            each.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        return f"cannot make the folder {folder}: {error.strerror}"
    return folder_problem(folder, longest_message(config))


def longest_message(config: Config) -> int:
    """Bytes of the longest message that any mailbox accepts."""
    return round(max((box.longest_message for box in config.mailboxes.values()), default=0.0) * _RATE) + _MORE


def folder_problem(folder: Path, size: int, beside: int = 0) -> str:
    """Why a file of so many bytes cannot be written into a folder; empty if it can. The file is deleted.

    With ``beside``, the check starts at that position, as if a file of that size grew.
    """
    path: str | None = None
    try:
        descriptor, path = tempfile.mkstemp(prefix=".probe-", dir=folder)
        try:
            os.posix_fallocate(descriptor, beside, size)  # reserves the space without writing it
            os.pwrite(descriptor, b"probe", beside + size - 5)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        return f"cannot write {size / 1e6:.1f} MB in {folder}: {error.strerror}"
    finally:
        if path is not None:
            with suppress(OSError):
                os.unlink(path)
    return ""


def speech_problem(voice: str, program: str = PROGRAM) -> str:
    """Why this voice cannot speak; empty if it can."""
    try:
        with tempfile.TemporaryDirectory(prefix="ringback-probe-") as folder:
            path = Path(folder) / "one.wav"
            spoken = subprocess.run(
                [program, "-v", voice, "-w", str(path), "--stdin"],
                input=b"one",
                capture_output=True,
                timeout=_PATIENCE,
                check=False,
            )
            if spoken.returncode == 0 and path.exists() and path.stat().st_size > _EMPTY_WAV:
                return ""
    except FileNotFoundError:
        return f"{program} is not installed"
    except subprocess.TimeoutExpired:
        return f"{program} takes longer than {_PATIENCE:g} s"
    except OSError as error:
        return f"{program} cannot speak: {error.strerror}"
    if spoken.returncode > 0 and voice != DEFAULT_VOICE:
        return f"{program} has no voice {voice}"
    return f"{program} wrote no audio: the disk is full, or it failed (status {spoken.returncode})"


def unknown_voices(voices: Iterable[str], program: str = PROGRAM) -> dict[str, str]:
    """The voices of these that cannot speak, and why."""
    found = {voice: speech_problem(voice, program) for voice in set(voices) - {DEFAULT_VOICE}}
    return {voice: problem for voice, problem in found.items() if problem}

"""The files that settings name: recordings, certificates, the database's folder. They must be usable now."""

from __future__ import annotations

import os
import wave
from pathlib import Path

from config.draft import Draft
from config.problems import Loc
from config.resolve import readable_by_everybody

_CONVERT = "convert it: sox IN.wav -b 16 -c 1 -r 8000 OUT.wav"
_LARGEST_PEM = 1024 * 1024
_TLS_FILES = ("ca_file", "certificate_file", "key_file")


def check_files(draft: Draft) -> None:
    """Problems for files that are missing or of the wrong kind."""
    for loc, path in draft.at(("prompts", "*")):
        if problem := _wav_problem(Path(path)):
            draft.wrong(loc, problem)
    for name in _TLS_FILES:
        for loc, path in draft.at(("trunks", "*", "tls", name)):
            _tls_file(draft, loc, Path(path))
    for loc, path in draft.at(("asterisk", "*", "ca_file")):
        _tls_file(draft, loc, Path(path))
    for name in ("database", "recordings"):
        for loc, path in draft.at(("server", name)):
            folder = Path(path).parent
            # Not is_dir(): that raises for a path the system finds impossible.
            if not os.path.isdir(folder):
                draft.wrong(loc, f"there is no folder {folder}: create it")
    _password_hashes(draft)
    for loc, path in draft.at(("server", "database")):
        if os.path.isdir(path):
            draft.wrong(loc, f"{path} is a folder: name a file in it")
    for loc, path in draft.at(("server", "recordings")):
        if any(path == other for _, other in draft.at(("server", "database"))):
            draft.wrong(loc, "the database has the same path: choose another")
        if os.path.exists(path) and not os.path.isdir(path):
            draft.wrong(loc, f"{path} is a file: name a folder")


def _password_hashes(draft: Draft) -> None:
    """Whoever reads a hash may try passwords against it for as long as they like."""
    told: set[str] = set()
    for loc, _ in draft.at(("agents", "*", "password_hash")):
        file = draft.source.place(loc).file
        try:
            open_to_all = readable_by_everybody(Path(file) if file else draft.source.file)
        except OSError:
            continue
        if open_to_all and file not in told:
            told.add(file)
            draft.doubtful(
                loc,
                "every user of this machine can read this file, and try passwords against it: chmod o-r it",
            )


def _wav_problem(path: Path) -> str | None:
    """Why the file cannot be played; None for PCM 16 bit mono at 8 or 16 kHz."""
    try:
        if not path.is_file():
            return f"no such file: {path}"
        with path.open("rb") as stream, wave.open(stream) as audio:
            width, channels, rate, frames = (
                audio.getsampwidth(), audio.getnchannels(), audio.getframerate(), audio.getnframes(),
            )  # fmt: skip
    except OSError as error:
        return f"cannot read {path} ({error.strerror}): check its owner and permissions"
    except (wave.Error, EOFError):
        return f"{path} is no WAV file with plain PCM: {_CONVERT}"
    if (width, channels) != (2, 1) or rate not in (8000, 16000):
        have = f"{8 * width} bit, {channels} channel{'s' * (channels > 1)}, {rate} Hz"
        return f"must be 16 bit, mono, 8000 or 16000 Hz, and is {have}: {_CONVERT}"
    return None if frames else f"{path} holds no sound: record it again"


def _tls_file(draft: Draft, loc: Loc, path: Path) -> None:
    try:
        if not path.is_file():
            draft.wrong(loc, f"no such file: {path}")
            return
        with path.open("rb") as stream:
            is_pem = b"-----BEGIN " in stream.read(_LARGEST_PEM)
        if not is_pem:
            draft.wrong(loc, f"{path} is no PEM file: it must hold -----BEGIN … lines")
        elif loc[-1] == "key_file" and readable_by_everybody(path):
            draft.wrong(loc, f"every user of this machine can read {path}: chmod o-r it")
    except OSError as error:
        draft.wrong(loc, f"cannot read {path} ({error.strerror}): check its owner and permissions")

"""Checks of the files that settings name: recordings, certificates, folders. They must be usable now."""

from __future__ import annotations

import stat
import wave
from pathlib import Path

from config.draft import Draft
from config.problems import Loc

_CONVERT = "convert it: sox IN.wav -b 16 -c 1 -r 8000 OUT.wav"
_LARGEST_PEM = 1024 * 1024


def readable_by_everybody(path: Path) -> bool:
    """Whether any user of this machine may read the file."""
    return bool(path.stat().st_mode & stat.S_IROTH)


def wav_problem(path: Path) -> str | None:
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
        return f"{path} is not a WAV file with plain PCM: {_CONVERT}"
    if (width, channels) != (2, 1) or rate not in (8000, 16000):
        have = f"{8 * width} bit, {channels} channel{'s' * (channels > 1)}, {rate} Hz"
        return f"must be 16 bit, mono, 8000 or 16000 Hz, but is {have}: {_CONVERT}"
    return None if frames else f"{path} contains no sound: record it again"


def check_tls_file(draft: Draft, loc: Loc, path: Path) -> None:
    """A problem for a certificate or key that cannot be read, or that others can."""
    try:
        if not path.is_file():
            draft.wrong(loc, f"no such file: {path}")
            return
        with path.open("rb") as stream:
            is_pem = b"-----BEGIN " in stream.read(_LARGEST_PEM)
        if not is_pem:
            draft.wrong(loc, f"{path} is not a PEM file: it must contain -----BEGIN … lines")
        elif loc[-1] == "key_file" and readable_by_everybody(path):
            draft.wrong(loc, f"every user of this machine can read {path}: chmod o-r it")
    except OSError as error:
        draft.wrong(loc, f"cannot read {path} ({error.strerror}): check its owner and permissions")

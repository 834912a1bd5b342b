"""Settings files on disk: read as they are, and replaced so that each is old or new, never half."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.source import LARGEST_FILE
from config.text_file import read_text

_MARK = b"\xef\xbb\xbf"


class WriteRefusedError(Exception):
    """The files could not be replaced, and are as they were; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class FileOnDisk:
    """A file as it was read."""

    path: Path
    text: str
    digest: str


def digest_of(text: str) -> str:
    """What tells whether a text is another."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def read_file(path: Path) -> FileOnDisk:
    """A settings file; :class:`config.problems.ConfigError`."""
    text = read_text(path, LARGEST_FILE)
    return FileOnDisk(path, text, digest_of(text))


def replace_files(folder: Path, texts: Mapping[Path, str]) -> dict[Path, bytes]:
    """Put texts in the place of files below ``folder``; what they held before, to put it back.

    Each file is written beside the old one, with its mode and owner, and renamed when it is on the disk.
    :class:`WriteRefusedError` where one cannot be: those before it are put back.
    """
    before: dict[Path, bytes] = {}
    fresh: dict[Path, Path] = {}
    try:
        for path, text in texts.items():
            target = _target(folder, path)
            before[path] = target.read_bytes()
            mark = _MARK if before[path].startswith(_MARK) else b""
            fresh[target] = _beside(target, mark + text.encode())
        done: list[tuple[Path, bytes]] = []
        try:
            for (target, new), old in zip(fresh.items(), before.values(), strict=True):
                os.replace(new, target)
                done.append((target, old))
                _sync_folder(target.parent)
        except OSError:
            for target, old in done:
                os.replace(_beside(target, old), target)
            raise
    except OSError as error:
        raise WriteRefusedError(
            f"The files cannot be written ({error.strerror}): they are as they were. Check the free space, "
            "and whether the server's user may write in their folder."
        ) from error
    finally:
        for new in fresh.values():
            new.unlink(missing_ok=True)
    return before


def put_back(folder: Path, before: Mapping[Path, bytes]) -> None:
    """The bytes that were there before; :class:`WriteRefusedError`."""
    try:
        for path, old in before.items():
            target = _target(folder, path)
            os.replace(_beside(target, old), target)
            _sync_folder(target.parent)
    except OSError as error:
        raise WriteRefusedError(f"The former files cannot be put back ({error.strerror}).") from error


def _target(folder: Path, path: Path) -> Path:
    """The file that a path stands for; one that a link leads out of the folder to is not written."""
    target = path.resolve()
    if not target.is_relative_to(folder.resolve()):
        raise WriteRefusedError(
            f"{path.name} is a link to another folder: the portal writes files in the folder of the config "
            "file alone."
        )
    return target


def _beside(target: Path, content: bytes) -> Path:
    """A new file in the target's folder with this content, its mode and owner, on the disk."""
    stands = target.stat()
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".new", dir=target.parent)
    new = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fchmod(stream.fileno(), stands.st_mode & 0o7777)
            # Only root may give files away: else the server's user writes its own.
            with contextlib.suppress(PermissionError):
                os.fchown(stream.fileno(), stands.st_uid, stands.st_gid)
            os.fsync(stream.fileno())
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    return new


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

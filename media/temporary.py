"""Private temporary folders of a node; those of dead nodes are deleted."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)


def make_folder(prefix: str) -> tuple[Path, int]:
    """Make a folder; returns it with the descriptor of its lock, which is held until that is closed.

    The lock also keeps systemd-tmpfiles away. The folder gets its name only when it is locked, so that no
    other node deletes it.
    """
    hidden = Path(tempfile.mkdtemp(prefix=f".{prefix}"))  # mkdtemp makes it 0700
    descriptor = _lock(hidden)
    return hidden.rename(hidden.with_name(hidden.name[1:])), descriptor


def lock_folder(folder: Path) -> int:
    """Make a folder of this name where there is none; returns the descriptor of its lock.

    OSError where another process has it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return _lock(folder)


def sweep(prefix: str) -> None:
    """Delete the folders that dead nodes of this user left."""
    for left in Path(tempfile.gettempdir()).glob(f"{prefix}*"):
        try:
            lock = _lock(left)
        except OSError as error:
            log.debug("temporary folder left alone", folder=str(left), reason=error.strerror)
            continue
        if os.fstat(lock).st_uid == os.getuid():
            shutil.rmtree(left, ignore_errors=True)
        os.close(lock)


def _lock(folder: Path) -> int:
    """Lock a folder for as long as this process lives; OSError if another process has locked it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor

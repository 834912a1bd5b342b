"""A real Asterisk 22 in a folder of its own outside the tree: Debian's, by debootstrap, built once.

``python -m tests.pbx.install`` builds it (about a minute, 550 MB) and prints where it is.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

RELEASE = "asterisk-22"
_PACKAGES = "asterisk,asterisk-core-sounds-en-wav"
_SUITE = "sid"
_BUILD_SECONDS = 900


class CannotInstallError(Exception):
    """This machine lacks something that a real Asterisk needs; the text says what."""


def root() -> Path:
    """Where Asterisk's own file system is, or will be."""
    default = Path.home() / ".cache" / "ringback"
    return Path(os.environ.get("RINGBACK_CACHE", default)) / RELEASE


def missing() -> str | None:
    """What this machine lacks, as a sentence; None when nothing."""
    if os.geteuid() != 0:
        return "a real Asterisk wants root (chroot, mount)"
    for tool in ("chroot", "unshare", "mount", *(() if root().exists() else ("debootstrap",))):
        if shutil.which(tool) is None:
            return f"{tool} is not installed (Debian: debootstrap, util-linux, mount, coreutils)"
    return None


def install() -> Path:
    """Build it unless it is there already. Raises :class:`CannotInstallError`."""
    if problem := missing():
        raise CannotInstallError(problem)
    place = root()
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test runs must not build at once
        if not place.exists():
            _build(place)
    return place


def _build(place: Path) -> None:
    beside = place.with_suffix(".building")
    log = place.with_suffix(".log")
    shutil.rmtree(beside, ignore_errors=True)
    command = ["debootstrap", "--variant=minbase", f"--include={_PACKAGES}", _SUITE, str(beside)]
    with log.open("wb") as output:
        done = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, timeout=_BUILD_SECONDS)
    if done.returncode != 0:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise CannotInstallError(f"debootstrap failed; {log} ends with\n{tail}")
    shutil.rmtree(beside / "var/cache/apt", ignore_errors=True)
    # Mount points: each run puts its own files over these.
    for name in ("etc/hosts", "etc/resolv.conf"):
        (beside / name).unlink(missing_ok=True)
        (beside / name).touch()
    beside.rename(place)


if __name__ == "__main__":
    try:
        print(install())
    except CannotInstallError as error:
        sys.exit(str(error))

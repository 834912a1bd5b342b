"""What Debian 12 has too old or not at all, in a file system of its own outside the tree: built once.

It is Debian's next release, by debootstrap, with Asterisk 22 and the newest rtpengine.
``python -m tests.plumbing.debian_sid`` builds it (about a minute, 700 MB) and prints where it is.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

_SUITE = "sid"
#: The folder's name: another one for each other list of packages.
_FOLDER = "debian-sid-2"
_PACKAGES = "asterisk,asterisk-core-sounds-en-wav,rtpengine-daemon"
_BUILD_SECONDS = 900


class CannotInstallError(Exception):
    """This machine lacks something that it needs; the text says what."""


def root() -> Path:
    """Where the file system is, or will be."""
    default = Path.home() / ".cache" / "ringback"
    return Path(os.environ.get("RINGBACK_CACHE", default)) / _FOLDER


def missing() -> str | None:
    """What this machine lacks, as a sentence; None when nothing."""
    if os.geteuid() != 0:
        return "root is needed (chroot, mount)"
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

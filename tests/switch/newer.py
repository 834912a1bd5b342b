"""Debian's newest rtpengine as a program of this machine (:mod:`tests.plumbing.debian_sid`)."""

from __future__ import annotations

import stat
from pathlib import Path

from tests.plumbing.debian_sid import install

# Its mounts are its own, and gone with it. It keeps the name and the id of the process that begins it.
_PROGRAM = """#!/usr/bin/python3
import ctypes, os, sys

CLONE_NEWNS, MS_BIND, MS_REC, MS_PRIVATE = 0x20000, 0x1000, 0x4000, 0x40000
libc = ctypes.CDLL(None, use_errno=True)


def done(result):
    if result:
        sys.exit(os.strerror(ctypes.get_errno()))


done(libc.unshare(CLONE_NEWNS))
done(libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None))
for name in ("/dev", "/proc", "/tmp", {folder!r}):
    os.makedirs({root!r} + name, exist_ok=True)
    done(libc.mount(name.encode(), ({root!r} + name).encode(), None, MS_BIND | MS_REC, None))
here = os.getcwd()
os.chroot({root!r})
os.chdir(here)
os.execv("/usr/bin/rtpengine", ["rtpengine", *sys.argv[1:]])
"""


def newer_rtpengine(folder: Path) -> Path:
    """Write a program ``rtpengine`` into a folder, which it sees as well; raises CannotInstallError."""
    program = folder / "rtpengine"
    program.write_text(_PROGRAM.format(root=str(install()), folder=str(folder)))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program

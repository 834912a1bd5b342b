"""Processes that a test starts never outlive it."""

from __future__ import annotations

import ctypes
import signal

# From linux/prctl.h.
_PR_SET_PDEATHSIG = 1
#: Loaded before any fork: a child must not load libraries between fork and exec.
_LIBC = ctypes.CDLL(None)


def die_with_parent() -> None:
    """As ``preexec_fn``: have the kernel kill this process when the test's own dies."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

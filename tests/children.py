"""Processes that a test starts never outlive it."""

from __future__ import annotations

import ctypes
import signal

# From linux/prctl.h and linux/sched.h.
_PR_SET_PDEATHSIG = 1
_CLONE_NEWNET = 0x40000000
#: Loaded before any fork: a child must not load libraries between fork and exec.
_LIBC = ctypes.CDLL(None, use_errno=True)


def die_with_parent() -> None:
    """As ``preexec_fn``: have the kernel kill this process when the test's own dies."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def enter_network(namespace: int) -> None:
    """Move this process to the network whose namespace this descriptor names. Needs root."""
    if _LIBC.setns(namespace, _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "cannot enter the network")

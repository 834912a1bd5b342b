"""A network of the test's own, on which even global addresses lead nowhere but to this machine."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import socket
import struct
from collections.abc import Iterator

import pytest

_CLONE_NEWNET = 0x40000000
_SIOCSIFADDR, _SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8916, 0x8913, 0x8914, 0x1


@contextlib.contextmanager
def own_network(*addresses: str) -> Iterator[None]:
    """Be in a new network namespace (network_namespaces(7)) with nothing but loopback and these addresses.

    Sockets and processes made meanwhile stay in it; those made before stay outside. Needs root.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    outside = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        if libc.unshare(_CLONE_NEWNET):
            pytest.skip(f"no network namespace of our own: {os.strerror(ctypes.get_errno())}")
        try:
            _set_up(addresses)
            yield
        finally:
            if libc.setns(outside, _CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "the way back out of the network namespace is barred")
    finally:
        os.close(outside)


def _set_up(addresses: tuple[str, ...]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for number, address in enumerate(addresses):
            told = struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(address))
            fcntl.ioctl(sock, _SIOCSIFADDR, struct.pack("16s16s8x", b"lo:%d" % number, told))
        flags = struct.unpack("16sh", fcntl.ioctl(sock, _SIOCGIFFLAGS, struct.pack("16sh22x", b"lo", 0))[:18])
        fcntl.ioctl(sock, _SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", flags[1] | _IFF_UP))

"""The media sockets of rtpengine, borrowed: a second descriptor of each, to set what the kernel lets in.

pidfd_getfd(2) asks of us what ptrace(2) does: to be of the same user, and that no seccomp filter forbids it.
"""

from __future__ import annotations

import ctypes
import os
import socket
import struct
from collections.abc import Iterator

#: The same number on every architecture of Linux.
_PIDFD_GETFD = 438
#: Descriptors beyond the largest known one that are looked at, and around one that was let go:
#: rtpengine opens the sockets of a leg and its placeholder together.
_BEYOND, _AROUND = 8, 4

Name = tuple[str, int]


class BorrowedSockets:
    """Finds sockets of a process by their addresses; OSError at once where the kernel lends none."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._pidfd = os.pidfd_open(pid)
        self._largest = 2
        #: Those up to there that were no sockets when last seen. A process gets the lowest one that is free,
        #: so where prompts have just ended, a new socket takes the place of a file.
        self._free: set[int] = set()
        #: Of each socket that was seen, its descriptor there; no more of them than it has ports.
        self._numbers: dict[Name, int] = {}
        self._buffer, self._length = ctypes.create_string_buffer(16), ctypes.c_uint32()
        try:
            os.close(self._borrow(0))  # whatever it is
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """Find no more. What was lent stays with who has it."""
        if self._pidfd >= 0:
            os.close(self._pidfd)
            self._pidfd = -1

    def find(self, *names: Name) -> list[socket.socket]:
        """The UDP sockets at these IPv4 addresses and ports; OSError where one is not there."""
        found: dict[Name, int] = {}
        for number in self._candidates(names):
            try:
                copy = self._borrow(number)
            except OSError:
                continue  # nothing has this number
            name = self._name(copy)
            if name is not None:
                self._free.discard(number)
                self._numbers[name] = number
            if name is None or name not in names or name in found:
                os.close(copy)
                continue
            found[name] = copy
            if len(found) == len(names):
                return [socket.socket(fileno=found[name]) for name in names]
        for copy in found.values():
            os.close(copy)
        missing = next(name for name in names if name not in found)
        raise OSError(f"rtpengine has no socket at {missing[0]}:{missing[1]}")

    def let_go(self, name: Name) -> None:
        """This socket is closed: the next ones will have numbers around its own."""
        number = self._numbers.pop(name, None)
        if number is not None:
            self._free.update(range(max(3, number - _AROUND), number + _AROUND + 1))

    def _candidates(self, names: tuple[Name, ...]) -> Iterator[int]:
        """Descriptors that may be these sockets, the likely ones first: hundreds of calls have thousands."""
        yield from [self._numbers[name] for name in names if name in self._numbers]
        yield from sorted(self._free)
        for number in range(self._largest + 1, self._largest + 1 + _BEYOND):
            self._largest = number
            self._free.add(number)
            yield number
        # It has others than we thought: look at all, and remember what is no socket.
        opened = sorted(map(int, os.listdir(f"/proc/{self._pid}/fd")))
        self._largest = max(self._largest, *opened)
        self._free.update(set(range(3, self._largest + 1)).difference(self._numbers.values()))
        yield from opened

    def _borrow(self, number: int) -> int:
        copy: int = self._libc.syscall(_PIDFD_GETFD, self._pidfd, number, 0)
        if copy < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        return copy

    def _name(self, fd: int) -> Name | None:
        """The address of an IPv4 socket (``struct sockaddr_in``)."""
        self._length.value = 16
        if self._libc.getsockname(fd, self._buffer, ctypes.byref(self._length)) != 0:
            return None
        raw = self._buffer.raw
        (family,) = struct.unpack_from("=H", raw)
        if family != socket.AF_INET:
            return None
        return socket.inet_ntoa(raw[4:8]), int.from_bytes(raw[2:4], "big")

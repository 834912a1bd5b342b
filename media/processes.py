"""The core's handles of its processes: the zygote that forks workers, and each child by a pidfd.

A pidfd always means the same process, so nothing here can kill or reap another one that got the same pid.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from typing import Protocol

import structlog

from media.zygote import WARM

log = structlog.get_logger(__name__)

#: Seconds between two checks whether an orphan has become our child.
_ADOPTION_SECONDS = 0.05


class Child:
    """A child of this process. ``on_exit(status)`` is called once, after it has been reaped.

    The status is an exit code, or minus the number of the signal that killed it. One that is not ``ours``,
    because another core started it, is not reaped, and its status is 0.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, pid: int, on_exit: Callable[[int], None], *, ours: bool = True
    ) -> None:
        self.pid = pid
        self._ours = ours
        self._loop = loop
        self._on_exit = on_exit
        self._pidfd: int | None = os.pidfd_open(pid)
        loop.add_reader(self._pidfd, self._exited)

    def kill(self) -> None:
        """Kill the process, even if it hangs or is stopped; does nothing if it is dead."""
        if self._pidfd is not None:
            try:
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
            except ProcessLookupError:
                log.debug("process died before it was killed", pid=self.pid)

    def _exited(self) -> None:
        """Reap it. If the zygote died during the fork, the process becomes our child a moment later."""
        assert self._pidfd is not None  # noqa: S101 - this runs once after the pidfd turned readable
        self._loop.remove_reader(self._pidfd)
        if not self._ours:
            self._close(0)
            return
        try:
            ended = os.waitid(os.P_PIDFD, self._pidfd, os.WEXITED)
        except ChildProcessError:
            self._loop.call_later(_ADOPTION_SECONDS, self._exited)
            return
        assert ended is not None  # noqa: S101 - only WNOHANG could return None
        self._close(ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status)

    def _close(self, status: int) -> None:
        assert self._pidfd is not None  # noqa: S101 - it is closed once
        os.close(self._pidfd)
        self._pidfd = None
        self._on_exit(status)


class Started(Protocol):
    """A process that was started, as ``subprocess.Popen`` shows one."""

    @property
    def pid(self) -> int:
        """Its process id."""

    def kill(self) -> None:
        """End it now."""

    def wait(self) -> int:
        """Reap it."""


def start_zygote(control: socket.socket, socket_path: str, worker_main: str) -> Started:
    """Start the zygote's program, whose end of the line to the core is ``control``."""
    return subprocess.Popen(
        [sys.executable, "-m", "media.zygote", str(control.fileno()), socket_path, worker_main],
        pass_fds=[control.fileno()],
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # a Ctrl-C in the terminal is for the core alone
    )


class Zygote:
    """The core's handle of one zygote process.

    It calls ``on_warm()`` when it can fork, ``on_forked(token, pid)`` for each worker, and ``on_died()``
    once, unless it was closed.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        socket_path: str,
        worker_main: str,
        on_warm: Callable[[], None],
        on_forked: Callable[[str, int], None],
        on_died: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._on_warm, self._on_forked, self._on_died = on_warm, on_forked, on_died
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = start_zygote(theirs, socket_path, worker_main)
        self._control.setblocking(False)
        self._open = True
        loop.add_reader(self._control, self._readable)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def fork(self, token: str) -> bool:
        """Ask for one worker; False if that fails, and then ``on_forked`` does not follow."""
        try:
            return self._open and self._control.send(token.encode()) > 0
        except OSError as error:  # full, or dying; then on_died follows
            log.warning("zygote cannot be asked for a worker", error=str(error))
            return False

    def kill(self) -> None:
        """Kill a zygote that does not answer; ``on_died`` follows."""
        self._process.kill()

    def close(self) -> None:
        """Kill and reap it. Its workers go on."""
        if self._open:
            self._open = False
            self._loop.remove_reader(self._control)
            self._control.close()
            self._process.kill()
            self._process.wait()

    def _readable(self) -> None:
        try:
            packet = self._control.recv(4096)
        except BlockingIOError:
            return
        except OSError as error:
            log.warning("zygote lost", error=str(error))
            packet = b""
        if not packet:
            self.close()
            self._on_died()
        elif packet == WARM:
            self._on_warm()
        else:
            token, pid = packet.decode().split()
            self._on_forked(token, int(pid))

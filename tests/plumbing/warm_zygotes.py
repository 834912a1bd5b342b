"""Zygotes without their start: forked from a process that has the workers' programs imported.

A zygote's imports take most of a second of a core, and the tests start some four hundred. What runs in the
fork is ``media.zygote.run`` all the same: a process of its own, a child of the core, with its output. The
demo's tests, and those of the pool of workers, start the program itself.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from tests.children import die_with_parent

_LONGEST = 65_536
#: The line to the core, standard output and standard error.
_DESCRIPTORS = 3
#: What workers of every kind import.
_PROGRAMS = ("media.phone_worker", "media.browser_worker", "twisted.internet.epollreactor")


class WarmZygotes:
    """Starts zygotes through the process at the other end of ``line``, which must be a child of this one."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line

    def start(self, control: socket.socket, socket_path: str, worker_main: str) -> Adopted:
        """As ``media.processes.start_zygote``."""
        wanted = json.dumps([socket_path, worker_main, str(Path.cwd()), dict(os.environ), sys.path]).encode()
        socket.send_fds(self._line, [wanted], [control.fileno(), 1, 2])
        answer = self._line.recv(64)
        assert answer, "the process that forks zygotes has ended"
        return Adopted(int(answer))


class Adopted:
    """A grandchild, which becomes a child of this process: it adopts orphans, as every core does."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._pidfd = os.pidfd_open(pid)
        self._status: int | None = None

    def kill(self) -> None:
        """End it now."""
        if self._status is None:
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def wait(self) -> int:
        """Reap it."""
        give_up = time.monotonic() + 5
        while self._status is None:
            try:
                ended = os.waitid(os.P_PIDFD, self._pidfd, os.WEXITED)
            except ChildProcessError:  # not adopted yet
                assert time.monotonic() < give_up, "this process does not adopt orphans"
                time.sleep(0.001)
                continue
            assert ended is not None
            self._status = ended.si_status
            os.close(self._pidfd)
        return self._status


def from_a_new_process() -> WarmZygotes:
    """For a process that cannot fork itself: pytest's, with its reactor."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        subprocess.Popen(
            [sys.executable, "-m", __name__, str(theirs.fileno())],
            cwd=Path(__file__).parents[2],
            pass_fds=[theirs.fileno()],
            preexec_fn=die_with_parent,
        )
    return WarmZygotes(ours)


def from_a_fork() -> WarmZygotes:
    """For a process without threads or a reactor that has everything imported."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork() == 0:
        ours.close()
        die_with_parent()
        _serve(theirs)
        os._exit(0)
    theirs.close()
    return WarmZygotes(ours)


def import_programs() -> None:
    """Import what workers need, for zygotes that are forked from here."""
    for program in _PROGRAMS:
        __import__(program)


# --- the process that forks them ---------------------------------------------------------------------------


def _serve(line: socket.socket) -> None:
    while True:
        packet, descriptors, _, _ = socket.recv_fds(line, _LONGEST, _DESCRIPTORS)
        if not packet:
            return
        reader, writer = os.pipe()
        middle = os.fork()
        if middle == 0:
            zygote = os.fork()
            if zygote == 0:
                for each in (line.fileno(), reader, writer):
                    os.close(each)
                _be_zygote(descriptors, *json.loads(packet))
            os.write(writer, b"%d" % zygote)
            os._exit(0)
        os.waitpid(middle, 0)
        line.send(os.read(reader, 64))
        for each in (*descriptors, reader, writer):
            os.close(each)


def _be_zygote(
    descriptors: list[int],
    socket_path: str,
    worker_main: str,
    folder: str,
    environment: dict[str, str],
    path: list[str],
) -> None:
    status = 1
    try:
        control, *output = descriptors
        for wanted, given in enumerate([os.open(os.devnull, os.O_RDONLY), *output]):
            os.dup2(given, wanted)
            os.close(given)
        os.setsid()
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        sys.path[:] = path
        from media import zygote

        zygote.run(str(control), socket_path, worker_main)
        status = 0
    except BaseException:  # noqa: BLE001 - the core's log is where a zygote's failures are looked for
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _main(descriptor: str) -> Any:
    import_programs()
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=int(descriptor)) as line:
        _serve(line)


if __name__ == "__main__":
    _main(sys.argv[1])

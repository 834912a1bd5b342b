"""The zygote: a process that has imported all that workers need, and forks them.

It has no threads, and has started neither a reactor nor a SIP library. The core runs it as ``python -m
media.zygote FD SOCKET_PATH WORKER_MAIN``. On the packet socket FD, each packet from the core is a token and
asks for one worker; the answer is ``token pid``. The first packet to the core is ``warm``.

A worker is forked twice and so becomes a child of the *core*, which adopts orphans. So the core watches its
workers itself, and a zygote that dies costs no call. When the core is gone, workers hang up and leave by
themselves; the zygote waits for that, and kills those that do not.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import NoReturn

#: ``main(socket_path, token)``: serves the core until it is told to leave.
WorkerMain = Callable[[str, str], None]

WARM = b"warm"
#: Seconds that workers have to hang up when the core is gone.
FAREWELL_SECONDS = 3.0

#: Workers have priority over other processes: late audio is lost, a late click is not.
NICER = -10

#: A worker imports this when it installs its reactor: half of its start time and memory.
_REACTOR = "twisted.internet.epollreactor"


def load_main(dotted: str) -> WorkerMain:
    """Import ``package.module.function``; RuntimeError if that starts a reactor or a thread."""
    module, _, name = dotted.rpartition(".")
    main: WorkerMain = getattr(import_module(module), name)
    import_module(_REACTOR)
    if "twisted.internet.reactor" in sys.modules:
        raise RuntimeError(f"importing {module} installs a reactor, which does not survive a fork")
    if threading.active_count() > 1:
        raise RuntimeError(f"importing {module} starts a thread, which does not survive a fork")
    return main


def serve(control: socket.socket, socket_path: str, main: WorkerMain) -> None:
    """Fork a worker for each packet until the core is gone; then wait until the workers leave."""
    gc.collect()
    gc.freeze()  # else the collector would write to memory pages that workers share, and so copy them
    control.send(WARM)
    workers: list[int] = []
    while token := _next_token(control):
        pid = _fork_worker(control, socket_path, token.decode(), main)
        workers = [*_still_alive(workers, 0.0), *_watch(pid)]
        with suppress(BrokenPipeError, ConnectionResetError):  # it died meanwhile: the next token says so
            control.send(b"%s %d" % (token, pid))
    for pidfd in _still_alive(workers, FAREWELL_SECONDS):
        signal.pidfd_send_signal(pidfd, signal.SIGKILL)


def _next_token(control: socket.socket) -> bytes:
    """What the core sends next; nothing once it is gone."""
    try:
        return control.recv(4096)
    except ConnectionResetError:
        return b""  # it died before it had read our last answer


def _fork_worker(control: socket.socket, socket_path: str, token: str, main: WorkerMain) -> int:
    """Fork one worker through a process that exits, so that the core adopts it; returns its pid."""
    reader, writer = os.pipe()
    middle = os.fork()
    if middle == 0:
        worker = os.fork()
        if worker == 0:
            control.close()
            os.close(reader)
            os.close(writer)
            run_worker(socket_path, token, main)
        os.write(writer, b"%d" % worker)
        os._exit(0)
    os.waitpid(middle, 0)
    pid = int(os.read(reader, 16))
    os.close(reader)
    os.close(writer)
    return pid


def _watch(pid: int) -> list[int]:
    """A pidfd, which always means this process; none if the process is dead."""
    try:
        return [os.pidfd_open(pid)]
    except ProcessLookupError:
        return []


def _still_alive(pidfds: list[int], seconds: float) -> list[int]:
    """The pidfds of processes that are alive after so many seconds; the others are closed."""
    deadline = time.monotonic() + seconds
    while True:
        ended = select.select(pidfds, [], [], 0)[0]
        for pidfd in ended:
            os.close(pidfd)
        pidfds = [pidfd for pidfd in pidfds if pidfd not in ended]
        left = deadline - time.monotonic()
        if not pidfds or left <= 0:
            return pidfds
        select.select(pidfds, [], [], left)


def run_worker(socket_path: str, token: str, main: WorkerMain) -> NoReturn:
    """Run a worker in this new process, and exit without Python's clean-up."""
    status = 1
    # Root may do this, and users with RLIMIT_NICE; otherwise workers have normal priority.
    with suppress(PermissionError):
        os.nice(NICER)
    try:
        main(socket_path, token)
        status = 0
    except BaseException:  # noqa: BLE001 - nothing is above us but, in a fork, the zygote's loop
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def run(fd: str, socket_path: str, dotted: str) -> None:
    """Be the zygote whose line to the core has this file descriptor."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the core alone decides when a worker leaves
    with socket.socket(fileno=int(fd)) as control:
        serve(control, socket_path, load_main(dotted))


if __name__ == "__main__":
    run(*sys.argv[1:])

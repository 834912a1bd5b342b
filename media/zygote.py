"""The zygote: a warm process without threads, a reactor or a SIP library started, that forks media workers.

The core runs it as ``python -m media.zygote FD CORE_PID SOCKET_PATH WORKER_MAIN``. On the packet socket FD
every packet from the core is a token and asks for one worker; the answer is ``token pid``. The first packet
the other way is ``warm``.

A worker is forked twice and so becomes a child of the *core*, which has made itself the adopter of orphans.
So the core watches its workers itself, the kernel kills them with it, and a zygote that dies costs no call.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from importlib import import_module

from media import protocol
from media.prctl import die_with_parent

#: ``main(socket_path, token)``: serves the core until it is told to leave.
WorkerMain = Callable[[str, str], None]

WARM = b"warm"

#: What a worker imports of Twisted only when its reactor is installed: half of its start, and of its memory.
_REACTOR_PARTS = ("twisted.internet.epollreactor", "twisted.internet.endpoints")


def load_main(dotted: str) -> WorkerMain:
    """Import ``package.module.function``, with all that it needs; refuses one that starts a reactor."""
    module, _, name = dotted.rpartition(".")
    main: WorkerMain = getattr(import_module(module), name)
    for part in _REACTOR_PARTS:
        import_module(part)
    protocol.build_codecs()
    if "twisted.internet.reactor" in sys.modules:
        raise RuntimeError(f"importing {module} installs a reactor, which does not survive a fork")
    if threading.active_count() > 1:
        raise RuntimeError(f"importing {module} starts a thread, which does not survive a fork")
    return main


def serve(control: socket.socket, core_pid: int, socket_path: str, main: WorkerMain) -> None:
    """Fork a worker for each packet until the core is gone."""
    gc.collect()
    gc.freeze()  # the collector would write to, and so copy, pages that the workers share
    control.send(WARM)
    while token := control.recv(4096):
        gate, opener = os.pipe()
        middle = os.fork()
        if middle == 0:
            worker = os.fork()
            if worker == 0:
                control.close()
                os.close(opener)
                _be_worker(gate, core_pid, socket_path, token.decode(), main)
            control.send(b"%s %d" % (token, worker))
            os._exit(0)
        os.waitpid(middle, 0)
        os.close(opener)  # the worker has its new parent now, and may go on
        os.close(gate)


def _be_worker(gate: int, core_pid: int, socket_path: str, token: str, main: WorkerMain) -> None:
    """Run a worker in this fresh process, and leave without the zygote's clean-up."""
    status = 1
    try:
        os.read(gate, 1)
        os.close(gate)
        die_with_parent(core_pid)
        main(socket_path, token)
        status = 0
    except BaseException:  # noqa: BLE001 - nothing is above us but the zygote's loop
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def _run(fd: str, core_pid: str, socket_path: str, dotted: str) -> None:
    die_with_parent(int(core_pid))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the core alone decides when a worker leaves
    with socket.socket(fileno=int(fd)) as control:
        serve(control, int(core_pid), socket_path, load_main(dotted))


if __name__ == "__main__":
    _run(*sys.argv[1:])

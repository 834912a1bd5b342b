"""``ringback serve`` without its start: forked from a process that has everything imported.

A server's imports take four seconds of a core, and the tests start some two hundred servers. What runs in the
fork is ``server.main.serve`` all the same, in a process of its own, with its own log, signals and exit code;
a new database is a copy (tests/plumbing/warm_databases.py). One mother process for each process of pytest;
the demo's tests run the command itself.
"""

from __future__ import annotations

import asyncio
import functools
import gc
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

from tests.children import die_with_parent
from tests.plumbing import warm_databases, warm_programs

_LONGEST = 65_536


class WarmProcess:
    """A server's process, as ``asyncio.subprocess.Process`` shows one."""

    def __init__(self, mother: _Mother, pid: int) -> None:
        self._mother = mother
        self.pid = pid

    @property
    def returncode(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        return self._mother.exits().get(self.pid)

    async def wait(self) -> int:
        """Wait for its end."""
        while (code := self.returncode) is None:  # noqa: ASYNC110 - its end comes by a socket of no loop
            await asyncio.sleep(0.01)
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it as a crash would."""
        self.send_signal(signal.SIGKILL)


def start(config: Path, log: Path) -> WarmProcess:
    """Run ``ringback serve CONFIG`` in the config's folder; what it prints is appended to ``log``."""
    return _mother().fork(config, log)


class _Mother:
    """The warm process, as its parent sees it."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno())],
                cwd=Path(__file__).parents[2],  # wherever its parent runs, as a bench does
                pass_fds=[theirs.fileno()],
                preexec_fn=die_with_parent,
            )
        self._exits: dict[int, int] = {}

    def fork(self, config: Path, log: Path) -> WarmProcess:
        """One more server."""
        self._line.send(json.dumps([str(config), str(log), dict(os.environ)]).encode())
        while True:
            message = self._next()
            if "pid" in message:
                return WarmProcess(self, message["pid"])

    def exits(self) -> dict[int, int]:
        """The exit codes of those that have ended."""
        self._line.setblocking(False)
        try:
            while True:
                self._next()
        except BlockingIOError:
            return self._exits
        finally:
            self._line.setblocking(True)

    def _next(self) -> dict[str, Any]:
        packet = self._line.recv(_LONGEST)
        assert packet, f"the warm process has ended ({self._process.poll()})"
        message: dict[str, Any] = json.loads(packet)
        if "ended" in message:
            self._exits[message["ended"]] = message["code"]
        return message


@functools.cache
def _mother() -> _Mother:
    return _Mother()


# --- the warm process ---------------------------------------------------------------------------------------


def main(descriptor: int) -> None:
    """Fork a server for each packet, and tell of each that ends, until nobody listens."""
    import server.node  # noqa: F401 - everything

    warm_programs.import_programs()
    warm_databases.new()
    assert "twisted.internet.reactor" not in sys.modules, "a reactor does not survive a fork"
    assert threading.active_count() == 1, "a thread does not survive a fork"
    gc.collect()
    gc.freeze()
    line = socket.socket(fileno=descriptor)
    woken, wake = socket.socketpair()
    wake.setblocking(False)
    signal.set_wakeup_fd(wake.fileno())
    signal.signal(signal.SIGCHLD, lambda *_: None)
    with selectors.DefaultSelector() as both:
        both.register(line, selectors.EVENT_READ)
        both.register(woken, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in both.select()}
            if woken in ready:
                woken.recv(4096)
                _tell_of_the_ended(line)
            if line in ready:
                packet = line.recv(_LONGEST)
                if not packet:
                    return
                pid = os.fork()
                if pid == 0:
                    _serve(*json.loads(packet))
                line.send(json.dumps({"pid": pid}).encode())


def _tell_of_the_ended(line: socket.socket) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        line.send(json.dumps({"ended": pid, "code": os.waitstatus_to_exitcode(status)}).encode())


def _serve(config: str, log: str, environment: dict[str, str]) -> None:
    """Be a server, in a fork of our own."""
    code = 1
    try:
        die_with_parent()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.closerange(3, 256)
        out = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.close(out)
        os.chdir(Path(config).parent)
        os.environ.clear()
        os.environ.update(environment)
        from media import processes
        from server.main import serve
        from store import database

        database.upgrade = warm_databases.upgrade  # type: ignore[attr-defined]
        processes.start_zygote = warm_programs.forked_from_here().start_zygote
        code = serve(Path(config))
    except BaseException:  # noqa: BLE001 - the log is where a server's failures are looked for
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main(int(sys.argv[1]))

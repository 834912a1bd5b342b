"""Zygotes, workers and phones without their start: forked from a process that has their programs imported.

Their imports take most of a second of a core, and the tests start some five hundred. What runs in the fork is
the program's own ``main`` all the same: in a process of its own, a child of the core, with the output it is
given. The demo's tests, tests/media/test_service.py and tests/phones start the programs themselves.
"""

from __future__ import annotations

import asyncio
import functools
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from phones.control import LINE_LIMIT
from tests.children import die_with_parent, enter_network

_LONGEST = 65_536
#: Standard input, output and error, the network, and for a zygote its line to the core.
_DESCRIPTORS = 5
#: Stands in the arguments for the number of the descriptor that is passed on.
_PASSED = "FD"
#: What they import.
_PROGRAMS = (
    *("media.zygote", "media.phone_worker", "media.browser_worker", "twisted.internet.epollreactor"),
    "phones.__main__",
)


class Adopted:
    """A grandchild, which becomes a child of this process: it adopts orphans, as every core does."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._pidfd = os.pidfd_open(pid)
        self._status: int | None = None

    @property
    def returncode(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        if self._status is None:
            try:
                ended = os.waitid(os.P_PIDFD, self._pidfd, os.WEXITED | os.WNOHANG)
            except ChildProcessError:  # not adopted yet
                return None
            if ended is not None:
                os.close(self._pidfd)
                self._status = ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
        return self._status

    def kill(self) -> None:
        """End it now."""
        if self.returncode is None:
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def wait(self) -> int:
        """Wait for its end, and reap it."""
        give_up = time.monotonic() + 10
        while (code := self.returncode) is None:
            assert time.monotonic() < give_up, f"{self.pid} does not end, or is not ours"
            time.sleep(0.001)
        return code


class AdoptedWorker(Adopted):
    """The same, as ``asyncio.subprocess.Process`` shows one."""

    def __init__(self, pid: int, stderr: asyncio.StreamReader) -> None:
        super().__init__(pid)
        self.stderr = stderr

    async def wait(self) -> int:  # type: ignore[override]
        """Wait for its end, and reap it."""
        while (code := self.returncode) is None:  # noqa: ASYNC110 - its end comes by no socket of the loop
            await asyncio.sleep(0.01)
        return code


class AdoptedPhone(AdoptedWorker):
    """The same, with what a phone is told and tells."""

    def __init__(self, pid: int, stdin: asyncio.StreamWriter, stdout: asyncio.StreamReader) -> None:
        super().__init__(pid, stdout)
        self.stdin, self.stdout = stdin, stdout

    async def wait(self) -> int:  # type: ignore[override]
        """Wait for its end, and reap it."""
        code = await super().wait()
        self.stdin.close()
        return code


class WarmProcess:
    """Starts programs through the process at the other end of ``line``, which must be a child of this one."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line

    def start(
        self,
        main: str,
        arguments: Sequence[Any],
        output: tuple[int, int] = (1, 2),
        passed: Sequence[int] = (),
        stdin: int | None = None,
    ) -> int:
        """Call ``package.module.main(*arguments)`` in a new process; its pid."""
        from media.prctl import adopt_orphans

        adopt_orphans()
        wanted = json.dumps([main, arguments, str(Path.cwd()), dict(os.environ), sys.path])
        network = os.open("/proc/thread-self/ns/net", os.O_RDONLY)  # a test may be in one of its own
        nothing = os.open(os.devnull, os.O_RDONLY)
        streams = [nothing if stdin is None else stdin, *output]
        socket.send_fds(self._line, [wanted.encode()], [*streams, network, *passed])
        os.close(network)
        os.close(nothing)
        answer = self._line.recv(64)
        assert answer, "the warm process has ended"
        return int(answer)

    def start_zygote(self, control: socket.socket, socket_path: str, worker_main: str) -> Adopted:
        """As ``media.processes.start_zygote``."""
        arguments = [_PASSED, socket_path, worker_main]
        return Adopted(self.start("media.zygote.run", arguments, passed=[control.fileno()]))


def forked_from_here() -> WarmProcess:
    """For a process without threads or a reactor that has everything imported."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork() == 0:
        ours.close()
        die_with_parent()
        _serve(theirs)
        os._exit(0)
    theirs.close()
    return WarmProcess(ours)


@functools.cache
def started() -> WarmProcess:
    """For a process that cannot fork itself: pytest's, with its reactor."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        subprocess.Popen(
            [sys.executable, "-m", __name__, str(theirs.fileno())],
            cwd=Path(__file__).parents[2],
            pass_fds=[theirs.fileno()],
            preexec_fn=die_with_parent,
        )
    return WarmProcess(ours)


async def start_worker(program: str, *arguments: str) -> AdoptedWorker:
    """As ``python -m program``, with its standard error in a pipe."""
    reader, writer = os.pipe()
    stderr = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(stderr), os.fdopen(reader, "rb")
    )
    pid = started().start(f"{program}.main", arguments, (1, writer))
    os.close(writer)
    return AdoptedWorker(pid, stderr)


async def start_phone(options: Sequence[str]) -> AdoptedPhone:
    """As ``phones.control.start_process``; its end comes with that of its standard input."""
    loop = asyncio.get_running_loop()
    (its_input, told), (telling, its_output) = os.pipe(), os.pipe()
    stdout = asyncio.StreamReader(limit=LINE_LIMIT)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stdout), os.fdopen(telling, "rb"))
    pipe, protocol = await loop.connect_write_pipe(
        lambda: asyncio.StreamReaderProtocol(asyncio.StreamReader()), os.fdopen(told, "wb")
    )
    stdin = asyncio.StreamWriter(pipe, protocol, None, loop)
    pid = started().start("phones.__main__.main", [list(options)], (its_output, 2), stdin=its_input)
    os.close(its_input)
    os.close(its_output)
    return AdoptedPhone(pid, stdin, stdout)


def import_programs() -> None:
    """Import what zygotes and workers need."""
    for program in _PROGRAMS:
        import_module(program)


# --- the warm process ---------------------------------------------------------------------------------------


def _serve(line: socket.socket) -> None:
    while True:
        packet, descriptors, _, _ = socket.recv_fds(line, _LONGEST, _DESCRIPTORS)
        if not packet:
            return
        reader, writer = os.pipe()
        middle = os.fork()
        if middle == 0:
            program = os.fork()
            if program == 0:
                for each in (line.fileno(), reader, writer):
                    os.close(each)
                _run(descriptors, *json.loads(packet))
            os.write(writer, b"%d" % program)
            os._exit(0)
        os.waitpid(middle, 0)
        line.send(os.read(reader, 64))
        for each in (*descriptors, reader, writer):
            os.close(each)


def _run(
    descriptors: list[int],
    main: str,
    arguments: list[Any],
    folder: str,
    environment: dict[str, str],
    path: list[str],
) -> None:
    status = 1
    try:
        streams, network, passed = descriptors[:3], descriptors[3], descriptors[4:]
        if os.fstat(network).st_ino != os.stat("/proc/self/ns/net").st_ino:
            enter_network(network)
        os.close(network)
        for wanted, given in enumerate(streams):
            os.dup2(given, wanted)
            os.close(given)
        os.setsid()
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        sys.path[:] = path
        module, _, name = main.rpartition(".")
        getattr(import_module(module), name)(*[str(passed[0]) if a == _PASSED else a for a in arguments])
        status = 0
    except SystemExit as left:
        status = left.code if isinstance(left.code, int) else int(left.code is not None)
    except BaseException:  # noqa: BLE001 - its standard error is where its failures are looked for
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    import_programs()
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=int(sys.argv[1])) as control:
        _serve(control)

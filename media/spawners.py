"""Starts worker processes: forked from a zygote, or each with a Python of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from media.exec_worker import spawn
from media.processes import Zygote

log = structlog.get_logger(__name__)


class Backoff:
    """How long no worker is started, after several in a row never became ready.

    The first few are replaced at once, for the next port may be free. ``on_over()`` follows each pause.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, on_over: Callable[[], None]) -> None:
        self._loop = loop
        self._on_over = on_over
        self._failures = 0
        self._until = 0.0

    @property
    def lasts(self) -> bool:
        """Whether no worker is to be started now."""
        return self._loop.time() < self._until

    def worker_ready(self) -> None:
        """A worker became ready."""
        self._failures = 0

    def worker_failed(self) -> None:
        """A worker never became ready."""
        self._failures += 1
        delay = min(10.0, 0.1 * 2 ** (self._failures - 4)) if self._failures > 4 else 0.0
        self._until = self._loop.time() + delay
        self._loop.call_later(delay, self._on_over)


class ForkSpawner:
    """Forks the workers of one main from a zygote, and starts another zygote when that dies.

    The zygote starts on :meth:`start`, or with the first worker. ``on_changed()`` is called when workers may
    be asked for that could not be had before, ``on_forked(token, pid)`` for each worker, ``on_died()`` when
    the zygote died, with all that it had yet to fork.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        socket_path: str,
        worker_main: str,
        on_changed: Callable[[], None],
        on_forked: Callable[[str, int], None],
        on_died: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._socket_path = socket_path
        self._worker_main = worker_main
        self._on_changed, self._on_forked, self._on_died = on_changed, on_forked, on_died
        self._zygote: Zygote | None = None
        #: Zygotes that failed one after the other.
        self._failures = 0
        self._backoff = Backoff(loop, on_changed)
        self._restarting: asyncio.TimerHandle | None = None

    @property
    def pid(self) -> int | None:
        """The zygote's process id, while there is one."""
        return self._zygote.pid if self._zygote else None

    def start(self) -> None:
        """Start the zygote, unless it was started before."""
        if self._zygote is None and self._restarting is None:
            self._start()

    def fork(self, token: str) -> bool:
        """Ask for one worker; False if none can be had now, and then ``on_forked`` does not follow."""
        if self._backoff.lasts:
            return False
        self.start()
        return self._zygote is not None and self._zygote.fork(token)

    def worker_ready(self) -> None:
        """A worker is in service, so workers can be."""
        self._backoff.worker_ready()

    def worker_failed(self) -> None:
        """A worker never became ready."""
        self._backoff.worker_failed()

    def kill(self) -> None:
        """End a zygote that does not answer; another takes its place."""
        if self._zygote:
            self._zygote.kill()

    def close(self) -> None:
        """End the zygote for good. Its workers are not touched."""
        if self._restarting:
            self._restarting.cancel()
        if self._zygote:
            self._zygote.close()

    def _start(self) -> None:
        self._restarting = None
        self._zygote = Zygote(
            self._loop,
            self._socket_path,
            self._worker_main,
            on_warm=self._warm,
            on_forked=self._on_forked,
            on_died=self._died,
        )

    def _warm(self) -> None:
        self._failures = 0
        log.info("zygote is warm", pid=self.pid, main=self._worker_main)
        self._on_changed()

    def _died(self) -> None:
        """Its workers live on."""
        self._zygote = None
        delay = min(10.0, 0.1 * 2**self._failures)
        self._failures += 1
        log.error("zygote died", restart_in=delay, main=self._worker_main)
        self._restarting = self._loop.call_later(delay, self._restart)
        self._on_died()

    def _restart(self) -> None:
        self._start()
        self._on_changed()


class ExecSpawner:
    """Starts the workers of one main, each as a Python of its own. Its methods are those of ForkSpawner.

    ``on_changed()`` is called when workers may be asked for that could not be had before, and
    ``on_forked(token, pid)`` for each worker.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        socket_path: str,
        worker_main: str,
        on_changed: Callable[[], None],
        on_forked: Callable[[str, int], None],
    ) -> None:
        self._loop = loop
        self._socket_path = socket_path
        self._worker_main = worker_main
        self._on_forked = on_forked
        self._backoff = Backoff(loop, on_changed)

    def start(self) -> None:
        """Nothing has to be ready before the first worker is asked for."""

    def fork(self, token: str) -> bool:
        """Start one worker; False if none can be had now, and then ``on_forked`` does not follow."""
        if self._backoff.lasts:
            return False
        try:
            pid = spawn(self._socket_path, self._worker_main, token)
        except OSError as error:
            log.error("media worker cannot be started", reason=error.strerror)
            self._backoff.worker_failed()
            return False
        self._loop.call_soon(self._on_forked, token, pid)
        return True

    def worker_ready(self) -> None:
        """A worker is in service."""
        self._backoff.worker_ready()

    def worker_failed(self) -> None:
        """A worker never became ready."""
        self._backoff.worker_failed()

    def kill(self) -> None:
        """Nothing stands between the core and its workers."""

    def close(self) -> None:
        """Nothing is left to end; the workers are not touched."""

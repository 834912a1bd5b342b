"""Where workers are born: a zygote of one ``main``, and another in its place when it dies."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from media.launcher import Pause
from media.processes import Zygote

log = structlog.get_logger(__name__)


class Nursery:
    """Forks the workers of one main. The zygote starts when it is told to, or asked for the first of them.

    ``on_changed()`` when workers may be asked for that could not be had before, ``on_forked(token, pid)`` for
    each worker, ``on_died()`` when the zygote died, with all that it had yet to fork.
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
        self._pause = Pause(loop, on_changed)
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
        if self._pause.lasts:
            return False
        self.start()
        return self._zygote is not None and self._zygote.fork(token)

    def worker_ready(self) -> None:
        """A worker is in service, so workers can be."""
        self._pause.worker_ready()

    def worker_failed(self) -> None:
        """A worker never became ready."""
        self._pause.worker_failed()

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

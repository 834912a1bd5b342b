"""Starts workers that have a Python of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from media.exec_worker import spawn

log = structlog.get_logger(__name__)


class Pause:
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


class Launcher:
    """Starts the workers of one main; it has the methods of :class:`media.nursery.Nursery`.

    ``on_changed()`` when workers may be asked for that could not be had before, ``on_forked(token, pid)`` for
    each worker.
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
        self._pause = Pause(loop, on_changed)

    def start(self) -> None:
        """Nothing has to be ready before the first worker is asked for."""

    def fork(self, token: str) -> bool:
        """Start one worker; False if none can be had now, and then ``on_forked`` does not follow."""
        if self._pause.lasts:
            return False
        try:
            pid = spawn(self._socket_path, self._worker_main, token)
        except OSError as error:
            log.error("media worker cannot be started", reason=error.strerror)
            self._pause.worker_failed()
            return False
        self._loop.call_soon(self._on_forked, token, pid)
        return True

    def worker_ready(self) -> None:
        """A worker is in service."""
        self._pause.worker_ready()

    def worker_failed(self) -> None:
        """A worker never became ready."""
        self._pause.worker_failed()

    def kill(self) -> None:
        """Nothing stands between the core and its workers."""

    def close(self) -> None:
        """Nothing is left to end; the workers are not touched."""

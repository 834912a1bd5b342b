"""Puts steps of shared views on disk, in order, and never makes anybody wait for it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import structlog

from views.audience import ViewStep, ViewStore

log = structlog.get_logger(__name__)

#: Steps that wait for the disk at most; beyond it the oldest are lost, and the log says so.
MOST_WAITING = 10_000


class ViewKeeper:
    """``wall`` is the wall clock's time, in seconds since the epoch."""

    def __init__(self, store: ViewStore, wall: Callable[[], float]) -> None:
        self._store = store
        self.wall = wall
        self._waiting: deque[ViewStep] = deque()
        self._writing: asyncio.Task[None] | None = None

    def keep(self, step: ViewStep) -> None:
        """Write it soon."""
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            log.error("view_step_lost", reason="too many wait for the disk")
        self._waiting.append(step)
        if self._writing is None:
            self._writing = asyncio.ensure_future(self._write())

    async def flushed(self) -> None:
        """All that waited is written, or could not be."""
        if self._writing is not None:
            await asyncio.wait({self._writing})

    async def _write(self) -> None:
        try:
            while self._waiting:
                steps = [*self._waiting]
                self._waiting.clear()
                try:
                    await self._store.keep(steps)
                except Exception:
                    log.exception("view_steps_not_kept", steps=len(steps))
        finally:
            self._writing = None

"""Counts calls for the reports, soon after each has ended, and all of them again if an operator asks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import structlog

from bridge.bulletin import Interest, on
from bridge.facts import CallEnded
from store.errors import StoreError
from store.reports import SqlReports

log = structlog.get_logger(__name__)

#: Seconds after an end in which others are counted with it; and between two looks, for what ended otherwise:
#: refused requests, calls that a dead core left over, and what the disk refused to count.
GATHER, LOOK_EVERY = 1.0, 60.0
#: Calls that are counted in one transaction, and the pause after it: calls write in between.
PIECE, PAUSE = 100, 0.02


class CallCounter:
    """A :class:`bridge.bulletin.Subscriber`, between ``start`` and ``stop``."""

    def __init__(self, store: SqlReports) -> None:
        self._store = store
        self._ended = asyncio.Event()
        self._lock = asyncio.Lock()
        self._counting: asyncio.Task[None] | None = None

    def interests(self) -> Iterable[Interest]:
        """The ends of calls."""
        return (on(CallEnded, lambda fact: self._ended.set()),)

    async def start(self) -> None:
        """Begin to count: first what is not counted yet."""
        self._counting = asyncio.create_task(self._keep_counting(), name="call-counts")

    async def stop(self) -> None:
        """Count what has ended by now, and no more."""
        if self._counting is None:
            return
        self._counting.cancel()
        await asyncio.gather(self._counting, return_exceptions=True)
        try:
            await self.count()
        except StoreError as error:
            log.warning("calls_not_counted", error=str(error))

    async def count(self) -> int:
        """Count every ended call that is in no count yet; how many they were. StoreError."""
        async with self._lock:
            return await self._count_all()

    async def rebuild(self) -> int:
        """Count all calls again that are kept; how many they were. StoreError."""
        async with self._lock:
            await self._store.forget()
            counted = await self._count_all()
        log.info("calls_counted_again", calls=counted)
        return counted

    async def _count_all(self) -> int:
        total = 0
        while counted := await self._store.count_some(PIECE):
            total += counted
            await asyncio.sleep(PAUSE)
        return total

    async def _keep_counting(self) -> None:
        while True:
            try:
                await self.count()
            except StoreError as error:  # nothing is lost: they are counted later
                log.warning("calls_not_counted", error=str(error))
            try:
                await asyncio.wait_for(self._ended.wait(), LOOK_EVERY)
            except TimeoutError:
                continue
            self._ended.clear()
            await asyncio.sleep(GATHER)

"""Writes of all leads, in the order in which they were asked for: many in one transaction."""

from __future__ import annotations

import asyncio

import structlog

from leads.records import LeadStore, LeadWrite

log = structlog.get_logger(__name__)

#: As many writes as one transaction has at most.
MOST_AT_ONCE = 500
#: Seconds until a transaction that failed is tried again: longer each time, up to the last.
PAUSES = (0.05, 0.5, 5.0)


class LeadWriter:
    """One transaction is under way at a time; what comes meanwhile is the next one."""

    def __init__(self, store: LeadStore) -> None:
        self._store = store
        self._waiting: list[LeadWrite] = []
        self._writing: asyncio.Task[None] | None = None

    def put(self, *writes: LeadWrite) -> None:
        """Write these after all that was put before."""
        self._waiting += writes
        if self._waiting and self._writing is None:
            self._writing = asyncio.ensure_future(self._write_all())

    async def flushed(self) -> None:
        """Wait until all that was put is on disk."""
        while self._writing is not None:
            await asyncio.wait({self._writing})

    async def stop(self, patience: float = 5.0) -> None:
        """Write what waits; give up what the disk refuses for so many seconds."""
        try:
            await asyncio.wait_for(self.flushed(), patience)
        except TimeoutError:
            log.error("leads_not_written", writes=len(self._waiting))
            if self._writing is not None:
                self._writing.cancel()

    async def _write_all(self) -> None:
        tries = 0
        try:
            while self._waiting:
                batch = self._waiting[:MOST_AT_ONCE]
                try:
                    await self._store.write_leads(batch)
                except Exception as error:  # noqa: BLE001 - whatever a store raises, no lead is lost
                    pause = PAUSES[min(tries, len(PAUSES) - 1)]
                    log.error("leads_not_written_yet", error=type(error).__name__, again_in=pause)
                    tries += 1
                    await asyncio.sleep(pause)
                    continue
                tries = 0
                del self._waiting[: len(batch)]
        finally:
            self._writing = None

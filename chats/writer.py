"""Writes of all chats, in the order in which they were asked for: many in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from chat.records import ChatWrite

log = structlog.get_logger(__name__)

#: Seconds in which writes are gathered for one transaction, where the disk is idle.
GATHER = 0.004
#: As many writes as one transaction has at most.
MOST_AT_ONCE = 500
#: Seconds until a transaction that failed is tried again: longer each time, up to the last.
PAUSES = (0.05, 0.2, 1.0, 5.0)
#: With more writes than this waiting, nothing new is taken from pages.
BACKLOG = 5000


class WriteStore(Protocol):
    """Where chats are kept; may raise any exception, then it is tried again."""

    async def write(self, writes: Sequence[ChatWrite]) -> Sequence[str | None]:
        """Carry all of them out, in one transaction; one result each, None for what can never be written."""


class ChatWriter:
    """One transaction is under way at a time; what comes meanwhile is the next one.

    What is written is told only then: ``done(result)`` is called when the transaction is on disk, in the
    order of the writes.
    """

    def __init__(self, store: WriteStore) -> None:
        self._store = store
        self._waiting: list[tuple[ChatWrite, Callable[[str | None], None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._stopping = False

    def put(self, write: ChatWrite, done: Callable[[str | None], None] = lambda result: None) -> None:
        """Write this after all that was put before."""
        self._waiting.append((write, done))
        if self._writing is None:
            self._writing = asyncio.ensure_future(self._write_all())

    @property
    def backlog(self) -> int:
        """How many writes wait."""
        return len(self._waiting)

    @property
    def overrun(self) -> bool:
        """Whether the disk is so far behind that nothing new should be taken."""
        return len(self._waiting) > BACKLOG

    async def flushed(self) -> None:
        """Wait until all that was put is on disk."""
        while self._writing is not None:
            await asyncio.wait({self._writing})

    async def stop(self, patience: float = 5.0) -> None:
        """Write what waits; give up what the disk refuses for so many seconds."""
        self._stopping = True
        try:
            await asyncio.wait_for(self.flushed(), patience)
        except TimeoutError:
            log.error("chats_not_written", writes=len(self._waiting))
            if self._writing is not None:
                self._writing.cancel()

    async def _write_all(self) -> None:
        try:
            if not self._stopping:
                await asyncio.sleep(GATHER)
            while self._waiting:
                batch = self._waiting[:MOST_AT_ONCE]
                results = await self._written([write for write, _ in batch])
                del self._waiting[: len(batch)]
                for (write, done), result in zip(batch, results, strict=True):
                    try:
                        done(result)
                    except Exception:
                        log.exception("chat_not_told", chat_id=write.chat_id)
        finally:
            self._writing = None

    async def _written(self, writes: Sequence[ChatWrite]) -> Sequence[str | None]:
        tries = 0
        while True:
            try:
                return await self._store.write(writes)
            except Exception as error:  # noqa: BLE001 - whatever a store raises, no entry is lost
                pause = PAUSES[min(tries, len(PAUSES) - 1)]
                log.error("chats_not_written_yet", writes=len(writes), error=str(error), again_in=pause)
                tries += 1
                await asyncio.sleep(pause)

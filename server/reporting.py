"""Counts calls and chats for the reports, soon after each has ended, and all again if an operator asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

import structlog

from bridge.bulletin import Interest, on
from bridge.facts import CallEnded
from chat.facts import ChatOver
from config.models import Config
from server.surroundings import surroundings_of
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

    def __init__(self, store: SqlReports, config: Callable[[], Config]) -> None:
        self._store = store
        self._config = config
        self._ended = asyncio.Event()
        self._lock = asyncio.Lock()
        self._counting: asyncio.Task[None] | None = None
        self._noting: set[asyncio.Task[None]] = set()

    def interests(self) -> Iterable[Interest]:
        """The ends of calls and chats."""
        return (
            on(CallEnded, lambda fact: self._ended.set()),
            on(ChatOver, lambda fact: self._ended.set()),
        )

    async def start(self) -> None:
        """Begin to count: first what is not counted yet."""
        self._counting = asyncio.create_task(self._keep_counting(), name="call-counts")

    async def stop(self) -> None:
        """Count what has ended by now, and no more."""
        if self._counting is None:
            return
        self._counting.cancel()
        await asyncio.gather(self._counting, *self._noting, return_exceptions=True)
        try:
            await self.count()
        except StoreError as error:
            log.warning("calls_not_counted", error=str(error))

    async def count(self) -> int:
        """Count every ended call that is in no count yet; how many they were. StoreError."""
        async with self._lock:
            return await self._count_all()

    def wrapped_up(self, call_id: str, seconds: float) -> None:
        """Note how long an agent wrapped up a call."""
        if seconds > 0 and self._counting is not None and not self._counting.done():
            task = asyncio.create_task(self._note_wrap_up(call_id, seconds), name="wrap-up")
            self._noting.add(task)
            task.add_done_callback(self._noting.discard)

    async def _note_wrap_up(self, call_id: str, seconds: float) -> None:
        try:
            async with self._lock:
                await self._store.wrapped_up(call_id, seconds, surroundings_of(self._config()))
        except StoreError as error:
            log.warning("wrap_up_not_counted", call_id=call_id, error=str(error))

    async def rebuild(self) -> int:
        """Count all calls again that are kept; how many they were. StoreError."""
        async with self._lock:
            await self._store.forget()
            counted = await self._count_all()
        log.info("calls_counted_again", calls=counted)
        return counted

    async def _count_all(self) -> int:
        total = 0
        around = surroundings_of(self._config())
        while counted := await self._store.count_some(PIECE, around):
            total += counted
            await asyncio.sleep(PAUSE)
        chats = PIECE
        while chats:
            chats = await self._store.count_chats(PIECE, around)
            await asyncio.sleep(PAUSE if chats else 0)
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

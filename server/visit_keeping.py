"""Visitors between memory and disk: read when they come back, written in batches of one second at most."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

import structlog

from bridge.protocols import Clock
from store.errors import StoreError
from store.visits import SqlVisits
from visits.book import VisitBook
from visits.engagement import Engagement
from visits.live import LiveVisitor, LiveVisitors
from visits.records import VisitorRow

log = structlog.get_logger(__name__)

#: Seconds between two transactions, and between two tries while the disk says no.
WRITE_EVERY, TRY_EVERY = 0.5, 5.0

_Key = tuple[str, str]


class VisitKeeper:
    """Keeps what the book takes down, between ``start`` and ``stop``."""

    def __init__(self, store: SqlVisits, book: VisitBook, visitors: LiveVisitors, clock: Clock) -> None:
        self._store = store
        self._book = book
        self._visitors = visitors
        self._clock = clock
        self._lock = asyncio.Lock()
        self._writing: asyncio.Task[None] | None = None
        self._wanted: dict[_Key, asyncio.Future[VisitorRow | None]] = {}
        self._reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to write."""
        self._writing = asyncio.create_task(self._keep_writing(), name="visits")

    async def stop(self) -> None:
        """Write what is left."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.wait({self._writing})
        await self.write()

    async def visitor(self, site: str, key: str, *, remembered: bool, fresh: bool = False) -> LiveVisitor:
        """A visitor: of those who are here, of those on disk, or a new one.

        Who is ``fresh`` has an id that is as old as the page. Reading the disk costs more than all the rest.
        A page that lies about it is forgotten, as is one that makes itself another id.
        """
        known = self._visitors.find(site, key)
        if known is None and remembered and not fresh:
            row = await self._read((site, key))
            known = self._visitors.find(site, key)
            if known is None and row is not None:
                known = self._visitors.add(LiveVisitor.of(row))
        if known is not None:
            return known
        now = self._clock.time()
        return self._visitors.add(LiveVisitor(site, key, remembered, first_at=now, last_at=now))

    async def write(self) -> bool:
        """Write what was taken down; whether the disk took it. What it did not take is written later."""
        async with self._lock:
            batch = self._book.take()
            if not batch:
                return True
            try:
                await self._store.write(batch)
            except StoreError as error:
                self._book.put_back(batch)
                log.warning("visits_not_written", error=str(error), counts=len(batch.counts))
                return False
            return True

    async def _keep_writing(self) -> None:
        while True:
            written = await asyncio.shield(self.write())
            await asyncio.sleep(WRITE_EVERY if written else TRY_EVERY)

    async def _read(self, key: _Key) -> VisitorRow | None:
        """All who are wanted while the disk is busy are read at once."""
        wanted = self._wanted.get(key)
        if wanted is None:
            wanted = self._wanted[key] = asyncio.get_running_loop().create_future()
            if self._reading is None:
                self._reading = asyncio.create_task(self._read_wanted(), name="visitors")
        return await wanted

    async def _read_wanted(self) -> None:
        try:
            while self._wanted:
                wanted, self._wanted = self._wanted, {}
                found: Mapping[_Key, VisitorRow] = {}
                try:
                    found = await self._store.load(list(wanted))
                except StoreError as error:
                    # They are strangers until they come back: nobody waits for a disk.
                    log.warning("visitors_not_read", error=str(error))
                for key, future in wanted.items():
                    if not future.done():
                        future.set_result(found.get(key))
        finally:
            self._reading = None


@dataclass(frozen=True, slots=True)
class VisitParts:
    """What follows the visitors of shops' pages."""

    engagement: Engagement
    live: LiveVisitors
    keeper: VisitKeeper
    clock: Clock

    @classmethod
    def over(cls, store: SqlVisits, clock: Clock) -> Self:
        """The parts over a store."""
        book, live = VisitBook(), LiveVisitors()
        return cls(Engagement(book), live, VisitKeeper(store, book, live, clock), clock)

    def placed(self, site: str, visitor: str | None, offer: str | None, call_id: str) -> None:
        """A page placed a call: of this visitor, because of this offer, as far as it told."""
        self.engagement.placed(self.live, site, visitor, offer, call_id, self.clock.time())

    def forget(self, keys: Iterable[tuple[str, str]]) -> None:
        """Forget these visitors, each by site and id: what is on disk is erased."""
        gone = list(keys)
        self.live.forget(gone)
        self.engagement.book.forget(gone)

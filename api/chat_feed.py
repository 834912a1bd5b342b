"""The entries of one chat for one page: in order, none missing, none twice, however often it connects."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from chat.entries import ChatEntry
from store.errors import StoreError

#: As many as a page gets that has none, and whenever it asks for earlier ones.
SOME = 50
#: As many as are read at once, and told in one message.
PIECE = 200


class EntryReader(Protocol):
    """Entries on disk; may raise store.errors.StoreError."""

    async def entries(
        self,
        chat_id: str,
        *,
        after: int = 0,
        before: int | None = None,
        limit: int = 1000,
        newest: bool = False,
        notes: bool = False,
    ) -> Sequence[ChatEntry]:
        """Entries between two numbers, both left out, in order; or the notes."""


class EntryFeed:
    """Until the page follows, nothing is sent; then what it lacks, and what is stored from then on.

    ``put(entries, earlier)`` sends entries, and tells whether there are earlier ones; ``failed()`` is called
    when the disk says no. Notes are sent where ``notes``.
    """

    def __init__(
        self,
        store: EntryReader,
        chat_id: str,
        put: Callable[[Sequence[ChatEntry], bool], None],
        failed: Callable[[], None],
        *,
        notes: bool = False,
    ) -> None:
        self._store = store
        self._chat_id = chat_id
        self._put = put
        self._failed = failed
        self._notes = notes
        #: The last entry and the last note that were sent.
        self._sent = 0
        self._noted = 0
        self._following = False
        #: What was stored while the page was catching up.
        self._held: list[ChatEntry] = []
        self._reading: asyncio.Task[None] | None = None

    def stored(self, entry: ChatEntry) -> None:
        """An entry is on disk."""
        if not self._following:
            if self._reading is not None:
                self._held.append(entry)
        else:
            self._send(entry)

    def follow(self, after: int | None) -> None:
        """Send what comes after this number, or the last ones, and go on from there."""
        self._stop_reading()
        self._following, self._held = False, []
        self._reading = asyncio.ensure_future(self._guarded(lambda: self._catch_up(after)))

    def earlier(self, before: int) -> None:
        """Send those before a number."""
        if self._following:
            self._reading = asyncio.ensure_future(self._guarded(lambda: self._read_earlier(before)))

    def close(self) -> None:
        """The page is gone."""
        self._stop_reading()
        self._following = False

    def _stop_reading(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    async def _guarded(self, read: Callable[[], Awaitable[None]]) -> None:
        try:
            await read()
        except StoreError:
            self._failed()

    async def _catch_up(self, after: int | None) -> None:
        if after is None:
            found = await self._store.entries(self._chat_id, limit=SOME, newest=True)
            self._sent = found[-1].seq if found else 0
            self._put(found, bool(found) and found[0].seq > 1)
        else:
            self._sent = after
            while found := await self._store.entries(self._chat_id, after=self._sent, limit=PIECE):
                self._sent = found[-1].seq
                self._put(found, False)
        if self._notes:
            notes = await self._store.entries(self._chat_id, limit=PIECE, notes=True)
            self._noted = notes[-1].seq if notes else 0
            if notes:
                self._put(notes, False)
        self._following = True
        held, self._held = self._held, []
        for entry in held:
            self._send(entry)

    async def _read_earlier(self, before: int) -> None:
        found = await self._store.entries(self._chat_id, before=before, limit=SOME, newest=True)
        self._put(found, bool(found) and found[0].seq > 1)

    def _send(self, entry: ChatEntry) -> None:
        if entry.seq < 0:
            if self._notes and entry.seq < self._noted:
                self._noted = entry.seq
                self._put([entry], False)
        elif entry.seq > self._sent:
            self._sent = entry.seq
            self._put([entry], False)

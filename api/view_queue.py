"""What a socket of a shared view is to send: messages in order, and pictures that give way to newer ones.

A page that is slow gets a new snapshot once it has taken what was sent, and never an endless queue.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from api.page_queue import ClosedError, TooSlowError
from api.subprotocol.base import FromServer

#: Messages that may wait for a slow page beside pictures; bytes and events that may, after a snapshot.
MOST_MESSAGES, MOST_BYTES, MOST_EVENTS = 256, 1024 * 1024, 2000
#: Bytes of events that are sent as one message, if so many wait.
_TOGETHER = 256 * 1024


@dataclass(slots=True)
class _Picture:
    page: int
    events: list[bytes]
    size: int


class ViewQueue:
    """One socket's queue. ``again()`` is called when pictures were lost and the page has taken the rest."""

    def __init__(self, again: Callable[[], None] | None = None) -> None:
        self._items: deque[FromServer | _Picture] = deque()
        self._again = again
        self._awake = asyncio.Event()
        self._close: int | None = None
        self._overrun = False
        #: Of the pictures that wait.
        self._bytes, self._events = 0, 0
        #: Whether pictures were lost; whether another snapshot was asked for since.
        self.lagging, self._asked = False, False

    def put(self, item: FromServer) -> None:
        """Add a message; where too many wait the page is given up."""
        if len(self._items) >= MOST_MESSAGES:
            self._overrun = True
            self._clear()
        elif not self._overrun:
            self._items.append(item)
        self._awake.set()

    def picture(self, page: int, events: Sequence[bytes], whole: bool) -> None:
        """Add events. A snapshot takes the place of all that waits; what is too much after it is dropped."""
        size = 0 if whole else sum(map(len, events))
        if whole:
            self._drop_pictures()
            self.lagging = self._asked = False
        elif self.lagging:
            return
        elif self._bytes + size > MOST_BYTES or self._events + len(events) > MOST_EVENTS:
            self._drop_pictures()
            self.lagging = True
            return
        last = self._items[-1] if self._items else None
        if isinstance(last, _Picture) and last.page == page and last.size + size <= _TOGETHER:
            last.events.extend(events)
            last.size += size
        else:
            self._items.append(_Picture(page, [*events], size))
        self._bytes += size
        self._events += len(events)
        self._awake.set()

    def close(self, code: int) -> None:
        """Send what waits, and then no more."""
        self._close = code
        self._awake.set()

    async def next(self) -> str:
        """The text that is next; :class:`TooSlowError` or ClosedError where there is no more."""
        while not self._items:
            if self._overrun:
                raise TooSlowError
            if self._close is not None:
                raise ClosedError(self._close)
            if self.lagging and not self._asked and self._again is not None:
                self._asked = True
                self._again()
                continue  # it may have put something here already
            self._awake.clear()
            await self._awake.wait()
        item = self._items.popleft()
        if isinstance(item, FromServer):
            return item.model_dump_json()
        self._bytes -= item.size
        self._events -= len(item.events)
        head = b'{"type":"events","page":%d,"events":[' % item.page
        return (head + b",".join(item.events) + b"]}").decode()

    def _drop_pictures(self) -> None:
        kept = [item for item in self._items if isinstance(item, FromServer)]
        self._clear()
        self._items.extend(kept)

    def _clear(self) -> None:
        self._items.clear()
        self._bytes = self._events = 0

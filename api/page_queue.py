"""What one WebSocket is still to send: a short queue that nobody who fills it waits for."""

from __future__ import annotations

import asyncio
from collections import deque

from api.subprotocol.base import FromServer
from bridge.progress import CallProgress

#: What may wait for a slow page before it is dropped; a whole call rarely has more lines.
QUEUE_LENGTH = 64

#: Pages of one call or agent at once: tabs, and reconnects whose old socket is not yet dead.
MOST_LISTENERS = 8


class TooManyListenersError(Exception):
    """The call or the agent has as many pages as it may have."""


class TooSlowError(Exception):
    """The page took what it was sent too slowly, and has lost some."""


class ClosedError(Exception):
    """Nothing more will be sent; ``code`` is the close code (RFC 6455 section 7.4)."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class PageQueue:
    """One page's queue: lines of a call's progress, and messages."""

    def __init__(self) -> None:
        self._items: deque[CallProgress | FromServer] = deque()
        self._awake = asyncio.Event()
        self._overrun = False
        self._close: int | None = None

    def put(self, item: CallProgress | FromServer) -> None:
        """Add something; a full queue is given up as a whole, and nothing waits."""
        if len(self._items) >= QUEUE_LENGTH:
            self._overrun = True
            self._items.clear()
        elif not self._overrun:
            self._items.append(item)
        self._awake.set()

    def close(self, code: int) -> None:
        """Send what is in the queue, and then no more."""
        self._close = code
        self._awake.set()

    async def next(self) -> CallProgress | FromServer:
        """What is next, waiting for it; :class:`TooSlowError` once something was lost, or ClosedError."""
        while not self._items:
            if self._overrun:
                raise TooSlowError
            if self._close is not None:
                raise ClosedError(self._close)
            self._awake.clear()
            await self._awake.wait()
        return self._items.popleft()

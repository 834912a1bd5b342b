"""The calls' stories as they happen, for whoever listens: each listener has a short queue of its own."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from bridge.cdr import CallRecord
from bridge.progress import CallProgress

#: Lines that may wait for a slow listener before it is dropped; a whole call rarely has more.
QUEUE_LENGTH = 64
#: Listeners of one call at once: tabs of the shopper, and reconnects whose old socket is not yet dead.
LISTENERS_PER_CALL = 8


class TooManyListenersError(Exception):
    """The call has as many listeners as it may have."""


class TooSlowError(Exception):
    """The listener took its lines too slowly, and has lost some."""


class Listener:
    """One listener's queue of lines."""

    def __init__(self) -> None:
        self._lines: deque[CallProgress] = deque()
        self._awake = asyncio.Event()
        self._overrun = False

    def put(self, line: CallProgress) -> None:
        """Add a line; a full queue is given up as a whole, and nothing waits."""
        if len(self._lines) >= QUEUE_LENGTH:
            self._overrun = True
            self._lines.clear()
        elif not self._overrun:
            self._lines.append(line)
        self._awake.set()

    async def next(self) -> CallProgress:
        """The next line, waiting for it; :class:`TooSlowError` once lines were lost."""
        while not self._lines:
            if self._overrun:
                raise TooSlowError
            self._awake.clear()
            await self._awake.wait()
        return self._lines.popleft()


class LiveCalls:
    """A :class:`bridge.protocols.Watcher` that passes each line on to the listeners of its call."""

    def __init__(self) -> None:
        self._listeners: dict[str, list[Listener]] = {}

    @contextmanager
    def listen(self, call_id: str) -> Iterator[Listener]:
        """Listen to a call from now on; :class:`TooManyListenersError` where others do already."""
        listeners = self._listeners.setdefault(call_id, [])
        if len(listeners) >= LISTENERS_PER_CALL:
            raise TooManyListenersError
        listener = Listener()
        listeners.append(listener)
        try:
            yield listener
        finally:
            listeners.remove(listener)
            if not listeners:
                del self._listeners[call_id]

    @property
    def listeners(self) -> int:
        """How many listen, to all calls together."""
        return sum(len(each) for each in self._listeners.values())

    def progressed(self, progress: CallProgress) -> None:
        """Pass a line on."""
        for listener in self._listeners.get(progress.call_id, ()):
            listener.put(progress)

    def recorded(self, record: CallRecord) -> None:
        """A written CDR is no line of the story: that the call ended was told before."""

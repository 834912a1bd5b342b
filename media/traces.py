"""Who looks at SIP messages now, and what the workers are to tell for it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

from bridge.tracing import Sighting, TraceWish

#: Traces at once, and messages that wait for one whose reader is slow.
MOST_TRACES, MOST_WAITING = 8, 1000


class TooManyTracesError(Exception):
    """As many operators look as may."""


class Trace:
    """What one operator sees, from :meth:`Traces.begin` to :meth:`Traces.end`."""

    def __init__(self, wish: TraceWish, may_see: Callable[[Sighting], bool]) -> None:
        self.wish = wish
        self._may_see = may_see
        #: Messages that were lost because they were not taken in time.
        self.lost = 0
        self._waiting: deque[Sighting] = deque()
        self._came = asyncio.Event()

    def take(self, sighting: Sighting) -> None:
        """Keep a message that is wanted until it is read."""
        if not self.wish.wants(sighting.leg_id, sighting.trunk) or not self._may_see(sighting):
            return
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            self.lost += 1
        self._waiting.append(sighting)
        self._came.set()

    async def messages(self, seconds: float) -> AsyncIterator[Sighting | None]:
        """The messages of so many seconds as they come; None each few seconds in which none came."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while (left := until - loop.time()) > 0:
            while self._waiting:
                yield self._waiting.popleft()
            self._came.clear()
            try:
                await asyncio.wait_for(self._came.wait(), min(left, 5.0))
            except TimeoutError:
                yield None


class Traces:
    """``changed(wish)`` is called when the workers are to tell something else than before."""

    def __init__(self, changed: Callable[[TraceWish], None]) -> None:
        self._changed = changed
        self._traces: list[Trace] = []
        self.wish = TraceWish()

    def begin(self, wish: TraceWish, may_see: Callable[[Sighting], bool] = lambda sighting: True) -> Trace:
        """Begin to look; :class:`TooManyTracesError` where too many do.

        What is wanted but must not be seen is as if it had not passed: it wakes nobody and takes no room.
        """
        if len(self._traces) >= MOST_TRACES:
            raise TooManyTracesError
        trace = Trace(wish, may_see)
        self._traces.append(trace)
        self._tell()
        return trace

    def end(self, trace: Trace) -> None:
        """Look no more."""
        self._traces.remove(trace)
        self._tell()

    def sighted(self, sighting: Sighting) -> None:
        """Give a message to whoever wants it."""
        for trace in self._traces:
            trace.take(sighting)

    def _tell(self) -> None:
        wish = TraceWish()
        for trace in self._traces:
            wish |= trace.wish
        if wish != self.wish:
            self.wish = wish
            self._changed(wish)

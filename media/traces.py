"""Live traces of SIP messages: who watches, and what the workers should report for it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

from bridge.tracing import Sighting, TraceWish

#: SipTraces at once, and messages that wait for a slow reader.
MOST_TRACES, MOST_WAITING = 8, 1000


class TooManyTracesError(Exception):
    """The limit of traces at once is reached."""


class SipTrace:
    """What one operator watches, from :meth:`SipTraces.begin` to :meth:`SipTraces.end`."""

    def __init__(self, wish: TraceWish, may_see: Callable[[Sighting], bool]) -> None:
        self.wish = wish
        self._may_see = may_see
        #: Messages that were dropped because the reader was too slow.
        self.lost = 0
        self._waiting: deque[Sighting] = deque()
        self._came = asyncio.Event()

    def take(self, sighting: Sighting) -> None:
        """Keep a message until it is read, if this trace wants it."""
        if not self.wish.wants(sighting.leg_id, sighting.trunk) or not self._may_see(sighting):
            return
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            self.lost += 1
        self._waiting.append(sighting)
        self._came.set()

    async def messages(self, seconds: float) -> AsyncIterator[Sighting | None]:
        """Yield messages as they come, for so many seconds; None after a few seconds without any."""
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


class SipTraces:
    """All traces. ``changed(wish)`` is called when the workers should report other messages than before."""

    def __init__(self, changed: Callable[[TraceWish], None]) -> None:
        self._changed = changed
        self._traces: list[SipTrace] = []
        self.wish = TraceWish()

    def begin(self, wish: TraceWish, may_see: Callable[[Sighting], bool] = lambda sighting: True) -> SipTrace:
        """Begin a trace; :class:`TooManyTracesError` at the limit.

        Messages that ``may_see`` refuses are ignored: they wake no reader and take no space.
        """
        if len(self._traces) >= MOST_TRACES:
            raise TooManyTracesError
        trace = SipTrace(wish, may_see)
        self._traces.append(trace)
        self._tell()
        return trace

    def end(self, trace: SipTrace) -> None:
        """End a trace."""
        self._traces.remove(trace)
        self._tell()

    def sighted(self, sighting: Sighting) -> None:
        """Give a message to the traces that want it."""
        for trace in self._traces:
            trace.take(sighting)

    def _tell(self) -> None:
        wish = TraceWish()
        for trace in self._traces:
            wish |= trace.wish
        if wish != self.wish:
            self.wish = wish
            self._changed(wish)

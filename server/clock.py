"""The one clock of the core process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


class LoopClock:
    """:class:`bridge.protocols.Clock` on an event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def time(self) -> float:
        """Seconds since the epoch, UTC."""
        return time.time()

    def call_later(self, seconds: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
        """Call back in so many seconds of the loop's own, monotonic time."""
        return self._loop.call_later(seconds, callback)

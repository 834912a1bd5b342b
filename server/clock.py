"""The two clocks of the core process: the wall clock, and one that is never set."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

#: By how much a :class:`SteadyClock` goes faster or slower to find the time again, as adjtime(3) does.
SLEW = 0.005


class LoopClock:
    """:class:`bridge.protocols.Clock` on an event loop: the wall clock, which somebody may set."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def time(self) -> float:
        """Seconds since the epoch, UTC."""
        return time.time()

    def call_later(self, seconds: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
        """Call back in so many seconds of the loop's own, monotonic time."""
        return self._loop.call_later(seconds, callback)


class SteadyClock:
    """:class:`bridge.protocols.Clock` for durations: it never jumps, even if somebody sets the wall clock.

    It tells seconds since the epoch as well, and is right as long as nobody sets the other; after that it
    goes toward it by half a percent, so that a duration is never wrong by more. ``wall`` and ``monotonic``
    give seconds.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._loop = loop
        self._wall = wall
        self._monotonic = monotonic
        self._looked_at = monotonic()
        self._time = wall()

    def time(self) -> float:
        """Seconds since the epoch, UTC, if nobody has set the wall clock lately."""
        now = self._monotonic()
        elapsed, self._looked_at = now - self._looked_at, now
        astray = self._wall() - (self._time + elapsed)
        self._time += elapsed + max(-SLEW * elapsed, min(SLEW * elapsed, astray))
        return self._time

    def call_later(self, seconds: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
        """Call back in so many seconds of the loop's own, monotonic time."""
        return self._loop.call_later(seconds, callback)

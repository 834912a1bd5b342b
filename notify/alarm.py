"""Waiting for a time or a word, whichever comes first."""

from __future__ import annotations

import asyncio

from bridge.protocols import Clock


class Alarm:
    """One task waits; anybody rings. A ring while nobody waits ends the next wait at once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """End the wait."""
        self._rung.set()

    async def wait(self, seconds: float) -> None:
        """Return after so many seconds, or when it rings."""
        timer = self._clock.call_later(seconds, self._rung.set)
        try:
            await self._rung.wait()
        finally:
            timer.cancel()
        self._rung.clear()

"""A clock that a test turns."""

from __future__ import annotations

import heapq
from collections.abc import Callable


class Delayed:
    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback = callback
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class FakeClock:
    """:class:`bridge.protocols.Clock` whose time stands still until :meth:`advance`."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now
        self._due: list[tuple[float, int, Delayed]] = []
        self._count = 0

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Delayed:
        delayed = Delayed(callback)
        self._count += 1
        heapq.heappush(self._due, (self.now + max(0.0, seconds), self._count, delayed))
        return delayed

    @property
    def due(self) -> list[float]:
        """When something is to happen."""
        return sorted(at for at, _, delayed in self._due if not delayed.cancelled)

    def advance(self, seconds: float = 0.0, most: int = 10_000) -> None:
        """Let time pass, and happen what is due, in order; more than ``most`` at once is a hot loop."""
        until = self.now + seconds
        while self._due and self._due[0][0] <= until:
            at, _, delayed = heapq.heappop(self._due)
            self.now = max(self.now, at)
            if not delayed.cancelled:
                most -= 1
                assert most, "a hot loop"
                delayed.callback()
        self.now = until

"""Who has the list of leads open: they need no mail about what they see."""

from __future__ import annotations

from bridge.protocols import Clock

#: Seconds for which a page counts as open after it asked for the list; an open one asks every minute.
OPEN_FOR = 90.0


class LeadWatchers:
    """Readers, ``agent:NAME``, and when their page last asked."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._asked_at: dict[str, float] = {}

    def asked(self, reader: str) -> None:
        """A page of theirs shows the list."""
        self._asked_at[reader] = self._clock.time()

    def watches(self, reader: str) -> bool:
        """Whether a page of theirs shows the list now."""
        at = self._asked_at.get(reader)
        return at is not None and 0 <= self._clock.time() - at < OPEN_FOR

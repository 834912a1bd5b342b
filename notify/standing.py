"""Which receivers of webhooks are left alone: for a while, or until somebody does something. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from notify.tries import LONGEST_PAUSE, TryDone, TryFailed, TryResult

#: A receiver by its URL and secret: with another one in the settings it is another receiver.
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ReceiverStanding:
    """A receiver that gets nothing now. Times are seconds since the epoch."""

    target: str
    #: It asked to be left alone for a while (429, or 503 with Retry-After), or said 410 Gone.
    state: Literal["held", "disabled"]
    since: float
    #: When it is tried again; None for one that is disabled.
    until: float | None
    #: What it said.
    error: str


class Receivers:
    """What receivers of webhooks have said; kept in memory, so that a restart tries each once more."""

    def __init__(self) -> None:
        self._closed: dict[Key, ReceiverStanding] = {}

    def standing(self, key: Key, now: float) -> ReceiverStanding | None:
        """Why this receiver gets nothing now; None where it does."""
        standing = self._closed.get(key)
        if standing is not None and standing.until is not None and standing.until <= now:
            del self._closed[key]
            return None
        return standing

    def learn(self, key: Key, result: TryResult, now: float) -> None:
        """Take what came of a try."""
        before = self.standing(key, now)
        match result:
            case TryDone():
                # Another try may have been under way when the receiver asked for a pause.
                if before is not None and before.state == "disabled":
                    del self._closed[key]
            case TryFailed(final=True):
                self._closed[key] = ReceiverStanding(key[0], "disabled", now, None, result.error)
            case TryFailed(retry_after=asked) if asked > 0 and (before is None or before.until is not None):
                until = now + min(asked, LONGEST_PAUSE)
                if before is not None and before.until is not None:
                    until = max(until, before.until)
                self._closed[key] = ReceiverStanding(key[0], "held", now, until, result.error)

    def resume(self, target: str) -> bool:
        """Let the receivers at this URL have everything again; whether any had nothing."""
        found = [key for key in self._closed if key[0] == target]
        for key in found:
            del self._closed[key]
        return bool(found)

    def keep(self, known: Iterable[Key]) -> None:
        """Forget receivers that the settings name no more."""
        self._closed = {key: self._closed[key] for key in set(known) & self._closed.keys()}

    def closed(self, now: float) -> list[ReceiverStanding]:
        """Those that get nothing now, the latest first."""
        found = [self.standing(key, now) for key in list(self._closed)]
        return sorted((each for each in found if each), key=lambda each: each.since, reverse=True)

"""Keeps a browser's messages until a worker can take them, up to a limit."""

from __future__ import annotations

from webrtc.signalling import LONGEST_MESSAGE

#: Messages and characters kept for one leg, enough for an offer and its candidates.
MOST_KEPT = 100
MOST_KEPT_CHARACTERS = 2 * LONGEST_MESSAGE


class KeptSignals:
    """The messages of one leg, in order."""

    def __init__(self) -> None:
        self._messages: list[str] = []

    def add(self, message: str) -> bool:
        """Keep a message; False if there are too many."""
        characters = sum(map(len, self._messages)) + len(message)
        if len(self._messages) >= MOST_KEPT or characters > MOST_KEPT_CHARACTERS:
            return False
        self._messages.append(message)
        return True

    def take(self) -> list[str]:
        """Return and remove all messages."""
        taken, self._messages = self._messages, []
        return taken

"""What a browser says of its leg before a worker can take it, up to a bound."""

from __future__ import annotations

from webrtc.signalling import LONGEST_MESSAGE

#: Messages and characters that are kept for one leg: an offer, and its candidates.
MOST_KEPT = 100
MOST_KEPT_CHARACTERS = 2 * LONGEST_MESSAGE


class KeptSignals:
    """The messages of one leg, in order."""

    def __init__(self) -> None:
        self._messages: list[str] = []

    def add(self, message: str) -> bool:
        """Keep a message; False where there are too many."""
        characters = sum(map(len, self._messages)) + len(message)
        if len(self._messages) >= MOST_KEPT or characters > MOST_KEPT_CHARACTERS:
            return False
        self._messages.append(message)
        return True

    def take(self) -> list[str]:
        """All of them; none is kept any more."""
        taken, self._messages = self._messages, []
        return taken

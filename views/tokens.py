"""Tokens that open the document of a view: each once, soon, for one agent. Pure but for their memory."""

from __future__ import annotations

import secrets
from hashlib import sha256

#: Seconds in which a token must be used, and the most that are open for a view.
TOKEN_LIFETIME, MOST_TOKENS = 60.0, 16


class ViewTokens:
    """Those of one view, by their digests."""

    def __init__(self) -> None:
        self._tokens: dict[bytes, tuple[str, float]] = {}

    def make(self, agent: str, now: float) -> str:
        """A new one; of too many the oldest opens nothing any more."""
        self._tokens = {digest: known for digest, known in self._tokens.items() if known[1] > now}
        while len(self._tokens) >= MOST_TOKENS:
            del self._tokens[next(iter(self._tokens))]
        token = secrets.token_urlsafe(32)
        self._tokens[view_digest(token)] = agent, now + TOKEN_LIFETIME
        return token

    def take(self, token: str, now: float) -> str | None:
        """Whose it is, once; None for one that is wrong, used or too old."""
        agent, until = self._tokens.pop(view_digest(token), ("", 0.0))
        return agent if until > now else None


def view_digest(secret: str) -> bytes:
    """What is kept of a secret that a stranger may have written: it may hold half a character."""
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()

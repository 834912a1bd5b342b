"""What is kept of a secret: enough to know it again, and no way back."""

from __future__ import annotations

import hashlib


def digest_of(secret: str) -> bytes:
    """SHA-256 of a secret that a stranger wrote: it may hold half a character."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()

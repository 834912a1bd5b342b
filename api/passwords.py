"""Passwords of those who log in: argon2id (RFC 9106), off the event loop and not too many at once."""

from __future__ import annotations

import asyncio

import structlog
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

log = structlog.get_logger(__name__)

#: Characters of a password, at least.
SHORTEST = 10
#: Passwords that are tried at the same time: each takes 64 MiB and some 50 ms of a core.
AT_ONCE = 2
#: Nobody's: what is tried for a name that does not exist, so that it takes as long.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$NRtmQtssEO2Gc/iW8FW7xQ$AJb5KUhqc1AAkwJnYOMSggWd3RJcySdeXZYPDLITwag"


def hash_password(password: str) -> str:
    """What the settings keep in the place of a password; takes some 50 ms."""
    return PasswordHasher().hash(password)


class Passwords:
    """Tries passwords."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def right(self, password: str, password_hash: str | None) -> bool:
        """Whether this is the password of this hash; never for None, though that takes as long."""
        async with self._turn:
            found = await asyncio.to_thread(_right, password, password_hash or _NOBODY)
        return found and password_hash is not None


def _right(password: str, password_hash: str) -> bool:
    try:
        return PasswordHasher().verify(password_hash, password)
    except InvalidHashError:
        log.error("password_hash_unusable")
        return False
    except VerificationError:
        return False

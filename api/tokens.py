"""The token of each call: its holder may watch the call and end it."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from api.digests import digest_of
from bridge.bulletin import Interest, on
from bridge.facts import CallEnded
from bridge.protocols import Clock

LIFETIME = 24 * 3600.0
#: Seconds that a token opens its call after the end, at most.
AFTERLIFE = 3600.0


@dataclass(frozen=True, slots=True)
class CallToken:
    """A token as its owner gets it; ``expires_at`` in seconds since the epoch."""

    secret: str
    expires_at: float


@dataclass(slots=True)
class _Grant:
    digest: bytes
    origin: str
    expires_at: float


class CallTokens:
    """Grants and checks tokens; a :class:`bridge.bulletin.Subscriber`, to see calls end.

    Only digests are kept, in memory: a restart of the server ends its calls and forgets their tokens. With a
    call that outlives the server goes what :meth:`keepsake` tells of its token.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        # Two dicts, since each then stands in the order of expiry, and the expired are at the front.
        self._live: dict[str, _Grant] = {}
        self._ended: dict[str, _Grant] = {}

    def grant(self, call_id: str, origin: str) -> CallToken:
        """A new token of 256 random bits for a call asked for by a page of this origin."""
        self._forget_expired()
        secret = secrets.token_urlsafe(32)
        grant = _Grant(digest_of(secret), origin, self._clock.time() + LIFETIME)
        if ended := self._ended.get(call_id):  # over before its token was made
            ended.digest, ended.origin = grant.digest, origin
            return CallToken(secret, ended.expires_at)
        self._live[call_id] = grant
        return CallToken(secret, grant.expires_at)

    def opens(self, call_id: str, secret: str, origin: str | None) -> bool:
        """Whether this token opens this call to a page of this origin; None stands for no page at all."""
        grant = self._live.get(call_id) or self._ended.get(call_id)
        if grant is None or grant.expires_at <= self._clock.time():
            return False
        right = hmac.compare_digest(grant.digest, digest_of(secret))
        return right and origin in (None, grant.origin)

    def keepsake(self, call_id: str) -> bytes:
        """What another core needs to know of a live call's token; empty where it has none."""
        grant = self._live.get(call_id)
        if grant is None:
            return b""
        return json.dumps([grant.digest.hex(), grant.origin, grant.expires_at]).encode()

    def restore(self, call_id: str, keepsake: bytes) -> None:
        """Take over the token of a call of another core, from its :meth:`keepsake`."""
        if keepsake:
            digest, origin, expires_at = json.loads(keepsake)
            self._live[call_id] = _Grant(bytes.fromhex(digest), origin, expires_at)

    def interests(self) -> Iterable[Interest]:
        """The end of a call."""
        return (on(CallEnded, self._call_ended),)

    def _call_ended(self, fact: CallEnded) -> None:
        """The token of a call that is over lives an hour more at most."""
        self._forget_expired()
        grant = self._live.pop(fact.call_id, None) or _Grant(b"", "", float("inf"))
        grant.expires_at = min(grant.expires_at, self._clock.time() + AFTERLIFE)
        self._ended[fact.call_id] = grant

    def __len__(self) -> int:
        return len(self._live) + len(self._ended)

    def _forget_expired(self) -> None:
        now = self._clock.time()
        for grants in (self._live, self._ended):
            while grants and next(iter(grants.values())).expires_at <= now:
                del grants[next(iter(grants))]

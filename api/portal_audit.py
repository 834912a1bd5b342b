"""The portal's audit trail: who changed and who looked at what, in the log and in the database."""

from __future__ import annotations

from typing import Any, Protocol

from starlette.requests import Request

from api.addresses import sender_of
from api.audit import AuditTrail
from api.portal_door import PortalUser
from bridge.protocols import Clock
from store.portal import AuditEntry


class AuditStore(Protocol):
    """Where entries are kept."""

    async def note(self, entry: AuditEntry) -> None:
        """Keep an entry; it is on disk when this returns. StoreError if not."""


class PortalAudit:
    """Notes what operators do, and what of shoppers and agents they look at."""

    def __init__(self, store: AuditStore, trail: AuditTrail, clock: Clock) -> None:
        self._store = store
        self._trail = trail
        self._clock = clock

    async def note(self, request: Request, user: PortalUser, what: str, **about: Any) -> None:
        """Note something in the past tense, such as ``call_opened``, with the ids that it is about.

        Await it before personal data is shown: what could not be noted is not shown (StoreError). ``about``
        holds no phone number, no text of a person, and no secret.
        """
        self._trail.write(request, what, operator=user.name, **about)
        address = sender_of(request, self._trail.config().server.trusted_proxies)
        await self._store.note(AuditEntry(self._clock.time(), user.name, address, what, about))

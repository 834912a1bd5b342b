"""Is it alive, should calls be sent here, and why not: for load balancers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.responses import Response

from api.access import Access, AdminKey
from api.operator.models import (
    Alive,
    AsteriskHealth,
    ConfigHealth,
    PartHealth,
    PoolHealth,
    Readiness,
    StoreHealth,
)
from api.operator.state import ConfigState, PoolRoom
from api.operator.trunks import TrunkBoard
from api.routes import UrlRow
from cti.ami.link import LinkState
from media.probes import Usable
from store.errors import StoreError

#: Seconds that the database may take to answer.
STORE_TIMEOUT = 2.0


class HealthEndpoints:
    """Tells how the server fares; it wants no key and names no call.

    ``check_store()`` writes, leaves nothing behind, and raises store.errors.StoreError where it cannot write.
    ``usable()`` tells whether messages can be recorded and texts be spoken. ``draining()`` tells whether the
    server is about to stop.
    """

    def __init__(
        self,
        *,
        access: Access,
        pool: Callable[[], PoolRoom],
        config_state: Callable[[], ConfigState],
        trunks: TrunkBoard,
        asterisks: Callable[[], Mapping[str, LinkState]],
        check_store: Callable[[], Awaitable[None]],
        usable: Callable[[], Usable],
        draining: Callable[[], bool],
    ) -> None:
        self._access = access
        self._pool = pool
        self._config_state = config_state
        self._trunks = trunks
        self._asterisks = asterisks
        self._check_store = check_store
        self._usable = usable
        self._draining = draining

    def routes(self) -> tuple[UrlRow, ...]:
        """The addresses that load balancers ask."""
        not_ready: dict[int | str, Any] = {
            503: {"model": Readiness, "description": "Not ready; the same account of it."}
        }
        return (
            UrlRow("GET", "/healthz", self.alive, "alive"),
            UrlRow("GET", "/readyz", self.ready, "ready", answers=not_ready),
        )

    async def alive(self) -> Alive:
        """The process answers."""
        return Alive()

    async def ready(self, response: Response, credentials: AdminKey) -> Readiness:
        """Whether new calls should be sent here: 200 or 503. With the admin key it tells why."""
        pool, config = self._pool(), self._config_state()
        writable = await self._store_writable() and not self._usable().database
        draining, usable = self._draining(), self._usable()
        readiness = Readiness(
            ready=pool.has_room and writable and not draining and self._trunks.can_dial_shoppers(),
            draining=draining,
            pool=PoolHealth(
                has_room=pool.has_room, workers=pool.workers, slots=pool.slots, free_slots=pool.free_slots
            ),
            store=StoreHealth(writable=writable),
            config=ConfigHealth(
                loaded_at=config.loaded_at, failed_at=config.failed_at, problems=len(config.problems)
            ),
            trunks={trunk.name: trunk.health() for trunk in self._trunks.views()},
            asterisk={
                name: AsteriskHealth(
                    state=link.state, since=link.since, error=link.error, refused=list(link.refused)
                )
                for name, link in self._asterisks().items()
            },
            recordings=PartHealth(usable=not usable.recordings, problem=usable.recordings),
            speech=PartHealth(usable=not usable.speech, problem=usable.speech),
        )
        response.status_code = 200 if readiness.ready else 503
        if not self._access.is_admin(credentials):
            return Readiness(ready=readiness.ready, draining=readiness.draining)
        return readiness

    async def _store_writable(self) -> bool:
        try:
            async with asyncio.timeout(STORE_TIMEOUT):
                await self._check_store()
        except (StoreError, TimeoutError):
            return False
        return True

"""Is it alive, should calls be sent here, and what do the numbers say: for load balancers and Prometheus."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import get_args

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.responses import Response

from api.access import Access, AdminKey
from api.core import Core
from api.operator.metrics import Kept
from api.operator.trunks import can_dial_shoppers, trunk_views
from api.wire import (
    Alive,
    AsteriskHealth,
    ConfigHealth,
    PartHealth,
    PoolHealth,
    Readiness,
    StoreHealth,
)
from bridge.callback import CallbackState
from routing.directory import AgentState
from store.errors import StoreError

#: Seconds that the database may take to answer.
STORE_TIMEOUT = 2.0


class Health:
    """The endpoints that tell how the server fares; they want no key and name no call."""

    def __init__(self, core: Core, access: Access) -> None:
        self._core = core
        self._access = access

    async def alive(self) -> Alive:
        """The process answers."""
        return Alive()

    async def ready(self, response: Response, credentials: AdminKey) -> Readiness:
        """Whether new calls should be sent here: 200 or 503. With the admin key it tells why."""
        pool, config = self._core.pool(), self._core.config_state()
        writable = await self._store_writable() and not self._core.usable().database
        draining, usable = self._core.engine.draining, self._core.usable()
        readiness = Readiness(
            ready=pool.has_room and writable and not draining and can_dial_shoppers(self._core),
            draining=draining,
            pool=PoolHealth(
                has_room=pool.has_room, workers=pool.workers, slots=pool.slots, free_slots=pool.free_slots
            ),
            store=StoreHealth(writable=writable),
            config=ConfigHealth(
                loaded_at=config.loaded_at, failed_at=config.failed_at, problems=len(config.problems)
            ),
            trunks={trunk.name: trunk.health() for trunk in trunk_views(self._core)},
            asterisk={
                name: AsteriskHealth(
                    state=link.state, since=link.since, error=link.error, refused=list(link.refused)
                )
                for name, link in self._core.asterisks().items()
            },
            recordings=PartHealth(usable=not usable.recordings, problem=usable.recordings),
            speech=PartHealth(usable=not usable.speech, problem=usable.speech),
        )
        response.status_code = 200 if readiness.ready else 503
        if not self._access.is_admin(credentials):
            return Readiness(ready=readiness.ready, draining=readiness.draining)
        return readiness

    async def metrics(self) -> Response:
        """Everything in Prometheus's text format."""
        core = self._core
        waiting = dict.fromkeys(core.config().queues, 0) | dict(core.waiting())
        agents = dict.fromkeys(get_args(AgentState), 0) | Counter(
            core.agents.states(core.config().agents).values()
        )
        closed = Counter(each.state for each in core.closed_receivers())
        core.metrics.receivers(closed["held"], closed["disabled"])
        text = core.metrics.exposition(
            core.pool(),
            core.trunks(),
            core.trunk_conditions(),
            core.asterisks(),
            waiting,
            agents,
            await self._kept(),
            core.config_state(),
        )
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    async def _kept(self) -> Kept | None:
        try:
            async with asyncio.timeout(STORE_TIMEOUT):
                messages = await self._core.messages.count_messages()
                callbacks = await self._core.callbacks.count_callbacks()
                deliveries = await self._core.deliveries.count_deliveries()
        except (StoreError, TimeoutError):
            return None
        boxes = dict.fromkeys(self._core.config().mailboxes, 0)
        return Kept(boxes | dict(messages), dict.fromkeys(CallbackState, 0) | dict(callbacks), deliveries)

    async def _store_writable(self) -> bool:
        try:
            async with asyncio.timeout(STORE_TIMEOUT):
                await self._core.check_store()
        except (StoreError, TimeoutError):
            return False
        return True

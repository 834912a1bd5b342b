"""The composition root: every part of the core is made here, once, and given its collaborators.

Reads as the architecture: media below, the engine above it, the API around the engine.
"""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime
from typing import Any

import structlog
from prometheus_client import CollectorRegistry

from api.app import create_app
from api.core import Core, PoolRoom, TrunkState
from api.live import LiveCalls
from api.metrics import Metrics
from api.tokens import CallTokens
from bridge.engine import Engine
from config.models import Config
from media.pool import Pool
from routing.decide import plan_call
from routing.load import LoadedRoutes
from routing.plan import CallPlan, ClickToCall
from server.clock import LoopClock
from server.http import HttpServer, bind
from server.roster import Roster
from server.settings import Settings
from store.calls import SqlCallStore
from store.database import Database, sqlite_url

log = structlog.get_logger(__name__)

#: Seconds that calls get to end when the patience for a drain is over.
LAST_SECONDS = 5.0


class Node:
    """One node of Ringback: ``start`` it, and ``stop`` it gracefully."""

    def __init__(self, reactor: Any, loop: asyncio.AbstractEventLoop, loaded: LoadedRoutes) -> None:
        config = loaded.config
        clock = LoopClock(loop)
        self._bound = bind(config.server.listen)
        self._database = Database(sqlite_url(config.server.database))
        self._store = SqlCallStore(self._database)
        self._pool = Pool(reactor, lambda call_id, event: self.engine.handle(call_id, event))
        live, tokens, metrics = LiveCalls(), CallTokens(clock), Metrics(CollectorRegistry())
        self._roster = Roster()
        self.engine = Engine(self._pool, self._store, clock, [live, tokens, metrics], [self._roster])
        self.settings = Settings(loaded, self._configure)
        self._configure(config)
        self._http = HttpServer(
            create_app(
                Core(
                    config=self.settings.config,
                    engine=self.engine,
                    store=self._store,
                    check_store=self._store.check,
                    plan_call=self._plan,
                    new_call_id=self.engine.new_call_id,
                    clock=clock,
                    reload=self.settings.reload,
                    config_state=lambda: self.settings.state,
                    pool=self._room,
                    trunks=self._trunks,
                    live=live,
                    tokens=tokens,
                    metrics=metrics,
                )
            ),
            self._bound,
        )
        self._clock = clock

    def _plan(self, click: ClickToCall, call_id: str) -> CallPlan:
        now = datetime.fromtimestamp(self._clock.time(), UTC)
        pick = random.random()  # noqa: S311 - shares calls out, guards nothing
        router, directory = self.settings.router(), self._roster.directory()
        return plan_call(click, router, call_id, directory, now, pick).plan

    def _room(self) -> PoolRoom:
        """The pool as health and metrics show it."""
        pool = self._pool.snapshot()
        return PoolRoom(
            workers=sum(pool.workers.values()),
            slots=pool.slots_used + pool.slots_free,
            free_slots=pool.slots_free,
            has_room=pool.slots_free >= 2 or sum(pool.workers.values()) < pool.max_workers,
        )

    def _trunks(self) -> dict[str, TrunkState]:
        return {name: TrunkState(state.registered, state.status) for name, state in self._pool.trunks.items()}

    def _configure(self, config: Config) -> None:
        self._pool.configure(config.sip, config.media, config.trunks)

    async def start(self) -> None:
        """Open the store, close what a dead core left open, start the workers, then take requests."""
        await self._database.open()
        left = await self._store.close_unfinished(self._clock.time())
        if left:
            log.warning("calls_of_a_dead_core_closed", call_ids=list(left))
        await self._pool.start()
        await self._http.start()
        log.info("ready", listen=str(self.settings.config().server.listen))

    def hurry(self) -> None:
        """End the live calls that a drain waits for."""
        self.engine.cancel_all()

    async def stop(self) -> None:
        """Take no new calls, let the live ones end for ``server.drain_timeout``, then end them; leave."""
        patience = self.settings.config().server.drain_timeout
        self.engine.drain()
        log.info("draining", live_calls=len(self.engine.live()), seconds=patience)
        try:
            await asyncio.wait_for(self.engine.drained(), patience)
        except TimeoutError:
            log.warning("ending_live_calls", live_calls=len(self.engine.live()))
            self.engine.cancel_all()
            try:
                await asyncio.wait_for(self.engine.drained(), LAST_SECONDS)
            except TimeoutError:
                log.error("calls_left_open", live_calls=len(self.engine.live()))
        await self._http.stop()
        await self._pool.stop()
        await self._database.close()
        log.info("stopped")

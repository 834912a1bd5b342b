"""A node: its parts, the order in which they start, and how it stops without cutting off calls."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import structlog

from bridge.protocols import OutOfCapacityError
from config.sections.sites import uses_browsers
from routing.load import LoadedRoutes
from server.http import bind
from server.wiring import (
    lay_ground,
    make_agents,
    make_calls,
    make_changes,
    make_chats,
    make_decisions,
    make_http,
    make_leads,
    make_media,
    make_notifications,
    make_views,
    make_visits,
)

log = structlog.get_logger(__name__)

#: Seconds that calls get to end when the patience for a drain is over.
LAST_SECONDS = 5.0


class Node:
    """``start`` it, and ``stop`` it gracefully."""

    def __init__(self, reactor: Any, loop: asyncio.AbstractEventLoop, loaded: LoadedRoutes) -> None:
        bound = bind(loaded.config.server.listen_address)
        self._ground = ground = lay_ground(loop, loaded)
        self._media = media = make_media(ground, reactor)
        self._notifications = notifications = make_notifications(ground)
        self._decisions = decisions = make_decisions(ground, media)
        self._agents = agents = make_agents(ground, media, notifications, decisions, reactor)
        self._calls = calls = make_calls(ground, media, notifications, decisions, agents)
        self._chats = chats = make_chats(ground, notifications, decisions, calls)
        self._visits = visits = make_visits(ground)
        self._changes = changes = make_changes(ground)
        self._leads = leads = make_leads(ground, notifications, decisions, calls, chats)
        self._views = views = make_views(ground, decisions, agents, chats)
        self._http = make_http(
            ground,
            media,
            notifications,
            decisions,
            agents,
            calls,
            chats,
            visits,
            changes,
            leads,
            views,
            bound,
        )
        self.settings = ground.settings
        self.settings.changed.listen(self._configure)
        self._configure()

    def _configure(self) -> None:
        """Have all parts live by the settings in force."""
        config = self.settings.config()
        self._media.set_log_level(config.server.log_level)
        webrtc = config.webrtc if uses_browsers(config.agents, config.sites.values()) else None
        self._media.pool.configure(config.sip, config.media, config.trunks, webrtc)
        self._agents.asterisks.configure(config)
        self._agents.sessions.review()
        self._decisions.waiting_room.look()
        self._notifications.outbox.settings_changed()
        self._media.fitness.look_again()

    async def start(self) -> None:
        """Open the store, close what a dead core left open, start the workers, then take requests."""
        stores, calls, notifications = self._ground.stores, self._calls, self._notifications
        await stores.database.open()
        await notifications.owned.come_alone()
        kept = await self._media.pool.find_kept()
        kept_ids = {call.known.call_id for call in kept}
        left = await stores.calls.close_unfinished(self._ground.clock.time(), kept_ids)
        if left:
            log.warning("calls_of_a_dead_core_closed", call_ids=list(left))
        await calls.spending.start({leg.leg_id for call in kept for leg in call.known.legs})
        await calls.retention.start()
        await calls.counter.start()
        await calls.recordings.start()
        await self._agents.time_keeper.start()
        await self._media.fitness.start()
        await calls.queue_memory.start()
        await self._visits.keeper.start()
        await self._media.pool.start()
        await notifications.owned.start()
        await notifications.pop_poster.start()
        await notifications.mailroom.start()
        await self._leads.start(left)
        await calls.callbacks.start()
        self._leads.callbacks.start()
        await self._chats.engine.start()
        self._agents.asterisks.start()
        self._adopt_calls()
        await self._changes.start()
        await self._http.start()
        log.info("ready", listen=str(self.settings.config().server.listen_address))

    def _adopt_calls(self) -> None:
        """Go on with the bridged calls of the core before, and finish the records of those that ended."""
        pool, steady = self._media.pool, self._ground.steady
        ahead = steady.time() - time.monotonic()
        adopted = []
        for call in pool.left_calls():
            known = call.known.moved(ahead)
            self._ground.tokens.restore(known.call_id, call.keepsake)
            story = [(at + ahead, event) for at, event in call.story]
            try:
                self._calls.engine.adopt(known, self._ground.clock.time() - steady.time(), story)
            except OutOfCapacityError:
                log.error("no_room_for_kept_call", call_id=known.call_id)
            else:
                adopted.append(known.call_id)
        pool.adopted(adopted)

    def hurry(self) -> None:
        """End the live calls that a drain waits for."""
        self._calls.engine.cancel_all()

    async def stop(self) -> None:
        """Take no new calls, let the live ones end for ``server.drain_timeout``, then end them; leave."""
        await self._drain()
        calls, notifications = self._calls, self._notifications
        self._views.views.stop()
        await self._http.stop()
        await self._views.stop()
        await self._changes.stop()
        await self._chats.engine.stop()
        await self._media.fitness.stop()
        await self._agents.asterisks.stop()
        await calls.callbacks.stop()
        await calls.spending.stop()
        await calls.retention.stop()
        await calls.counter.stop()
        await self._agents.time_keeper.stop()
        await calls.journal.stop()
        await calls.recordings.stop()
        await calls.queue_memory.stop()
        await self._visits.keeper.stop()
        await self._leads.stop()
        await notifications.mailroom.stop()
        await notifications.pop_poster.stop()
        await notifications.owned.stop()
        await notifications.posting.close()
        await self._media.pool.stop()
        await self._ground.stores.database.close()
        log.info("stopped")

    async def _drain(self) -> None:
        engine, patience = self._calls.engine, self.settings.config().server.drain_timeout
        engine.drain()
        self._calls.callbacks.drain()
        log.info("draining", live_calls=len(engine.live()), seconds=patience)
        try:
            await asyncio.wait_for(engine.drained(), patience)
        except TimeoutError:
            log.warning("ending_live_calls", live_calls=len(engine.live()))
            engine.cancel_all()
            try:
                await asyncio.wait_for(engine.drained(), LAST_SECONDS)
            except TimeoutError:
                log.error("calls_left_open", live_calls=len(engine.live()))

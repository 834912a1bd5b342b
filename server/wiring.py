"""The composition root: every part of the core is made here, once, and given its collaborators.

Reads as the architecture: media below, the engine above it, the API around the engine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from api.access import Access
from api.agents.sessions import AgentSessions
from api.app import create_app
from api.audit import AuditTrail
from api.browser_legs import BrowserLegs
from api.core import Core
from api.operator.metrics import Metrics
from api.operator.state import PoolRoom
from api.origins import Origins
from api.shop.live import LiveCalls
from api.shop.stories import CallStories
from api.tokens import CallTokens
from bridge.bulletin import Bulletin
from bridge.callback import Callback
from bridge.events import Event
from calls.callback_desk import CallbackDesk, NotNowError
from calls.engine import Engine
from calls.journal import LegJournal
from calls.queue_memory import QueueMemory
from calls.waiting_room import WaitingRoom
from config.browsers import uses_browsers
from config.endings import CallbackTerms, Queue
from config.fields import LogLevel
from config.models import Config
from cti.agents import Agents
from cti.ami.link import LinkState
from cti.asterisk import Asterisks, PlacedMedia
from cti.desks import Desks
from cti.owners import Owners
from cti.page_push import PagePushes
from cti.screen_pops import ScreenPops
from media.engines.table import ENGINES
from media.pool import Pool
from media.probes import Usable
from media.registrar import TrunkState
from media.trunk_states import TrunkCondition
from notify.mail import SmtpSender
from notify.mailboxes import Mailroom
from notify.outbox import Outbox
from notify.screen_pops import PopPoster
from notify.webhooks import WebhookPoster
from routing.directory import Directory
from routing.load import LoadedRoutes
from server.clock import LoopClock, SteadyClock
from server.fitness import Fitness
from server.history import CallHistory, visitor_of
from server.http import HttpServer, bind
from server.logs import set_log_level
from server.planner import Planner
from server.retention import Retention
from server.rooms import agents_room, operator_room, shop_room
from server.roster import Roster
from server.settings import Settings
from server.spending import CappedMedia, Spending
from store.database import Database, sqlite_url
from store.errors import StoreError
from store.stores import Stores

log = structlog.get_logger(__name__)

#: The build of the agents' page.
AGENT_PAGE = Path(__file__).parent.parent / "web" / "dist" / "agent"
#: Seconds that calls get to end when the patience for a drain is over.
LAST_SECONDS = 5.0


class Node:
    """One node of Ringback: ``start`` it, and ``stop`` it gracefully."""

    def __init__(self, reactor: Any, loop: asyncio.AbstractEventLoop, loaded: LoadedRoutes) -> None:
        config = loaded.config
        clock, steady = LoopClock(loop), SteadyClock(loop)
        self._bound = bind(config.server.listen_address)
        self._database = Database(sqlite_url(config.server.database))
        self._stores = stores = Stores.over(
            self._database, lambda click: visitor_of(click, self.settings.config())
        )
        self._store = stores.calls
        self._pool = Pool(
            reactor,
            self._handle,
            signalled=lambda leg_id, message: browser_legs.signalled(leg_id, message),
            engine=ENGINES[config.media.engine],
            ledger=config.server.database.with_suffix(".dialogs"),
        )
        self._fitness = Fitness(lambda: self.settings.config())
        registry = CollectorRegistry()
        registry.register(self._fitness)
        live, tokens, metrics = (
            LiveCalls(),
            CallTokens(steady),
            Metrics(registry, self._database.errors),
        )
        self._roster = Roster()
        self.settings = Settings(loaded, self._configure)
        owners = Owners(self.settings.config)
        bulletin = Bulletin()
        self._agents = Agents(lambda: self._queues.look(), owners.of, bulletin.announce)
        self._planner = Planner(self.settings.router, self._directory, self._roster, self._agents, clock)
        self._queues = WaitingRoom(
            self._handle,
            steady,
            lambda queue: self.settings.config().queues.get(queue, Queue()),
            self._planner.turn_steps,
            self._planner.crew,
        )
        # Whoever has to log in again after their call is not rung before.
        self._sessions = AgentSessions(
            self.settings.config,
            steady,
            self._agents.in_call,
            lambda agent: self._agents.choose(agent, "away"),
        )
        self._agents.watch(lambda agent, state: self._sessions.review())
        self._on_settings: list[Callable[[], None]] = []
        desks = Desks(
            agents=self._agents,
            owner=owners.of,
            click=lambda call_id: self.engine.click(call_id),
            config=self.settings.config,
            clock=steady,
            settle=bulletin.settle,
        )
        page_pushes = PagePushes(
            handle=self._handle,
            click=lambda call_id: self.engine.click(call_id),
            config=self.settings.config,
            clock=steady,
        )
        self._posting = WebhookPoster(clock.time)
        self._outbox = Outbox(stores.deliveries, self.settings.config, clock, SmtpSender(), self._posting)
        self._spending = Spending(
            config=self.settings.config,
            click=lambda call_id: self.engine.click(call_id),
            store=stores.spend,
            tell=self._outbox.add,
            clock=steady,
        )
        registry.register(self._spending)
        self._retention = Retention(stores.retention, self.settings.config, clock)
        self._pop_poster = PopPoster(self._outbox, self.settings.config)
        self._pops = ScreenPops(
            click=lambda call_id: self.engine.click(call_id),
            config=self.settings.config,
            place=self._planner.place,
            history=CallHistory(self._store, self.settings.config),
            agents=self._agents,
            clock=steady,
            tell=self._pop_poster.tell,
        )
        browser_legs = BrowserLegs(
            signal=self._pool.signal,
            handle=self._handle,
            shown=self._pops.pop,
            config=self.settings.config,
            agents=self._agents,
            clock=steady,
            wall=clock.time,
            announce=bulletin.announce,
        )
        self._mailroom = Mailroom(
            stores.messages, stores.deliveries, self._outbox, self.settings.config, clock
        )
        self._asterisks = Asterisks(
            click=lambda call_id: self.engine.click(call_id),
            handle=self._handle,
            perform=self._pool.perform,
            pops=self._pops,
            agents=self._agents,
            desks=desks,
            reactor=reactor,
            clock=steady,
        )
        self._callbacks = CallbackDesk(
            handle=self._handle,
            clock=clock,
            store=stores.callbacks,
            hours=self._planner.callback_hours,
            home=self._planner.home,
            language=self._planner.language,
            new_call_id=Engine.new_call_id,
            place=self._call_back,
            hang_up=lambda call_id: self.engine.cancel(call_id),
            on_given_up=self._mailroom.callback_given_up,
        )
        self._queue_memory = QueueMemory(self._queues, stores.queues, clock)
        self._journal = LegJournal(self._store, clock, lambda call_id: self.engine.behind(call_id))
        for subscriber in (
            live,
            tokens,
            metrics,
            self._roster,
            self._queues,
            self._callbacks,
            self._agents,
            desks,
            page_pushes,
            self._pops,
            self._asterisks,
            browser_legs,
            self._spending,
            self._journal,
        ):
            bulletin.subscribe(subscriber)
        self.engine = Engine(
            CappedMedia(PlacedMedia(self._pool, self._asterisks.places), self._spending, self._handle),
            self._store,
            steady,
            bulletin,
            rota=self._planner,
            queues=self._queues,
            callbacks=self._callbacks,
            mailboxes=self._mailroom,
            pages=page_pushes,
            wall=clock.time,
        )
        self._on_settings.append(self._fitness.look_again)
        self._configure(config)
        self._http = HttpServer(
            self._application(
                registry, live, tokens, metrics, browser_legs, desks, page_pushes, clock, steady
            ),
            self._bound,
            lambda: self.settings.config().server,
            lambda problem: metrics.refused(None, problem.id),
        )
        self._clock = clock

    def _application(
        self,
        registry: CollectorRegistry,
        live: LiveCalls,
        tokens: CallTokens,
        metrics: Metrics,
        browser_legs: BrowserLegs,
        desks: Desks,
        page_pushes: PagePushes,
        clock: LoopClock,
        steady: SteadyClock,
    ) -> FastAPI:
        config, stores = self.settings.config, self._stores
        stories = CallStories(self.engine, stores.calls, stores.callbacks)
        audit, origins = AuditTrail(config), Origins(config)
        access = Access(config=config, tokens=tokens, site_of=stories.site_of, audit=audit)
        sockets = Core(
            config=config,
            engine=self.engine,
            plan_transfer=self._planner.plan_transfer,
            clock=clock,
            steady=steady,
            on_settings=self._on_settings.append,
            live=live,
            agents=self._agents,
            agent_sessions=self._sessions,
            browser_legs=browser_legs,
            desks=desks,
            page_pushes=page_pushes,
            wrap_ups=stores.wrap_ups,
            screen_pops=self._pops,
        )
        return create_app(
            [
                *shop_room(
                    config=config,
                    clock=clock,
                    engine=self.engine,
                    stores=stores,
                    stories=stories,
                    plan_call=self._planner.plan_call,
                    beyond_spend=self._spending.refuses_call,
                    refused=metrics.refused,
                    cancel_callback=self._callbacks.cancel,
                    tokens=tokens,
                    legs=browser_legs,
                    sockets=sockets,
                    access=access,
                    origins=origins,
                ),
                *agents_room(
                    config=config,
                    clock=clock,
                    agents=self._agents,
                    sessions=self._sessions,
                    audit=audit,
                    page=AGENT_PAGE,
                    sockets=sockets,
                ),
                *operator_room(
                    config=config,
                    settings=self.settings,
                    set_log_level=self._set_log_level,
                    engine=self.engine,
                    stores=stores,
                    condition=self,
                    outbox=self._outbox,
                    agents=self._agents,
                    sessions=self._sessions,
                    traces=self._pool.traces,
                    registry=registry,
                    cancel_callback=self._callbacks.cancel,
                    expired=self._retention.expired,
                    spend=self._spending.standings,
                    access=access,
                    audit=audit,
                ),
            ],
            access=access,
            origins=origins,
            requested=metrics.requested,
        )

    def _handle(self, call_id: str, event: Event) -> None:
        """Give an event to the engine, which is made after all who have some for it."""
        self.engine.handle(call_id, event)

    def waiting(self) -> dict[str, int]:
        """How many calls wait in each queue."""
        return {queue: standing.waiting for queue, standing in self._queues.snapshot().items()}

    def _directory(self, call_id: str | None = None) -> Directory:
        config = self.settings.config()
        return replace(
            self._roster.directory(call_id),
            waiting={queue: self._queues.waiting(queue) for queue in config.queues},
            agents=self._agents.rung_at(config.agents, call_id),
            can_record=self._fitness.usable().can_record,
        )

    async def _call_back(self, callback: Callback) -> None:
        assert callback.last_call_id is not None  # noqa: S101 - a try has the id of its call
        click = replace(callback.click, by="phone", reached=await self._is_reached(callback))
        plan = self._planner.plan_callback(replace(callback, click=click), callback.last_call_id)
        if self._spending.refuses_call(click.site, plan):
            raise NotNowError
        await self.engine.place(plan, click, callback.last_call_id)

    async def _is_reached(self, callback: Callback) -> bool:
        """Whether the business is rung for somebody whose phone was answered, now or when they asked."""
        terms = self.settings.config().callbacks.get(callback.terms, CallbackTerms())
        if terms.first_leg == "shopper" or callback.click.reached:
            return True
        try:
            record = await self._store.call(callback.call_id)
        except StoreError as error:
            log.warning("callback_as_claimed", callback_id=callback.callback_id, error=str(error))
            return False
        return record is not None and record.number_verified

    def trunks(self) -> Mapping[str, TrunkState]:
        """The trunks that register."""
        return self._pool.trunks

    def trunk_conditions(self) -> Mapping[str, TrunkCondition]:
        """The condition of every trunk."""
        return self._pool.trunk_conditions

    def asterisks(self) -> Mapping[str, LinkState]:
        """The Asterisks of the settings."""
        return self._asterisks.states()

    def usable(self) -> Usable:
        """Whether messages can be recorded and texts be spoken."""
        return self._fitness.usable()

    async def check_store(self) -> None:
        """Write, and leave nothing behind."""
        await self._store.check()

    def pool(self) -> PoolRoom:
        """The pool as health and metrics show it."""
        pool = self._pool.snapshot()
        return PoolRoom(
            workers=sum(pool.workers.values()),
            slots=pool.slots_used + pool.slots_free,
            free_slots=pool.slots_free,
            has_room=pool.slots_free >= 2 or sum(pool.workers.values()) < pool.max_workers,
        )

    def _set_log_level(self, level: LogLevel) -> None:
        set_log_level(level)
        self._pool.set_log_level(level)

    def _configure(self, config: Config) -> None:
        self._set_log_level(config.server.log_level)
        webrtc = config.webrtc if uses_browsers(config.agents, config.sites.values()) else None
        self._pool.configure(config.sip, config.media, config.trunks, webrtc)
        self._asterisks.configure(config)
        self._sessions.review()
        self._queues.look()
        self._outbox.settings_changed()
        for watcher in self._on_settings:
            watcher()

    async def start(self) -> None:
        """Open the store, close what a dead core left open, start the workers, then take requests."""
        await self._database.open()
        left = await self._store.close_unfinished(self._clock.time())
        if left:
            log.warning("calls_of_a_dead_core_closed", call_ids=list(left))
        await self._spending.start()
        await self._retention.start()
        await self._fitness.start()
        await self._queue_memory.start()
        await self._pool.start()
        await self._outbox.start()
        await self._pop_poster.start()
        await self._mailroom.start()
        await self._callbacks.start()
        self._asterisks.start()
        await self._http.start()
        log.info("ready", listen=str(self.settings.config().server.listen_address))

    def hurry(self) -> None:
        """End the live calls that a drain waits for."""
        self.engine.cancel_all()

    async def stop(self) -> None:
        """Take no new calls, let the live ones end for ``server.drain_timeout``, then end them; leave."""
        patience = self.settings.config().server.drain_timeout
        self.engine.drain()
        self._callbacks.drain()
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
        await self._fitness.stop()
        await self._asterisks.stop()
        await self._callbacks.stop()
        await self._spending.stop()
        await self._retention.stop()
        await self._journal.stop()
        await self._queue_memory.stop()
        await self._mailroom.stop()
        await self._pop_poster.stop()
        await self._outbox.stop()
        await self._posting.close()
        await self._pool.stop()
        await self._database.close()
        log.info("stopped")

"""A server without telephones: the real API and store over an engine on paper, or the real one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from api.access import Access
from api.app import create_app
from api.audit import AuditTrail
from api.browser_legs import BrowserLegs
from api.operator.metrics import Metrics
from api.origins import Origins
from api.sessions import AgentSessions
from api.shop.live import LiveCalls
from api.shop.stories import CallStories
from api.tokens import CallTokens
from bridge.bulletin import Bulletin
from bridge.callback import Callback
from calls.engine import Engine
from config.fields import HostPort
from config.models import Config
from cti.agents import Agents
from cti.desks import Desks
from cti.owners import Owners
from cti.page_push import PagePushes
from cti.screen_pops import PopNews, ScreenPops
from routing.decide import plan_call
from routing.directory import Directory
from routing.places import Place
from routing.router import Router
from routing.transfers import plan_transfer
from server.history import CallHistory
from server.http import HttpServer, bind
from server.reporting import CallCounter
from server.rooms import agents_room, operator_room, shop_room
from store.callbacks import SqlCallbackStore
from store.calls import SqlCallStore
from store.database import Database, sqlite_url
from store.deliveries import SqlDeliveryStore
from store.messages import SqlMessageStore
from store.stores import Stores
from tests.api.paper import NoCallbacks, PaperEngine, PaperPool, PlannedRota, SetClock
from tests.api.shop import ORIGIN, SITE_KEY, settings
from tests.api.world import PaperOutbox, World, WorldCondition, cancel_callback
from tests.bridge.told import Teller


@dataclass
class Server:
    """Everything of a running test server."""

    app: FastAPI
    engine: PaperEngine
    pool: PaperPool
    stores: Stores
    clock: SetClock
    http: httpx.AsyncClient
    world: World
    live: LiveCalls
    tokens: CallTokens
    agents: Agents
    sessions: AgentSessions
    legs: BrowserLegs
    #: What other systems are told of screen pops.
    news: list[PopNews] = field(default_factory=list)

    @property
    def store(self) -> SqlCallStore:
        return self.stores.calls

    @property
    def messages(self) -> SqlMessageStore:
        return self.stores.messages

    @property
    def callbacks(self) -> SqlCallbackStore:
        return self.stores.callbacks

    @property
    def deliveries(self) -> SqlDeliveryStore:
        return self.stores.deliveries

    async def place(self, number: str = "(617) 555-0123", **changed: Any) -> httpx.Response:
        """Ask for a call from a page of the shop."""
        headers = {"Origin": ORIGIN} | changed.pop("headers", {})
        body = {"site_key": SITE_KEY, "number": number, "country": "US", **changed}
        return await self.http.post("/v1/calls", json=body, headers=headers)


@asynccontextmanager
async def serving(
    path: Path, config: Config | None = None, *, real_calls: bool = False
) -> AsyncIterator[Server]:
    """The application over a database in ``path``; requests go straight to it, without a network.

    With ``real_calls`` the engine is the real one, over a :class:`PaperPool`.
    """
    world, clock = World(config or settings()), SetClock()
    async with Database(sqlite_url(path / "ringback.sqlite3")) as database:
        stores = Stores.over(database)
        registry = CollectorRegistry()
        live, tokens, metrics = LiveCalls(), CallTokens(clock), Metrics(registry)
        pool, bulletin = PaperPool(), Bulletin()
        agents = Agents(lambda: None, announce=bulletin.announce)
        desks = Desks(
            agents=agents,
            owner=Owners(lambda: world.config).of,
            click=lambda call_id: engine.click(call_id),
            config=lambda: world.config,
            clock=clock,
            settle=bulletin.settle,
        )
        page_pushes = PagePushes(
            handle=lambda call_id, event: engine.handle(call_id, event),
            click=lambda call_id: engine.click(call_id),
            config=lambda: world.config,
            clock=clock,
        )

        def directory() -> Directory:
            return Directory(agents={f"agent:{name}": agents.state(name) for name in world.config.agents})

        def now() -> datetime:
            return datetime.fromtimestamp(clock.time(), UTC)

        news: list[PopNews] = []
        screen_pops = ScreenPops(
            click=lambda call_id: engine.click(call_id) if real_calls else None,
            config=lambda: world.config,
            place=lambda click: Place(area="Boston", region="MA", country="US"),
            history=CallHistory(stores.calls, lambda: world.config),
            agents=agents,
            clock=clock,
            tell=news.append,
        )
        browser_legs = BrowserLegs(
            signal=pool.signal,
            handle=lambda call_id, event: engine.handle(call_id, event),
            shown=screen_pops.pop,
            config=lambda: world.config,
            agents=agents,
            clock=clock,
            wall=clock.time,
            announce=bulletin.announce,
        )
        if real_calls:
            nobody: Any = None  # these routes have no queue, and no mailbox but for phones
            for subscriber in (live, tokens, metrics, agents, screen_pops, desks, page_pushes, browser_legs):
                bulletin.subscribe(subscriber)
            engine: Any = Engine(
                pool, stores.calls, clock, bulletin,
                rota=PlannedRota(), queues=nobody, callbacks=NoCallbacks(pool), mailboxes=nobody,
                pages=page_pushes,
            )  # fmt: skip
            pool.engine = engine
        else:
            engine = PaperEngine(stores.calls, clock)
            engine.teller = Teller(live, tokens, metrics)
        sessions = AgentSessions(lambda: world.config, clock, agents.in_call)
        agents.watch(lambda agent, state: sessions.review())
        stories = CallStories(engine, stores.calls, stores.callbacks)

        def configuration() -> Config:
            return world.config

        async def cancel(secret: str) -> Callback | None:
            return await cancel_callback(stores.callbacks, secret)

        audit, origins = AuditTrail(configuration), Origins(configuration)
        access = Access(config=configuration, tokens=tokens, site_of=stories.site_of, audit=audit)
        shop = shop_room(
            config=configuration,
            clock=clock,
            engine=engine,
            stores=stores,
            stories=stories,
            plan_call=lambda click, call_id: (
                plan_call(click, Router.of(world.config), call_id, directory(), now(), 0.5).plan
            ),
            beyond_spend=lambda site, plan: world.beyond_spend,
            refused=metrics.refused,
            cancel_callback=cancel,
            tokens=tokens,
            legs=browser_legs,
            steady=clock,
            live=live,
            page_pushes=page_pushes,
            access=access,
            origins=origins,
        )
        of_agents = agents_room(
            config=configuration,
            clock=clock,
            agents=agents,
            sessions=sessions,
            audit=audit,
            page=path / "agent-page",
            steady=clock,
            engine=engine,
            plan_transfer=lambda click, call_id, to, by: plan_transfer(
                click, to, by, Router.of(world.config), call_id, directory(), now(), 0.5
            ),
            stores=stores,
            desks=desks,
            page_pushes=page_pushes,
            screen_pops=screen_pops,
            legs=browser_legs,
            on_settings=world.on_settings.append,
        )
        operator = operator_room(
            config=configuration,
            settings=world,
            set_log_level=world.log_levels.append,
            engine=engine,
            stores=stores,
            condition=WorldCondition(world),
            outbox=PaperOutbox(world, stores.deliveries, clock),
            agents=agents,
            sessions=sessions,
            traces=world.traces,
            registry=registry,
            cancel_callback=cancel,
            expired=lambda: world.expired(),
            rebuild_reports=CallCounter(stores.reports).rebuild,
            spend=lambda: world.spend,
            access=access,
            audit=audit,
        )
        app = create_app(
            [*shop, *of_agents, *operator], access=access, origins=origins, requested=metrics.requested
        )
        transport = httpx.ASGITransport(app, client=("198.51.100.7", 40000))
        async with httpx.AsyncClient(transport=transport, base_url="http://ringback.example") as http:
            yield Server(
                app,
                engine,
                pool,
                stores,
                clock,
                http,
                world,
                live,
                tokens,
                agents,
                sessions,
                browser_legs,
                news,
            )


@asynccontextmanager
async def listening(server: Server) -> AsyncIterator[int]:
    """Serve over HTTP as well, on this port of 127.0.0.1."""
    bound = bind(HostPort("127.0.0.1", 0))
    http = HttpServer(server.app, bound, lambda: server.world.config.server, lambda problem: None)
    await http.start()
    try:
        yield bound.getsockname()[1]
    finally:
        await http.stop()

"""A server without telephones: the real API and store over an engine on paper, or the real one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from api.access import Access
from api.accounts import operators_of
from api.app import create_app
from api.audit import AuditTrail
from api.operator.lead_metrics import LeadMetrics
from api.operator.metrics import Metrics
from api.operator.view_metrics import ViewMetrics
from api.origins import Origins
from api.placing import CallPlacing
from api.portal_door import PortalDoor
from api.proofs import Proofs
from api.sessions import LoginSessions
from api.shop.live import LiveCalls
from api.shop.stories import CallStories
from api.tokens import CallTokens
from bridge.bulletin import at_once
from bridge.callback import Callback
from bridge.events import CallbackEvent
from config.fields import HostPort
from config.models import Config
from routing.places import Place
from routing.plan import ClickToCall
from server.answer_books import AnswerBooks
from server.availability import SiteAvailability
from server.http import HttpServer, bind
from server.lead_parts import LeadParts, make_lead_parts
from server.reporting import CallCounter
from server.rooms import (
    BoardSources,
    agents_room,
    chat_room,
    operator_room,
    page_room,
    portal_room,
    shop_room,
)
from server.view_parts import ViewParts
from server.visit_keeping import VisitParts
from store.database import Database, sqlite_url
from store.stores import Stores
from tests.api.edited_file import EditedFile
from tests.api.office import Office
from tests.api.paper import PaperEngine
from tests.api.shop import ORIGIN, SITE_KEY, settings
from tests.api.world import PaperOutbox, World, WorldCondition, cancel_callback


@dataclass
class Server:
    """Everything of a running test server."""

    app: FastAPI
    http: httpx.AsyncClient
    world: World
    office: Office
    #: Of calls on paper, unless they are real.
    engine: PaperEngine
    tokens: CallTokens
    live: LiveCalls
    visits: VisitParts
    #: The settings file that operators edit.
    edited: EditedFile
    leads: LeadParts
    views: ViewParts

    def __post_init__(self) -> None:
        self.stores, self.clock, self.pool = self.office.stores, self.world.clock, self.office.pool
        self.agents, self.sessions, self.legs = self.office.agents, self.office.sessions, self.office.legs
        self.store, self.messages = self.stores.calls, self.stores.messages
        self.callbacks, self.deliveries = self.stores.callbacks, self.stores.deliveries
        #: What other systems are told of screen pops.
        self.news = self.office.news

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
    world = World(config or settings())
    async with Database(sqlite_url(path / "ringback.sqlite3")) as database:
        office = Office.over(world, Stores.over(database))
        registry, tokens, live = CollectorRegistry(), CallTokens(world.clock), LiveCalls()
        metrics = Metrics(registry)
        engine = (
            office.real_engine(live, tokens, metrics)
            if real_calls
            else office.paper_engine(live, tokens, metrics)
        )
        visits = VisitParts.over(office.stores.visits, world.clock)
        edited = EditedFile(path)
        leads = _leads(office, engine)
        views = _views(office, registry)
        app = _application(
            office, engine, registry, metrics, tokens, live, visits, path, edited, leads, views
        )
        transport = httpx.ASGITransport(app, client=("198.51.100.7", 40000))
        async with httpx.AsyncClient(transport=transport, base_url="http://ringback.example") as http:
            yield Server(app, http, world, office, engine, tokens, live, visits, edited, leads, views)
            await views.stop()
            await leads.stop()
            await visits.keeper.stop()
        await office.chats.engine.stop()
        world.clock.stop()


class NoCallbacks:
    """Sites whose agents call by themselves."""

    async def promise(self, call_id: str, click: ClickToCall, terms: str, at: float) -> CallbackEvent:
        raise AssertionError

    def booked_for(self, call_id: str) -> None:
        return None

    async def cancel(self, secret: str) -> None:
        raise AssertionError


def _leads(office: Office, engine: Any) -> LeadParts:
    """Who follows up shoppers nobody served; its mails wait in the store."""
    world, stores, chats = office.world, office.stores, office.chats
    parts = make_lead_parts(
        router=world.router,
        clock=world.clock,
        stores=stores,
        outbox=PaperOutbox(world, stores.deliveries, world.clock),
        agents=office.agents,
        owner=lambda endpoint: None,
        click=engine.click,
        is_callback=lambda call_id: False,
        callbacks=NoCallbacks(),
        settle=at_once,
        chats=chats.engine,
        calls=engine,
        new_call_id=engine.new_call_id,
        plan=chats.planner.plan_follow_up,
        refuses=lambda site, plan: world.beyond_spend,
    )
    chats.endings.left_message = parts.of_chats.left_message
    chats.guide.left = parts.of_chats.left_flow
    return parts


def _views(office: Office, registry: CollectorRegistry) -> ViewParts:
    """Shared views of the office's calls and chats, by the clock that the test sets."""
    world = office.world
    parts = ViewParts.over(
        config=world.settings,
        steady=world.clock,
        wall=world.clock,
        agents=office.agents,
        desks=office.desks,
        chats=office.chats.engine,
        store=office.stores.views,
        counts=ViewMetrics(registry),
        bulletins=[office.chats.bulletin],
    )
    world.on_settings.append(parts.settings_changed)
    return parts


def _application(
    office: Office,
    engine: Any,
    registry: CollectorRegistry,
    metrics: Metrics,
    tokens: CallTokens,
    live: LiveCalls,
    visits: VisitParts,
    path: Path,
    edited: EditedFile,
    leads: LeadParts,
    views: ViewParts,
) -> FastAPI:
    """The rooms of the API, as server/wiring.py makes them; builds of pages may be in ``path``."""
    world, stores, clock, config = office.world, office.stores, office.world.clock, office.world.settings
    stories = CallStories(engine, stores.calls, stores.callbacks)
    audit, origins, proofs = AuditTrail(config), Origins(config), Proofs()
    door = PortalDoor(config=config, sessions=LoginSessions(operators_of(config), clock), audit=audit)
    world.on_settings.append(door.sessions.review)
    access = Access(config=config, tokens=tokens, site_of=stories.site_of, audit=audit, portal=door)

    async def cancel(secret: str) -> Callback | None:
        return await cancel_callback(stores.callbacks, secret)

    shop = shop_room(
        config=config,
        clock=clock,
        steady=clock,
        engine=engine,
        stores=stores,
        stories=stories,
        placing=CallPlacing(
            clock=clock,
            engine=engine,
            counts=stores.calls,
            plan=office.plan_call,
            beyond_spend=lambda site, plan: world.beyond_spend,
        ),
        refused=metrics.refused,
        cancel_callback=cancel,
        tokens=tokens,
        legs=office.legs,
        live=live,
        page_pushes=office.page_pushes,
        access=access,
        origins=origins,
        proofs=proofs,
        placed=visits.placed,
        chats=office.chats.to_call,
        leads=leads,
        views=views,
    )
    of_agents = agents_room(
        config=config,
        clock=clock,
        steady=clock,
        engine=engine,
        plan_transfer=office.plan_transfer,
        stores=stores,
        agents=office.agents,
        sessions=office.sessions,
        desks=office.desks,
        page_pushes=office.page_pushes,
        screen_pops=office.screen_pops,
        legs=office.legs,
        on_settings=world.on_settings.append,
        audit=audit,
        page=path / "agent-page",
        chats=office.chats.desks,
        leads=leads,
        views=views,
    )
    of_chats = chat_room(
        proofs=proofs,
        config=config,
        clock=clock,
        steady=clock,
        engine=office.chats.engine,
        stores=stores,
        endings=office.chats.endings,
        plan=office.chats.line.plan,
        refused=metrics.refused,
        origins=origins,
        guide=office.chats.guide,
        tell=office.chats.tell,
        views=views,
    )
    answers = AnswerBooks(config)
    world.on_settings.append(answers.settings_changed)
    page = page_room(
        config=config,
        clock=clock,
        stores=stores,
        builds=(path / "page", path / "widget"),
        proofs=proofs,
        answers=answers.book,
        engagement=visits.engagement,
        visitors=visits.keeper,
        standing=SiteAvailability(
            router=world.router,
            directory=lambda: world.directory,
            wait=lambda queue: 60.0,
            draining=lambda: engine.draining,
            clock=clock,
        ).now,
        place=lambda click: Place(area="Boston", region="MA", country="US"),
        registry=registry,
        bought=leads.bought,
    )
    portal = portal_room(
        config=config,
        clock=clock,
        door=door,
        stores=stores,
        audit=audit,
        page=path / "portal",
        board=BoardSources(
            agents=office.agents,
            queues=lambda: world.lines,
            calls=engine.live,
            chats=lambda: office.chats.engine.live,
        ),
        editor=edited.editor(stores.changes, clock.time),
        router=edited.router,
        leads=leads,
    )
    registry.register(LeadMetrics(leads.desk, config, clock))
    operator = operator_room(
        config=config,
        settings=world,
        set_log_level=world.log_levels.append,
        engine=engine,
        stores=stores,
        condition=WorldCondition(world),
        outbox=PaperOutbox(world, stores.deliveries, clock),
        agents=office.agents,
        sessions=office.sessions,
        traces=world.traces,
        registry=registry,
        cancel_callback=cancel,
        expired=lambda: world.expired(),
        rebuild_reports=CallCounter(stores.reports, config).rebuild,
        spend=lambda: world.spend,
        answers=answers.book,
        forget_visitors=visits.forget,
        access=access,
        audit=audit,
        leads=leads,
        clock=clock,
    )
    return create_app(
        [*page, *shop, *of_chats, *of_agents, *portal, *operator],
        access=access,
        origins=origins,
        requested=metrics.requested,
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

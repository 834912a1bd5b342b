"""A server without telephones: the real API and store, and an engine that obeys the API's protocol."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from prometheus_client import CollectorRegistry

from api.agents.sessions import AgentSessions
from api.app import create_app
from api.browser_legs import BrowserLegs
from api.core import ConfigState, Core, PoolRoom, ReloadReport
from api.operator.metrics import Metrics
from api.shop.live import LiveCalls
from api.tokens import CallTokens
from bridge.bulletin import Bulletin
from bridge.callback import Callback, CallbackState
from bridge.causes import Disposition, HangupCause
from bridge.cdr import CallRecord, LegRecord
from bridge.commands import Dial, HangUp, MediaCommand
from bridge.events import CallbackRefused, CancelRequested, Event, LegEnded, LegEvent
from bridge.leg_ids import call_of
from bridge.progress import CallProgress, CallState
from bridge.protocols import OutOfCapacityError
from bridge.spend import SpendStanding
from bridge.tracing import TraceWish
from calls.engine import Engine
from config.fields import HostPort
from config.models import Config
from cti.agents import Agents
from cti.ami.link import LinkState
from cti.desks import Desks
from cti.owners import Owners
from cti.page_push import PagePushes
from cti.screen_pops import PopNews, ScreenPops
from media.probes import Usable
from media.registrar import TrunkState
from media.traces import Traces
from media.trunk_states import TrunkCondition
from notify.delivery import Delivery
from notify.standing import Receivers
from routing.decide import plan_call
from routing.directory import Directory
from routing.places import Place
from routing.plan import CallPlan, ClickToCall, Endpoint, PlannedStep
from routing.router import Router
from routing.transfers import plan_transfer
from server.history import CallHistory
from server.http import HttpServer, bind
from store.callbacks import SqlCallbackStore
from store.calls import SqlCallStore
from store.database import Database, sqlite_url
from store.deliveries import SqlDeliveryStore
from store.messages import SqlMessageStore
from store.people import SqlPeople
from store.retention import Expired
from store.used_tokens import SqlUsedTokens
from store.wrap_ups import SqlWrapUpStore
from tests.bridge.told import Teller

ORIGIN = "https://shop.example"
ADMIN = "an-admin-key-of-some-length"
SITE_KEY = "shop-public-key"
#: Numbers of different people in Boston.
PEOPLE = [f"+1617555{n:04d}" for n in range(100, 200)]
ROOM = PoolRoom(workers=4, slots=16, free_slots=12, has_room=True)
LOADED = ConfigState(loaded_at=1.0)


def settings(server: Mapping[str, Any] | None = None, **site: Any) -> Config:
    """A configuration with one site; ``site`` replaces some of its settings."""
    return Config.model_validate(
        {
            "server": {"admin_key": ADMIN, "requests_per_ip": ["10000 per 1m"], **(server or {})},
            "trunks": {"carrier": {"host": "127.0.0.1:5060"}},
            "sites": {
                "shop": {
                    "key": SITE_KEY,
                    "label": "Shop",
                    "origins": [ORIGIN, "http://localhost:5173"],
                    "countries": ["US", "GB", "DE"],
                    "trunk": "carrier",
                    "caller_id": {"number": "+16175550000"},
                    "route": "sales",
                    "limits": _GENEROUS,
                    **site,
                },
                "other": {
                    "key": "other-public-key",
                    "label": "Other",
                    "origins": ["https://other.example"],
                    "countries": ["US"],
                    "trunk": "carrier",
                    "caller_id": {"number": "+16175550000"},
                    "route": "sales",
                },
            },
            "destinations": {"boston": {"label": "Boston store", "sip": "sip:boston@127.0.0.1"}},
            "routes": {"sales": {"steps": [{"destinations": ["boston"]}], "message": "office"}},
            "mailboxes": {"office": {"label": "Office"}},
        },
        strict=False,
    )


_GENEROUS = {
    "calls_per_number": ["1000 per 1h"],
    "calls_per_ip": ["1000 per 1h"],
    "numbers_per_ip": ["1000 per 1h"],
    "calls_per_site": ["1000 per 1h"],
    "live_calls_per_site": 1000,
}


def limits(**changed: Any) -> dict[str, Any]:
    """Limits that nobody reaches, but for those given."""
    return {**_GENEROUS, **changed}


class SetClock:
    """A clock that stands where it was set."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, callback: Any) -> Any:
        return asyncio.get_running_loop().call_later(seconds, callback)


class PaperEngine:
    """Calls on paper: they go where the test moves them, and everyone who watches is told."""

    def __init__(self, store: SqlCallStore, clock: SetClock) -> None:
        self._store, self._clock = store, clock
        self._ids = itertools.count(1)
        self._clicks: dict[str, tuple[ClickToCall, CallPlan]] = {}
        self._lines: dict[str, CallProgress] = {}
        self.teller = Teller()
        self.draining = False
        self.full = False

    def new_call_id(self) -> str:
        return f"call{next(self._ids)}"

    async def place(self, plan: CallPlan, click: ClickToCall, call_id: str) -> None:
        if self.full:
            raise OutOfCapacityError
        await self._store.open_call(call_id, click, plan.route, self._clock.time())
        self._clicks[call_id] = (click, plan)
        self._tell(CallProgress(call_id, click.site, 0, self._clock.time(), CallState.CALLING_SHOPPER))

    def handle(self, call_id: str, event: Event) -> None:
        assert isinstance(event, CancelRequested)
        self.move(call_id, state=CallState.ENDING, disposition=Disposition.CANCELLED)

    def progress(self, call_id: str) -> CallProgress | None:
        return self._lines.get(call_id)

    def live(self) -> list[CallProgress]:
        return [line for line in self._lines.values() if line.state is not CallState.ENDED]

    def move(self, call_id: str, **changes: Any) -> None:
        before = self._lines[call_id]
        self._tell(replace(before, sequence=before.sequence + 1, at=self._clock.time(), **changes))

    async def end(self, call_id: str, disposition: Disposition = Disposition.BRIDGED) -> None:
        click, plan = self._clicks[call_id]
        self.move(call_id, state=CallState.ENDED, disposition=disposition, cause=HangupCause.NORMAL)
        record = call_record(call_id, click, plan, self._clock.time(), disposition)
        await self._store.write_cdr(record)
        self.teller.ended(record)

    def click(self, call_id: str) -> ClickToCall | None:
        return self._clicks[call_id][0] if call_id in self._clicks else None

    def forget(self, call_id: str) -> None:
        del self._lines[call_id]

    def _tell(self, line: CallProgress) -> None:
        self._lines[line.call_id] = line
        self.teller.progress(line)


class PaperPool:
    """The media of a real engine: legs do what the test reports, and what browsers say is written down."""

    def __init__(self) -> None:
        self.engine: Engine | None = None
        self.dialled: dict[str, Endpoint] = {}
        self.hung_up: dict[str, HangupCause] = {}
        self.signals: list[tuple[str, dict[str, Any]]] = []
        #: What else was asked of the legs.
        self.orders: list[MediaCommand] = []

    def open_call(self, call_id: str, plan: CallPlan) -> None: ...
    def close_call(self, call_id: str) -> None: ...

    def perform(self, call_id: str, command: MediaCommand) -> None:
        match command:
            case Dial(leg_id=leg_id, endpoint=endpoint):
                self.dialled[leg_id] = endpoint
            case HangUp(leg_id=leg_id, cause=cause):
                self.hung_up[leg_id] = cause
                asyncio.get_running_loop().call_soon(self.report, LegEnded(leg_id, cause))
            case _:
                self.orders.append(command)

    def report(self, event: LegEvent) -> None:
        assert self.engine is not None
        self.engine.handle(call_of(event.leg_id), event)

    def signal(self, leg_id: str, message: str) -> None:
        """As a browser worker, which ends the leg when its browser says so."""
        assert leg_id in self.dialled, "only what is dialled can be spoken to"
        said = json.loads(message)
        self.signals.append((leg_id, said))
        if said["type"] == "hangup":
            ended = LegEnded(leg_id, _WHY.get(said["reason"], HangupCause.NORMAL))
            asyncio.get_running_loop().call_soon(self.report, ended)


_WHY = {
    "busy": HangupCause.BUSY,
    "declined": HangupCause.DECLINED,
    "no_path": HangupCause.UNREACHABLE,
}


class PlannedRota:
    """Rings whom the plan names, whatever others do."""

    def steps(self, call_id: str, click: ClickToCall, plan: CallPlan) -> tuple[PlannedStep, ...]:
        return plan.steps

    def is_free(self, call_id: str, endpoint: Endpoint) -> bool:
        return True


class NoCallbacks:
    """Books none, as for a shopper who gave no number."""

    def __init__(self, pool: PaperPool) -> None:
        self._pool = pool

    def book(self, call_id: str, click: ClickToCall, terms: str) -> None:
        assert self._pool.engine is not None
        asyncio.get_running_loop().call_soon(self._pool.engine.handle, call_id, CallbackRefused())


def call_record(
    call_id: str, click: ClickToCall, plan: CallPlan, at: float, disposition: Disposition
) -> CallRecord:
    bridged = disposition is Disposition.BRIDGED

    def leg(role: Any, label: str, since: float) -> LegRecord:
        return LegRecord(
            leg_id=f"{call_id}-{role}", role=role, destination=role, label=label, uri="sip:x@127.0.0.1",
            dialed_at=at - since, ringing_at=at - since + 1, answered_at=at - since + 4,
            joined_at=at - since + 4 if bridged else None, ended_at=at, cause=HangupCause.NORMAL,
            sip_status=None, sip_call_id=None, stats=None,
        )  # fmt: skip

    return CallRecord(
        call_id=call_id, site=click.site, route=plan.route, number=click.number, page=click.page,
        requested_at=at - 40, bridged_at=at - 26 if bridged else None, ended_at=at,
        disposition=disposition, cause=HangupCause.NORMAL,
        legs=(leg("shopper", "shopper", 40), leg("business", "Boston store", 30)),
    )  # fmt: skip


@dataclass
class Server:
    """Everything of a running test server."""

    app: FastAPI
    core: Core
    engine: PaperEngine
    pool: PaperPool
    store: SqlCallStore
    clock: SetClock
    messages: SqlMessageStore
    callbacks: SqlCallbackStore
    deliveries: SqlDeliveryStore
    http: httpx.AsyncClient
    world: World
    #: What other systems are told of screen pops.
    news: list[PopNews]

    async def place(self, number: str = "(617) 555-0123", **changed: Any) -> httpx.Response:
        """Ask for a call from a page of the shop."""
        headers = {"Origin": ORIGIN} | changed.pop("headers", {})
        body = {"site_key": SITE_KEY, "number": number, "country": "US", **changed}
        return await self.http.post("/v1/calls", json=body, headers=headers)


async def _nothing() -> Sequence[Expired]:
    return ()


@dataclass
class World:
    """What the test changes from outside."""

    config: Config
    reload_error: Exception | None = None
    store_error: Exception | None = None
    room: PoolRoom = ROOM
    trunks: dict[str, TrunkState] = field(default_factory=dict)
    conditions: dict[str, TrunkCondition] = field(default_factory=dict)
    asterisks: dict[str, LinkState] = field(default_factory=dict)
    state: ConfigState = LOADED
    waiting: dict[str, int] = field(default_factory=dict)
    on_settings: list[Callable[[], None]] = field(default_factory=list)
    usable: Usable = field(default_factory=Usable)
    beyond_spend: bool = False
    spend: list[SpendStanding] = field(default_factory=list)
    receivers: Receivers = field(default_factory=Receivers)
    expired: Callable[[], Awaitable[Sequence[Expired]]] = _nothing

    #: What the next reload that succeeds has to say.
    reload_report: ReloadReport = field(default_factory=ReloadReport)
    log_levels: list[str] = field(default_factory=list)
    wishes: list[TraceWish] = field(default_factory=list)
    traces: Traces = field(init=False)

    def __post_init__(self) -> None:
        self.traces = Traces(self.wishes.append)

    async def reload(self) -> ReloadReport:
        if self.reload_error:
            raise self.reload_error
        self.state = ConfigState(loaded_at=2.0)
        return self.reload_report

    async def check_store(self) -> None:
        if self.store_error:
            raise self.store_error


async def cancel_callback(store: SqlCallbackStore, secret: str) -> Callback | None:
    """What the desk of callbacks does."""
    callback = await store.callback_by_secret(secret)
    if callback and callback.open:
        callback = replace(callback, state=CallbackState.CANCELLED)
        await store.save_callback(callback)
    return callback


async def resend(store: SqlDeliveryStore, delivery_id: str, now: float) -> Delivery | None:
    """What the outbox does."""
    delivery = await store.delivery(delivery_id)
    if delivery:
        delivery = replace(delivery, tries=0, next_at=now, delivered_at=None, error="")
        await store.save_delivery(delivery)
    return delivery


@asynccontextmanager
async def serving(
    path: Path, config: Config | None = None, *, real_calls: bool = False
) -> AsyncIterator[Server]:
    """The application over a database in ``path``; requests go straight to it, without a network.

    With ``real_calls`` the engine is the real one, over a :class:`PaperPool`.
    """
    world, clock = World(config or settings()), SetClock()
    async with Database(sqlite_url(path / "ringback.sqlite3")) as database:
        store = SqlCallStore(database)
        messages, callbacks = SqlMessageStore(database), SqlCallbackStore(database)
        deliveries = SqlDeliveryStore(database)
        live, tokens, metrics = LiveCalls(), CallTokens(clock), Metrics(CollectorRegistry())
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
            history=CallHistory(store, lambda: world.config),
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
                pool, store, clock, bulletin,
                rota=PlannedRota(), queues=nobody, callbacks=NoCallbacks(pool), mailboxes=nobody,
                pages=page_pushes,
            )  # fmt: skip
            pool.engine = engine
        else:
            engine = PaperEngine(store, clock)
            engine.teller = Teller(live, tokens, metrics)
        sessions = AgentSessions(lambda: world.config, clock, agents.in_call)
        agents.watch(lambda agent, state: sessions.review())
        core = Core(
            config=lambda: world.config,
            engine=engine,
            store=store,
            used_tokens=SqlUsedTokens(database),
            check_store=world.check_store,
            messages=messages,
            callbacks=callbacks,
            people=SqlPeople(database),
            cancel_callback=lambda secret: cancel_callback(callbacks, secret),
            deliveries=deliveries,
            resend=lambda delivery_id: resend(deliveries, delivery_id, clock.time()),
            closed_receivers=lambda: world.receivers.closed(clock.time()),
            resume_receiver=lambda target: world.receivers.resume(target),
            waiting=lambda: world.waiting,
            plan_call=lambda click, call_id: (
                plan_call(click, Router.of(world.config), call_id, directory(), now(), 0.5).plan
            ),
            plan_transfer=lambda click, call_id, to, by: plan_transfer(
                click, to, by, Router.of(world.config), call_id, directory(), now(), 0.5
            ),
            new_call_id=engine.new_call_id,
            usable=lambda: world.usable,
            beyond_spend=lambda site, plan: world.beyond_spend,
            spend=lambda: world.spend,
            expired=lambda: world.expired(),
            clock=clock,
            steady=clock,
            reload=world.reload,
            set_log_level=world.log_levels.append,
            traces=world.traces,
            config_state=lambda: world.state,
            on_settings=world.on_settings.append,
            pool=lambda: world.room,
            trunks=lambda: world.trunks,
            trunk_conditions=lambda: world.conditions,
            asterisks=lambda: world.asterisks,
            live=live,
            tokens=tokens,
            metrics=metrics,
            agents=agents,
            agent_sessions=sessions,
            browser_legs=browser_legs,
            desks=desks,
            page_pushes=page_pushes,
            wrap_ups=SqlWrapUpStore(database),
            screen_pops=screen_pops,
            agent_page=path / "agent-page",
        )
        app = create_app(core)
        transport = httpx.ASGITransport(app, client=("198.51.100.7", 40000))
        async with httpx.AsyncClient(transport=transport, base_url="http://ringback.example") as http:
            yield Server(
                app, core, engine, pool, store, clock, messages, callbacks, deliveries, http, world, news
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


def admin(key: str = ADMIN) -> dict[str, str]:
    """The operator's header."""
    return {"Authorization": f"Bearer {key}"}

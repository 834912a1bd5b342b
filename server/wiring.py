"""The composition root: every part of the core is made here, once, and given what it uses.

Reads as the architecture, from below: ground, media, notifications, decisions, agents, calls, HTTP. A feature
to come is one more group of parts, made by one more function.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from prometheus_client import CollectorRegistry, Counter

from api.access import Access
from api.accounts import agents_of, operators_of
from api.agents.chat_views import DeskViews
from api.agents.chats import AgentChats
from api.app import create_app
from api.audit import AuditTrail
from api.browser_legs import BrowserLegs
from api.operator.chat_metrics import ChatMetrics
from api.operator.lead_metrics import LeadMetrics
from api.operator.metrics import Metrics
from api.operator.view_metrics import ViewMetrics
from api.origins import Origins
from api.placing import CallPlacing
from api.portal_door import PortalDoor
from api.proofs import Proofs
from api.sessions import LoginSessions
from api.shop.chats import ChatDoors
from api.shop.live import LiveCalls
from api.shop.stories import CallStories
from api.tokens import CallTokens
from bridge.bulletin import Bulletin
from bridge.callback import Callback
from calls.callback_desk import CallbackDesk
from calls.engine import Engine
from calls.journal import LegJournal
from calls.queue_memory import QueueMemory
from calls.waiting_room import WaitingRoom
from changes.editor import SettingsEditor
from chats.engine import ChatEngine
from chats.guide import ChatGuide
from config.fields import LogLevel
from config.sections.queues import Queue
from cti.agents import Agents
from cti.asterisk import Asterisks, PlacedMedia
from cti.chat_wrap_ups import ChatWrapUps
from cti.desks import Desks
from cti.owners import Owners
from cti.page_push import PagePushes
from cti.screen_pops import ScreenPops
from media.engines.table import ENGINES
from media.service import MediaService
from notify.mail import SmtpSender
from notify.mailboxes import Mailroom
from notify.outbox import LONGEST_SLEEP, LOOK_AGAIN, Outbox
from notify.screen_pops import PopPoster
from notify.webhooks import WebhookPoster
from routing.load import LoadedRoutes
from server.agent_time import AgentTimeKeeper
from server.answer_books import AnswerBooks
from server.availability import SiteAvailability
from server.call_door import CallDoor
from server.callback_calls import CallbackCalls
from server.chat_calls import ChatCalls
from server.chat_endings import MessageOrCallback
from server.chat_guides import ChatGuides
from server.chat_line import SharedLine, allowance_of
from server.chat_roster import ChatRoster
from server.checks import FURTHER_CHECKS
from server.clock import LoopClock, SteadyClock
from server.condition import NodeCondition
from server.fitness import Fitness
from server.flow_book import FlowBook
from server.free_now import FreeNow
from server.history import ContactHistory, visitor_of
from server.hooks import Hook
from server.http import HttpServer
from server.lead_parts import LeadParts, make_lead_parts
from server.logs import set_log_level
from server.owned import OwnedParts
from server.planner import Planner
from server.publishing import ChangePublisher
from server.recordings import RecordingKeeper
from server.reporting import CallCounter
from server.retention import RetentionSweep
from server.rooms import (
    BoardSources,
    agents_room,
    chat_room,
    operator_room,
    page_room,
    portal_room,
    shop_room,
)
from server.roster import Roster
from server.settings import CurrentSettings
from server.spending import CappedMedia, Spending
from server.view_parts import ViewParts
from server.visit_keeping import VisitParts
from store.address import url_of
from store.database import Database
from store.lives import this_machine
from store.stores import Stores
from web import built


@dataclass(frozen=True, slots=True)
class Ground:
    """What all parts stand on."""

    settings: CurrentSettings
    clock: LoopClock
    #: Tells how long something lasts, and what pages count from; nobody sets it.
    steady: SteadyClock
    stores: Stores
    #: Of each call, for its page.
    tokens: CallTokens
    #: Tells facts of calls to its subscribers.
    bulletin: Bulletin
    registry: CollectorRegistry
    calls: CallDoor


def lay_ground(loop: asyncio.AbstractEventLoop, loaded: LoadedRoutes) -> Ground:
    """The settings, the clocks, the database, and the ways in which parts hear of calls."""
    settings = CurrentSettings(loaded)
    server = loaded.config.server
    node = server.node or this_machine()
    database = Database(url_of(server.database, server.database_password), node)
    steady = SteadyClock(loop)
    return Ground(
        settings=settings,
        clock=LoopClock(loop),
        steady=steady,
        stores=Stores.over(database, lambda click: visitor_of(click, settings.config())),
        tokens=CallTokens(steady),
        bulletin=Bulletin(),
        registry=CollectorRegistry(),
        calls=CallDoor(),
    )


@dataclass(frozen=True, slots=True)
class MediaParts:
    """What carries legs."""

    pool: MediaService
    fitness: Fitness
    #: ``signalled(leg_id, message)``: what the worker of a leg in a browser says to its page.
    signalled: Hook[str, str]

    def set_log_level(self, level: LogLevel) -> None:
        """Write log lines from this level on, in all processes."""
        set_log_level(level)
        self.pool.set_log_level(level)


def make_media(ground: Ground, reactor: Any) -> MediaParts:
    """The pool of workers, and what the host lacks."""
    config, signalled = ground.settings.config(), Hook[str, str]()
    pool = MediaService(
        reactor,
        ground.calls.handle,
        signalled=signalled,
        engine=replace(ENGINES[config.media.engine], traits=config.media.traits),
        dialogs=config.server.own_file(".dialogs"),
        folder=config.server.own_file(".media"),
        keepsake=ground.tokens.keepsake,
    )
    fitness = Fitness(ground.settings.config)
    ground.registry.register(fitness)
    return MediaParts(pool, fitness, signalled)


@dataclass(frozen=True, slots=True)
class Notifications:
    """What tells others, by mail and webhook."""

    posting: WebhookPoster
    outbox: Outbox
    #: What one node at a time runs.
    owned: OwnedParts
    pop_poster: PopPoster
    mailroom: Mailroom


def make_notifications(ground: Ground) -> Notifications:
    """The outbox, and what puts mails and webhooks into it."""
    config, clock, stores = ground.settings.config, ground.clock, ground.stores
    posting = WebhookPoster(clock.time)
    # What other nodes put into the outbox is found by looking.
    look = LONGEST_SLEEP if stores.database.is_alone else LOOK_AGAIN
    outbox = Outbox(stores.deliveries, config, clock, SmtpSender(), posting, longest_sleep=look)
    return Notifications(
        posting=posting,
        outbox=outbox,
        owned=OwnedParts({"outbox": outbox}, None if stores.database.is_alone else stores.leases),
        pop_poster=PopPoster(outbox, config),
        mailroom=Mailroom(stores.messages, stores.deliveries, outbox, config, clock),
    )


@dataclass(frozen=True, slots=True)
class Decisions:
    """What decides who is rung, and which calls wait for them."""

    agents: Agents
    owners: Owners
    roster: Roster
    planner: Planner
    waiting_room: WaitingRoom
    free_now: FreeNow
    line: SharedLine


def make_decisions(ground: Ground, media: MediaParts) -> Decisions:
    """Who is there and free, the planner that asks them, and the waiting room that gives turns to calls."""
    config, bulletin, freed = ground.settings.config, ground.bulletin, Hook[[]]()
    owners, roster, chat_roster = Owners(config), Roster(), ChatRoster()
    agents = Agents(
        freed,
        owners.of,
        bulletin.announce,
        lambda agent: allowance_of(agent, config()),
        lambda agent: config().desk_of(agent).wrap_up,
    )
    free_now = FreeNow(
        config=config,
        roster=roster,
        agents=agents,
        fitness=media.fitness,
        waiting=lambda queue: waiting_room.waiting(queue),
        chat_roster=chat_roster,
    )
    planner = Planner(
        ground.settings.router, free_now.directory, roster, agents, ground.clock, free_now.chat_directory
    )
    line = SharedLine(ground.calls, planner, chat_roster)
    waiting_room = WaitingRoom(
        line.handle,
        ground.steady,
        lambda queue: config().queues.get(queue, Queue()),
        line.turn_steps,
        line.crew,
    )
    freed.listen(waiting_room.look)
    for subscriber in (agents, roster, chat_roster, waiting_room):
        bulletin.subscribe(subscriber)
    return Decisions(agents, owners, roster, planner, waiting_room, free_now, line)


@dataclass(frozen=True, slots=True)
class AgentParts:
    """What agents have: their log-ins, desks, pops, phones."""

    sessions: LoginSessions
    desks: Desks
    page_pushes: PagePushes
    pops: ScreenPops
    browser_legs: BrowserLegs
    asterisks: Asterisks
    chat_wrap_ups: ChatWrapUps
    history: ContactHistory
    time_keeper: AgentTimeKeeper


def make_agents(
    ground: Ground, media: MediaParts, notifications: Notifications, decisions: Decisions, reactor: Any
) -> AgentParts:
    """Everything on an agent's page, and the PBXs that tell of agents' phones."""
    config, steady, calls, bulletin = ground.settings.config, ground.steady, ground.calls, ground.bulletin
    agents = decisions.agents
    # Agents who have to log in again after their call are not rung before.
    sessions = LoginSessions(
        agents_of(config), steady, agents.in_call, lambda agent: agents.choose(agent, "away")
    )
    agents.watch(lambda agent, state: sessions.review())
    desks = Desks(
        agents=agents,
        owner=decisions.owners.of,
        click=calls.click,
        config=config,
        clock=steady,
        settle=bulletin.settle,
    )
    page_pushes = PagePushes(handle=calls.handle, click=calls.click, config=config, clock=steady)
    history = ContactHistory(ground.stores.calls, ground.stores.chats, config)
    pops = ScreenPops(
        click=calls.click,
        config=config,
        place=decisions.planner.place,
        history=history,
        agents=agents,
        clock=steady,
        tell=notifications.pop_poster.tell,
    )
    browser_legs = BrowserLegs(
        signal=media.pool.signal,
        handle=calls.handle,
        shown=pops.pop,
        config=config,
        agents=agents,
        clock=steady,
        wall=ground.clock.time,
        announce=bulletin.announce,
    )
    media.signalled.listen(browser_legs.signalled)
    asterisks = Asterisks(
        click=calls.click,
        handle=calls.handle,
        perform=media.pool.perform,
        pops=pops,
        agents=agents,
        desks=desks,
        reactor=reactor,
        clock=steady,
    )
    chat_wrap_ups = ChatWrapUps(agents, lambda agent: config().desk_of(agent).wrap_up, steady)
    time_keeper = AgentTimeKeeper(agents, ground.stores.agent_time, ground.clock)
    for subscriber in (desks, page_pushes, pops, browser_legs, asterisks, chat_wrap_ups, time_keeper):
        bulletin.subscribe(subscriber)
    return AgentParts(
        sessions, desks, page_pushes, pops, browser_legs, asterisks, chat_wrap_ups, history, time_keeper
    )


@dataclass(frozen=True, slots=True)
class CallParts:
    """What runs the calls, and keeps them."""

    engine: Engine
    placing: CallPlacing
    callbacks: CallbackDesk
    spending: Spending
    retention: RetentionSweep
    counter: CallCounter
    journal: LegJournal
    recordings: RecordingKeeper
    queue_memory: QueueMemory
    #: Who hears of callbacks that were given up, besides mailboxes.
    given_up: list[Callable[[Callback], Awaitable[None]]]


def make_calls(
    ground: Ground, media: MediaParts, notifications: Notifications, decisions: Decisions, agents: AgentParts
) -> CallParts:
    """The engine, the callback desk, what a day may cost, and what is written down."""
    config, calls, stores, planner = ground.settings.config, ground.calls, ground.stores, decisions.planner
    hearers: list[Callable[[Callback], Awaitable[None]]] = []
    spending = Spending(
        config=config,
        click=calls.click,
        store=stores.spend,
        tell=notifications.outbox.add,
        clock=ground.steady,
    )
    ground.registry.register(spending)
    callback_calls = CallbackCalls(
        config=config, calls=calls, store=stores.calls, planner=planner, spending=spending
    )

    async def given_up(callback: Callback) -> None:
        await notifications.mailroom.callback_given_up(callback)
        for hear in hearers:
            await hear(callback)

    callbacks = CallbackDesk(
        handle=calls.handle,
        clock=ground.clock,
        store=stores.callbacks,
        hours=planner.callback_hours,
        home=planner.home,
        language=planner.language,
        new_call_id=Engine.new_call_id,
        place=callback_calls.place,
        hang_up=calls.cancel,
        on_given_up=given_up,
    )
    counter = CallCounter(stores.reports, config)
    agents.desks.watch_wrap_ups(counter.wrapped_up)
    journal = LegJournal(stores.calls, ground.clock, calls.behind)
    recordings = RecordingKeeper(
        store=stores.recordings,
        config=config,
        site_of=lambda call_id: click.site if (click := calls.click(call_id)) else "",
        clock=ground.clock,
        registry=ground.registry,
    )
    for subscriber in (spending, callbacks, journal, counter, recordings):
        ground.bulletin.subscribe(subscriber)
    engine = Engine(
        CappedMedia(PlacedMedia(media.pool, agents.asterisks.places), spending, calls.handle),
        stores.calls,
        ground.steady,
        ground.bulletin,
        rota=planner,
        queues=decisions.waiting_room,
        callbacks=callbacks,
        mailboxes=notifications.mailroom,
        pages=agents.page_pushes,
        keeper=media.pool,
        wall=ground.clock.time,
    )
    calls.open(engine)
    return CallParts(
        engine=engine,
        placing=CallPlacing(
            clock=ground.clock,
            engine=engine,
            counts=stores.calls,
            plan=planner.plan_call,
            beyond_spend=spending.refuses_call,
        ),
        callbacks=callbacks,
        spending=spending,
        retention=RetentionSweep(stores.retention, config, ground.clock),
        counter=counter,
        journal=journal,
        recordings=recordings,
        queue_memory=QueueMemory(decisions.waiting_room, stores.queues, ground.clock),
        given_up=hearers,
    )


def make_changes(ground: Ground) -> ChangePublisher:
    """What operators do with the settings, and what waits for its time."""
    settings = ground.settings
    editor = SettingsEditor(
        loaded=settings.loaded,
        reload=settings.reload,
        store=ground.stores.changes,
        time=ground.clock.time,
        further=FURTHER_CHECKS,
    )
    return ChangePublisher(editor)


def make_visits(ground: Ground) -> VisitParts:
    """What follows the visitors of shops' pages."""
    return VisitParts.over(ground.stores.visits, ground.clock)


@dataclass(frozen=True, slots=True)
class ChatParts:
    """What runs the chats, and takes what shoppers leave while nobody has time for them."""

    engine: ChatEngine
    endings: MessageOrCallback
    guide: ChatGuide
    calls: ChatCalls


def make_chats(
    ground: Ground, notifications: Notifications, decisions: Decisions, calls: CallParts
) -> ChatParts:
    """The engine of chats, in one line with the calls."""
    stores, line = ground.stores, decisions.line
    engine = ChatEngine(
        stores.chats,
        ground.steady,
        ground.bulletin,
        decisions.waiting_room,
        plan=decisions.line.plan,
        anybody_there=lambda click: bool(line.chat_crew(click)),
    )
    line.open(engine)
    endings = MessageOrCallback(
        config=ground.settings.config,
        clock=ground.clock,
        engine=engine,
        store=stores.chats,
        tell=notifications.outbox.add,
        promise=calls.callbacks.promise,
    )
    chat_calls = ChatCalls(
        config=ground.settings.config,
        engine=engine,
        agents=decisions.agents,
        store=stores.chats,
        doors=ChatDoors(stores.chats),
        settle=ground.bulletin.settle,
    )
    decisions.planner.first_agent = chat_calls.first_agent
    ground.bulletin.subscribe(chat_calls)
    guide = _make_guide(ground, decisions, calls, engine, endings)
    return ChatParts(engine, endings, guide, chat_calls)


def _make_guide(
    ground: Ground,
    decisions: Decisions,
    calls: CallParts,
    chats: ChatEngine,
    endings: MessageOrCallback,
) -> ChatGuide:
    """What asks the questions of guided chats, and goes where they lead."""
    settings = ground.settings
    flows = FlowBook(settings.config)
    settings.changed.listen(flows.settings_changed)
    ways = ChatGuides(
        router=settings.router,
        directory=decisions.free_now.directory,
        clock=ground.clock,
        chats=chats,
        endings=endings,
        new_call_id=calls.engine.new_call_id,
        placing=calls.placing,
        crew=decisions.line.chat_crew,
    )
    ground.bulletin.subscribe(ways)
    questions = Counter(
        "ringback_flow_questions",
        "What became of the questions of guided chats.",
        ["flow", "question", "how"],
        registry=ground.registry,
    )
    guide = ChatGuide(
        engine=chats,
        store=ground.stores.flows,
        flow_of=flows.flow,
        world=ways.world,
        go=ways.go,
        talk=ways.talk,
        count=lambda *labels: questions.labels(*labels).inc(),
    )
    chats.watch(guide)
    return guide


def make_leads(
    ground: Ground, notifications: Notifications, decisions: Decisions, calls: CallParts, chats: ChatParts
) -> LeadParts:
    """What follows up shoppers nobody served."""
    parts = make_lead_parts(
        router=ground.settings.router,
        clock=ground.clock,
        stores=ground.stores,
        outbox=notifications.outbox,
        agents=decisions.agents,
        owner=decisions.owners.of,
        click=ground.calls.click,
        is_callback=calls.callbacks.is_try,
        callbacks=calls.callbacks,
        settle=ground.bulletin.settle,
        chats=chats.engine,
        calls=ground.calls,
        new_call_id=calls.engine.new_call_id,
        plan=decisions.planner.plan_follow_up,
        refuses=calls.spending.refuses_call,
    )
    ground.bulletin.subscribe(parts.of_calls)
    ground.bulletin.subscribe(parts.of_chats)
    calls.given_up.append(parts.callback_given_up)
    chats.endings.left_message = parts.of_chats.left_message
    chats.guide.left = parts.of_chats.left_flow
    ground.settings.changed.listen(parts.desk.settings_changed)
    ground.registry.register(LeadMetrics(parts.desk, ground.settings.config, ground.clock))
    return parts


def make_views(ground: Ground, decisions: Decisions, agents: AgentParts, chats: ChatParts) -> ViewParts:
    """What runs the shared views of shoppers' pages."""
    parts = ViewParts.over(
        config=ground.settings.config,
        steady=ground.steady,
        wall=ground.clock,
        agents=decisions.agents,
        desks=agents.desks,
        chats=chats.engine,
        store=ground.stores.views,
        counts=ViewMetrics(ground.registry),
        bulletins=[ground.bulletin],
    )
    ground.settings.changed.listen(parts.settings_changed)
    return parts


def make_http(
    ground: Ground,
    media: MediaParts,
    notifications: Notifications,
    decisions: Decisions,
    agents: AgentParts,
    calls: CallParts,
    chats: ChatParts,
    visits: VisitParts,
    changes: ChangePublisher,
    leads: LeadParts,
    views: ViewParts,
    bound: socket.socket,
) -> HttpServer:
    """The application with its rooms, served on a bound socket."""
    settings, stores, engine = ground.settings, ground.stores, calls.engine
    config, clock, steady = settings.config, ground.clock, ground.steady
    live, tokens = LiveCalls(), ground.tokens
    metrics = Metrics(ground.registry, stores.database.errors)
    for subscriber in (live, tokens, metrics, ChatMetrics(ground.registry)):
        ground.bulletin.subscribe(subscriber)
    stories = CallStories(engine, stores.calls, stores.callbacks)
    audit, origins, proofs = AuditTrail(config), Origins(config), Proofs()
    door = PortalDoor(config=config, sessions=LoginSessions(operators_of(config), steady), audit=audit)
    settings.changed.listen(door.sessions.review)
    access = Access(config=config, tokens=tokens, site_of=stories.site_of, audit=audit, portal=door)
    shop = shop_room(
        config=config,
        clock=clock,
        engine=engine,
        stores=stores,
        stories=stories,
        placing=calls.placing,
        refused=metrics.refused,
        cancel_callback=calls.callbacks.cancel,
        tokens=tokens,
        legs=agents.browser_legs,
        steady=steady,
        live=live,
        page_pushes=agents.page_pushes,
        access=access,
        origins=origins,
        proofs=proofs,
        placed=visits.placed,
        chats=chats.calls,
        leads=leads,
        views=views,
    )
    answers = AnswerBooks(config)
    settings.changed.listen(answers.settings_changed)
    page = page_room(
        config=config,
        clock=clock,
        stores=stores,
        builds=(built("page"), built("widget")),
        proofs=proofs,
        answers=answers.book,
        engagement=visits.engagement,
        visitors=visits.keeper,
        standing=SiteAvailability(
            router=settings.router,
            directory=decisions.free_now.directory,
            chat_directory=decisions.free_now.chat_directory,
            wait=decisions.waiting_room.expected_wait,
            draining=lambda: engine.draining,
            clock=clock,
        ).now,
        place=decisions.planner.place,
        registry=ground.registry,
        bought=leads.bought,
    )
    of_agents = agents_room(
        config=config,
        clock=clock,
        agents=decisions.agents,
        sessions=agents.sessions,
        audit=audit,
        page=built("agent"),
        steady=steady,
        engine=engine,
        plan_transfer=decisions.planner.plan_transfer,
        stores=stores,
        desks=agents.desks,
        page_pushes=agents.page_pushes,
        screen_pops=agents.pops,
        legs=agents.browser_legs,
        on_settings=settings.changed.listen,
        chats=AgentChats(
            config=config,
            steady=steady,
            engine=chats.engine,
            store=stores.chats,
            agents=decisions.agents,
            views=DeskViews(chats.engine, config, decisions.planner.place),
            wrap_ups=agents.chat_wrap_ups,
            history=agents.history,
        ),
        leads=leads,
        views=views,
    )
    of_chats = chat_room(
        proofs=proofs,
        config=config,
        clock=clock,
        steady=steady,
        engine=chats.engine,
        stores=stores,
        endings=chats.endings,
        plan=decisions.line.plan,
        refused=metrics.refused,
        origins=origins,
        guide=chats.guide,
        tell=notifications.outbox.add,
        views=views,
    )
    portal = portal_room(
        config=config,
        clock=clock,
        door=door,
        stores=stores,
        audit=audit,
        page=built("portal"),
        board=BoardSources(
            agents=decisions.agents,
            queues=decisions.waiting_room.snapshot,
            calls=engine.live,
            chats=lambda: chats.engine.live,
        ),
        editor=changes.editor,
        router=settings.router,
        leads=leads,
    )
    operator = operator_room(
        config=config,
        settings=settings,
        set_log_level=media.set_log_level,
        engine=engine,
        stores=stores,
        condition=NodeCondition(
            media.pool, media.fitness, stores.calls, decisions.waiting_room, agents.asterisks
        ),
        outbox=notifications.outbox,
        agents=decisions.agents,
        sessions=agents.sessions,
        traces=media.pool.traces,
        registry=ground.registry,
        cancel_callback=calls.callbacks.cancel,
        expired=calls.retention.expired,
        rebuild_reports=calls.counter.rebuild,
        spend=calls.spending.standings,
        answers=answers.book,
        forget_visitors=visits.forget,
        access=access,
        audit=audit,
        leads=leads,
        clock=clock,
    )
    app = create_app(
        [*page, *shop, *of_chats, *of_agents, *portal, *operator],
        access=access,
        origins=origins,
        requested=metrics.requested,
    )
    return HttpServer(app, bound, lambda: config().server, lambda problem: metrics.refused(None, problem.id))

"""What the agents of a test server have: desks, pops, legs in browsers; over the engine that a test wants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from api.accounts import agents_of
from api.browser_legs import BrowserLegs
from api.sessions import LoginSessions
from bridge.bulletin import Bulletin, Subscriber
from bridge.events import Event
from calls.engine import Engine
from cti.agents import Agents
from cti.desks import Desks
from cti.owners import Owners
from cti.page_push import PagePushes
from cti.screen_pops import PopNews, ScreenPops
from routing.decide import plan_call
from routing.directory import Directory
from routing.places import Place
from routing.plan import CallPlan, ClickToCall, PlannedStep
from routing.router import Router
from routing.transfers import plan_transfer
from server.chat_line import allowance_of
from server.history import ContactHistory
from store.stores import Stores
from tests.api.chat_office import ChatOffice
from tests.api.paper import NoCallbacks, PaperEngine, PaperPool, PlannedRota
from tests.api.world import World
from tests.bridge.told import Teller


@dataclass
class Office:
    """The agents' side of a server, with the engine that its parts move."""

    world: World
    stores: Stores
    pool: PaperPool
    bulletin: Bulletin
    agents: Agents
    sessions: LoginSessions
    desks: Desks
    page_pushes: PagePushes
    screen_pops: ScreenPops
    legs: BrowserLegs
    calls: EngineToCome
    #: What other systems are told of screen pops.
    news: list[PopNews]
    chats: ChatOffice

    @classmethod
    def over(cls, world: World, stores: Stores) -> Office:
        """An office whose engine is made by one of the methods below."""
        clock, config, calls = world.clock, world.settings, EngineToCome()
        pool, bulletin, news = PaperPool(), Bulletin(), list[PopNews]()
        freed = list[Callable[[], None]]()

        def somebody_is_free() -> None:
            for look in freed:
                look()

        agents = Agents(
            somebody_is_free,
            announce=bulletin.announce,
            allowance=lambda agent: allowance_of(agent, config()),
            wrap_up=lambda agent: config().desk_of(agent).wrap_up,
        )
        sessions = LoginSessions(agents_of(config), clock, agents.in_call)
        agents.watch(lambda agent, state: sessions.review())
        screen_pops = ScreenPops(
            click=calls.click_of_a_real_call,
            config=config,
            place=lambda click: Place(area="Boston", region="MA", country="US"),
            history=ContactHistory(stores.calls, stores.chats, config),
            agents=agents,
            clock=clock,
            tell=news.append,
        )
        return cls(
            world=world,
            stores=stores,
            pool=pool,
            bulletin=bulletin,
            agents=agents,
            sessions=sessions,
            desks=Desks(
                agents=agents,
                owner=Owners(config).of,
                click=calls.click,
                config=config,
                clock=clock,
                settle=bulletin.settle,
            ),
            page_pushes=PagePushes(handle=calls.handle, click=calls.click, config=config, clock=clock),
            screen_pops=screen_pops,
            legs=BrowserLegs(
                signal=pool.signal,
                handle=calls.handle,
                shown=screen_pops.pop,
                config=config,
                agents=agents,
                clock=clock,
                wall=clock.time,
                announce=bulletin.announce,
            ),
            calls=calls,
            news=news,
            chats=ChatOffice.over(config, clock, stores, agents, freed),
        )

    def real_engine(self, *subscribers: Subscriber) -> Any:
        """The real engine, over media on paper."""
        nobody: Any = None  # these routes have no queue, and no mailbox except for phones
        for subscriber in (
            *subscribers, self.agents, self.screen_pops, self.desks, self.page_pushes, self.legs,
            self.chats.to_call,
        ):  # fmt: skip
            self.bulletin.subscribe(subscriber)
        engine = Engine(
            self.pool,
            self.stores.calls,
            self.world.clock,
            self.bulletin,
            rota=PlannedRota(),
            queues=nobody,
            callbacks=NoCallbacks(self.pool),
            mailboxes=nobody,
            pages=self.page_pushes,
        )
        self.pool.engine = self.calls.engine = engine
        return engine

    def paper_engine(self, *subscribers: Subscriber) -> PaperEngine:
        """Calls on paper, which go where the test moves them."""
        engine = self.calls.engine = PaperEngine(self.stores.calls, self.world.clock)
        engine.teller = Teller(*subscribers)
        return engine

    def plan_call(self, click: ClickToCall, call_id: str) -> CallPlan:
        return plan_call(
            click, Router.of(self.world.config), call_id, self._directory(), self._now(), 0.5
        ).plan

    def plan_transfer(self, click: ClickToCall, call_id: str, to: str, by: str) -> tuple[PlannedStep, ...]:
        router = Router.of(self.world.config)
        return plan_transfer(click, to, by, router, call_id, self._directory(), self._now(), 0.5)

    def _directory(self) -> Directory:
        states = {f"agent:{name}": self.agents.state(name) for name in self.world.config.agents}
        return Directory(agents=states)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.world.clock.time(), UTC)


class EngineToCome:
    """The engine, for the parts that it is made of."""

    def __init__(self) -> None:
        self.engine: Any = None

    def handle(self, call_id: str, event: Event) -> None:
        self.engine.handle(call_id, event)

    def click(self, call_id: str) -> ClickToCall | None:
        return self.engine.click(call_id)  # type: ignore[no-any-return]

    def click_of_a_real_call(self, call_id: str) -> ClickToCall | None:
        """Calls on paper have no screen pops."""
        return self.click(call_id) if isinstance(self.engine, Engine) else None

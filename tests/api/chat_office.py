"""The chats of a test server: the real engine, in the real line, over the test's database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.agents.chat_views import DeskViews
from api.agents.chats import AgentChats
from api.placing import CallPlacing
from api.shop.chats import ChatDoors
from bridge.bulletin import Bulletin, Interest, at_once, on
from bridge.events import CallbackBooked, CallbackEvent
from calls.waiting_room import WaitingRoom
from chat.facts import ChatOffered
from chats.engine import ChatEngine
from chats.guide import ChatGuide
from config.models import Config
from config.sections.queues import Queue
from cti.agents import Agents
from cti.chat_wrap_ups import ChatWrapUps
from notify.delivery import Delivery
from routing.directory import Directory
from routing.places import Place
from routing.plan import CallPlan, ClickToCall
from routing.router import Router
from server.call_door import CallDoor
from server.chat_calls import ChatCalls
from server.chat_endings import MessageOrCallback
from server.chat_guides import ChatGuides
from server.chat_line import SharedLine
from server.chat_roster import ChatRoster
from server.flow_book import FlowBook
from server.free_now import FreeNow
from server.history import ContactHistory
from server.planner import Planner
from server.roster import Roster
from store.stores import Stores


class PlacedCalls:
    """Takes the calls that guided chats lead to; with a ``refusal``, none."""

    def __init__(self) -> None:
        self.placed: list[tuple[str, ClickToCall]] = []
        self.refusal: Exception | None = None

    def new_call_id(self) -> str:
        return f"call{len(self.placed)}"

    async def place(self, plan: CallPlan, click: ClickToCall, call_id: str) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.placed.append((call_id, click))

    def live_calls(self, site: str) -> int:
        return 0


class Offered:
    """Which chats were offered, in order."""

    def __init__(self) -> None:
        self.chats: list[str] = []

    def interests(self) -> tuple[Interest, ...]:
        return (on(ChatOffered, lambda fact: self.chats.append(fact.chat_id)),)


@dataclass
class ChatOffice:
    """Chats of a server, and what became of shoppers that no agent served."""

    engine: ChatEngine
    line: SharedLine
    desks: AgentChats
    endings: MessageOrCallback
    waiting_room: WaitingRoom
    guide: ChatGuide
    ways: ChatGuides
    calls: PlacedCalls
    to_call: ChatCalls
    planner: Planner
    bulletin: Bulletin
    mails: list[Delivery] = field(default_factory=list)
    promised: list[tuple[str, ClickToCall, str]] = field(default_factory=list)
    #: The chats that were offered, in order.
    offered: list[str] = field(default_factory=list)

    async def tell(self, deliveries: Sequence[Delivery]) -> None:
        """As the outbox."""
        self.mails.extend(deliveries)

    @classmethod
    def over(
        cls, config: Callable[[], Config], clock: Any, stores: Stores, agents: Agents, freed: list[Any]
    ) -> ChatOffice:
        """``freed`` gets what is to be called when somebody is free."""
        bulletin, roster = Bulletin(), ChatRoster()
        fitness: Any = None  # only calls ask what the host can do
        free_now = FreeNow(
            config=config,
            roster=Roster(),
            agents=agents,
            fitness=fitness,
            waiting=lambda queue: 0,
            chat_roster=roster,
        )
        made: list[tuple[Config, Router]] = []

        def router() -> Router:
            """Today's: it takes longer to make than whatever is asked of it."""
            if not made or made[-1][0] is not config():
                made.append((config(), Router.of(config())))
            return made[-1][1]

        planner = Planner(
            router, lambda call_id: Directory(), Roster(), agents, clock,
            free_now.chat_directory,
        )  # fmt: skip
        line = SharedLine(CallDoor(), planner, roster)
        room = WaitingRoom(
            line.handle, clock, lambda queue: config().queues.get(queue, Queue()), line.turn_steps, line.crew
        )
        freed.append(room.look)
        offered = Offered()
        wrap_ups = ChatWrapUps(agents, lambda agent: config().desk_of(agent).wrap_up, clock)
        for subscriber in (agents, roster, room, offered, wrap_ups):
            bulletin.subscribe(subscriber)
        engine = ChatEngine(
            stores.chats,
            clock,
            bulletin,
            room,
            plan=line.plan,
            anybody_there=lambda click: bool(line.chat_crew(click)),
        )
        line.open(engine)
        place = Place(area="Boston", region="MA", country="US")
        desks = AgentChats(
            config=config,
            steady=clock,
            engine=engine,
            store=stores.chats,
            agents=agents,
            views=DeskViews(engine, config, lambda click: place),
            wrap_ups=wrap_ups,
            history=ContactHistory(stores.calls, stores.chats, config),
        )
        mails, promised = list[Delivery](), list[tuple[str, ClickToCall, str]]()

        async def tell(deliveries: Sequence[Delivery]) -> None:
            mails.extend(deliveries)

        async def promise(chat_id: str, click: ClickToCall, terms: str) -> CallbackEvent:
            promised.append((chat_id, click, terms))
            return CallbackBooked(clock.time() + 600.0, "in ten minutes")

        endings = MessageOrCallback(
            config=config, clock=clock, engine=engine, store=stores.chats, tell=tell, promise=promise
        )
        calls = PlacedCalls()
        ways = ChatGuides(
            router=router,
            directory=Directory,
            clock=clock,
            chats=engine,
            endings=endings,
            new_call_id=calls.new_call_id,
            placing=CallPlacing(
                clock=clock,
                engine=calls,
                counts=stores.calls,
                plan=planner.plan_call,
                beyond_spend=lambda site, plan: False,
            ),
            crew=line.chat_crew,
        )
        bulletin.subscribe(ways)
        guide = ChatGuide(
            engine=engine,
            store=stores.flows,
            flow_of=FlowBook(config).flow,
            world=ways.world,
            go=ways.go,
            talk=ways.talk,
            count=lambda *labels: None,
        )
        engine.watch(guide)
        to_call = ChatCalls(
            config=config,
            engine=engine,
            agents=agents,
            store=stores.chats,
            doors=ChatDoors(stores.chats),
            settle=at_once,
        )
        planner.first_agent = to_call.first_agent
        return cls(
            engine, line, desks, endings, room, guide, ways, calls, to_call, planner, bulletin, mails,
            promised, offered.chats,
        )  # fmt: skip

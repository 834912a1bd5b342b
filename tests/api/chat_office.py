"""The chats of a test server: the real engine, in the real line, over the test's database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.agents.chat_views import DeskViews
from api.agents.chats import AgentChats
from bridge.bulletin import Bulletin, Interest, on
from bridge.events import CallbackBooked, CallbackEvent
from calls.waiting_room import WaitingRoom
from chat.facts import ChatOffered
from chats.engine import ChatEngine
from config.models import Config
from config.sections.queues import Queue
from cti.agents import Agents
from notify.delivery import Delivery
from routing.directory import Directory
from routing.places import Place
from routing.plan import ClickToCall
from routing.router import Router
from server.call_door import CallDoor
from server.chat_endings import MessageOrCallback
from server.chat_line import SharedLine
from server.chat_roster import ChatRoster
from server.free_now import FreeNow
from server.planner import Planner
from server.roster import Roster
from store.stores import Stores


class Offered:
    """Which chats were offered, in order."""

    def __init__(self) -> None:
        self.chats: list[str] = []

    def interests(self) -> tuple[Interest, ...]:
        return (on(ChatOffered, lambda fact: self.chats.append(fact.chat_id)),)


@dataclass
class ChatOffice:
    """Chats of a server, and what became of those whom nobody served."""

    engine: ChatEngine
    line: SharedLine
    desks: AgentChats
    endings: MessageOrCallback
    waiting_room: WaitingRoom
    mails: list[Delivery] = field(default_factory=list)
    promised: list[tuple[str, ClickToCall, str]] = field(default_factory=list)
    #: The chats that were offered, in order.
    offered: list[str] = field(default_factory=list)

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
        for subscriber in (agents, roster, room, offered):
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
        return cls(engine, line, desks, endings, room, mails, promised, offered.chats)

"""What runs the shared views of a server, and what it follows: who has which call or chat."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Self

from bridge.bulletin import Bulletin, Interest, on
from bridge.protocols import Clock
from chat.capacity import weight_of
from chat.facts import ChatFact, ChatOver, ChatReleased, ChatTaken
from chat.states import ChatState
from chats.engine import ChatEngine, is_chat
from chats.guide import LANGUAGE
from config.models import Config
from cti.agents import Agents
from cti.desks import Desks
from views.acting import ViewActions
from views.audience import ViewCounts, ViewStore, ViewTalk
from views.board import ViewBoards
from views.engine import SharedViews
from views.keeper import ViewKeeper
from views.picture import Pictures
from views.watching import ViewWatchers


class ViewTalks:
    """:class:`views.audience.TalkBook` over the agents' desks and the chats."""

    def __init__(self, config: Callable[[], Config], agents: Agents, desks: Desks, chats: ChatEngine) -> None:
        self._config = config
        self._agents = agents
        self._desks = desks
        self._chats = chats

    def talk(self, talk_id: str) -> ViewTalk | None:
        """A call or a chat that an agent has now."""
        if is_chat(talk_id):
            return self._chat(talk_id)
        call = self._desks.talking(talk_id)
        if call is None or call.state != "talking":
            return None
        return ViewTalk(talk_id, "calls", call.site, call.agent, self._tongue(call.site))

    def weighs(self, talk: ViewTalk, *, shares_view: bool) -> None:
        """A chat takes the room of two meanwhile; a call takes all that there is anyway."""
        if talk.channel == "chats":
            self._agents.chat_weighs(talk.agent, talk.talk_id, weight_of(shares_view=shares_view))

    def _chat(self, chat_id: str) -> ViewTalk | None:
        standing, opening = self._chats.standing(chat_id), self._chats.opening(chat_id)
        if standing is None or opening is None or standing.agent is None:
            return None
        if standing.state is ChatState.ENDED:
            return None
        spoken = opening.context.get(LANGUAGE, "").partition("-")[0]
        language = spoken or self._tongue(opening.site)
        return ViewTalk(chat_id, "chats", opening.site, standing.agent, language)

    def _tongue(self, site: str) -> str:
        known = self._config().sites.get(site)
        return known.tongue if known else "en"


class ViewsOfChats:
    """Ends the views of chats that are over or passed on; a :class:`bridge.bulletin.Subscriber`."""

    def __init__(self, views: SharedViews, later: Callable[[Callable[[], None]], None]) -> None:
        self._views = views
        self._later = later

    def interests(self) -> Iterable[Interest]:
        """Whose a chat is."""
        return tuple(on(kind, self._moved) for kind in (ChatTaken, ChatReleased, ChatOver))

    def _moved(self, fact: ChatFact) -> None:
        self._later(lambda: self._views.talk_moved(fact.chat_id))


@dataclass(frozen=True, slots=True)
class ViewParts:
    """All that shared views are made of."""

    views: SharedViews
    pictures: Pictures
    actions: ViewActions
    watchers: ViewWatchers
    boards: ViewBoards
    keeper: ViewKeeper

    @classmethod
    def over(
        cls,
        *,
        config: Callable[[], Config],
        steady: Clock,
        wall: Clock,
        agents: Agents,
        desks: Desks,
        chats: ChatEngine,
        store: ViewStore,
        counts: ViewCounts,
        bulletins: Iterable[Bulletin],
    ) -> Self:
        """The parts, following desks and chats. ``bulletins`` tell of chats."""
        keeper = ViewKeeper(store, wall.time)
        views = SharedViews(
            config=config,
            clock=steady,
            talks=ViewTalks(config, agents, desks, chats),
            keeper=keeper,
            counts=counts,
        )
        desks.watch(lambda call: views.talk_moved(call.call_id))
        for bulletin in bulletins:
            bulletin.subscribe(ViewsOfChats(views, bulletin.announce))
        actions = ViewActions(views, config)
        return cls(views, Pictures(views), actions, ViewWatchers(views), ViewBoards(views), keeper)

    def settings_changed(self) -> None:
        """Have views that run go by the settings of now: sites, rights, and what is hidden."""
        self.views.settings_changed()
        self.watchers.settings_changed()
        self.pictures.settings_changed()
        self.boards.changed()

    async def stop(self) -> None:
        """End all views, and put on disk what was agreed and done."""
        self.views.stop()
        await self.keeper.flushed()
